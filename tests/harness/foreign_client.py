"""simple-salesforce, a client that is not ours, pointed at the simulated org."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce


class _PlainHttp(HTTPAdapter):
    """simple-salesforce insists on https; loopback has none."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


@contextmanager
def foreign_client(url: str, access_token: str) -> Iterator[Any]:
    """The client, signed in with a token that the org at ``url`` issued."""
    with requests.Session() as session:
        secure = url.replace("http://", "https://")
        session.mount(secure, _PlainHttp())
        yield Salesforce(instance_url=secure, session_id=access_token, session=session)
