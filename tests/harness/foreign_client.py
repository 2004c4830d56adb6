"""simple-salesforce, a client that is not ours, pointed at the simulated org."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

MY_DOMAIN = "acme.my"
"""What simple-salesforce calls the org; it puts `.salesforce.com` behind it by itself."""


class _PlainHttp(HTTPAdapter):
    """simple-salesforce insists on https, and for sign-in on Salesforce's domain; loopback has
    neither."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        _, _, _, path = (request.url or "").split("/", 3)
        request.url = f"{self._url}/{path}"
        return super().send(request, *args, **kwargs)


@contextmanager
def foreign_client(url: str, access_token: str) -> Iterator[Any]:
    """The client, signed in with a token that the org at ``url`` issued."""
    with _session(url) as session:
        secure = url.replace("http://", "https://")
        yield Salesforce(instance_url=secure, session_id=access_token, session=session)


@contextmanager
def foreign_server(url: str, consumer_key: str, consumer_secret: str) -> Iterator[Any]:
    """The client, which signs in by itself as an app, and again when its session ends."""
    with _session(url) as session:
        yield Salesforce(
            consumer_key=consumer_key,
            consumer_secret=consumer_secret,
            domain=MY_DOMAIN,
            session=session,
        )


@contextmanager
def _session(url: str) -> Iterator[requests.Session]:
    with requests.Session() as session:
        adapter = _PlainHttp(url)
        session.mount(url.replace("http://", "https://"), adapter)
        session.mount(f"https://{MY_DOMAIN}.salesforce.com", adapter)
        yield session
