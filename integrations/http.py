"""The one factory of outgoing requests (RULES F7).

What every session made here holds to: one deadline for the whole exchange, https only and no
private addresses except where the operator lists them, no redirects, answers of bounded size, no
credentials from the environment, and never a request while a database transaction is open.

What goes wrong comes out as one of our own errors. The line that matters is the first byte: before
it the request was :class:`~integrations.errors.NotSent`; after it a lost answer is
:class:`~integrations.errors.OutcomeUnknown`, except for methods that change nothing. That holds
for a kept-alive connection too: a request on one that the server had already closed may have been
read all the same.
"""

import io
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

import requests
from django.db import connections
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from integrations.errors import (
    NeedsAttention,
    NotSent,
    OutcomeUnknown,
    PatchbayError,
    Unavailable,
)
from integrations.sockets import (
    Exchange,
    GuardedPool,
    GuardedTLSPool,
    exchange,
    is_listed_private,
    tls_context,
)

USER_AGENT = "Patchbay/1"
MAX_ANSWER_BYTES = 32 * 1024 * 1024
_READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

SessionT = TypeVar("SessionT", bound=requests.Session)


class RequestInTransaction(RuntimeError):  # noqa: N818
    """A request was about to be made while a transaction held locks (a bug of ours)."""


def outgoing_session(*, deadline_seconds: float) -> requests.Session:
    """A session under the rules of this module; close it, or use it as a context manager."""
    return guard_session(requests.Session(), deadline_seconds=deadline_seconds)


def guard_session(session: SessionT, *, deadline_seconds: float) -> SessionT:
    """Put a session that some library made under the rules of this module."""
    adapter = _OutgoingAdapter(deadline_seconds)
    session.adapters.clear()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.trust_env = False  # else .netrc may replace our Authorization header
    session.headers["User-Agent"] = USER_AGENT
    return session


def require_no_transaction() -> None:
    """Raise RequestInTransaction while a transaction is open (the wrapper of a test is not one).

    The network takes as long as it likes; rows and, on SQLite, the whole database would stay
    locked meanwhile.
    """
    for connection in connections.all(initialized_only=True):
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise RequestInTransaction("Commit first, then talk to the network (DESIGN 5).")


def check_destination(url: str) -> SplitResult:
    """The parts of ``url`` if it may be called at all; raises NeedsAttention.

    Plain http is for listed private hosts only. Addresses are judged when they are resolved.
    """
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        port = 0
    host = parts.hostname or ""
    if port and host and parts.scheme == "https":
        return parts
    if port and host and parts.scheme == "http" and is_listed_private(host, port):
        return parts
    raise NeedsAttention(
        f"{parts.scheme}://{host} may not be called: only https is.", "DESTINATION_REFUSED"
    )


class _OutgoingAdapter(HTTPAdapter):
    """Sends one request under a deadline and returns the answer with its body already read."""

    def __init__(self, deadline_seconds: float) -> None:
        self._deadline_seconds = deadline_seconds
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=tls_context(), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTLSPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        require_no_transaction()
        check_destination(request.url or "")
        with exchange(self._deadline_seconds) as current:
            try:
                response = super().send(request, stream=True, verify=kwargs.get("verify", True))
                # A library that reads ``content`` later would do so outside the deadline.
                response.raw = io.BytesIO(_read_body(response))
            except (requests.RequestException, HTTPError, OSError) as error:
                raise _as_outcome(request, current, error) from error
            except _AnswerTooLargeError as error:
                raise _lost_answer(request, "the answer was too large") from error
        if response.status_code in _REDIRECTS:
            raise Unavailable(
                f"{_host(request)} answered with a redirect, which is not followed.",
                "REDIRECTED",
                http_status=response.status_code,
            )
        return response


class _AnswerTooLargeError(Exception):
    pass


def _read_body(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.raw.stream(65_536, decode_content=True):
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            response.raw.close()
            raise _AnswerTooLargeError
    return bytes(body)


def _as_outcome(
    request: requests.PreparedRequest, current: Exchange, error: Exception
) -> PatchbayError:
    if current.may_have_left:
        return _lost_answer(request, _reason(error))
    return NotSent(f"{_host(request)} could not be reached: {_reason(error)}.", "NOT_SENT")


def _lost_answer(request: requests.PreparedRequest, reason: str) -> PatchbayError:
    message = f"The answer of {_host(request)} was lost: {reason}."
    if request.method in _READING_METHODS:
        return Unavailable(message, "ANSWER_LOST")
    return OutcomeUnknown(message, "ANSWER_LOST")


def _host(request: requests.PreparedRequest) -> str:
    return urlsplit(request.url or "").netloc


def _reason(error: BaseException) -> str:
    """The innermost cause in its own words: the wrappers around it repeat each other."""
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return (str(error) or type(error).__name__).rstrip(".")
