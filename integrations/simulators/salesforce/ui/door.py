"""The way into every page of the org: whoever is not logged in is sent to log in first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integrations.simulators.salesforce.forms import read_form
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.ui.html import el, link
from integrations.simulators.salesforce.ui.sessions import COOKIE, Sessions
from integrations.simulators.salesforce.ui.shell import dressed_page
from integrations.simulators.salesforce.ui.visit import ElsewhereError, PageNotFoundError, Visit

Handler = Callable[[Visit], Response]
"""Answers one visit. It never waits, so it is atomic."""


class Door:
    """Opens the pages of one org."""

    def __init__(self, org: Org, sessions: Sessions) -> None:
        self._org = org
        self._sessions = sessions

    def route(self, path: str, handler: Handler, *, changes: bool = False) -> Route:
        """A page; `changes` lets it be posted to."""
        methods = ["GET", "POST"] if changes else ["GET"]
        return Route(path, self._open(handler), methods=methods)

    def action(self, path: str, handler: Handler) -> Route:
        """An address that only changes something."""
        return Route(path, self._open(handler), methods=["POST"])

    def _open(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            form = await read_form(request) if request.method == "POST" else {}
            user = self._sessions.user(request.cookies.get(COOKIE))
            if user is None:
                return _to_login(request)
            visit = Visit(self._org, request, user, form)
            try:
                return handler(visit)
            except ElsewhereError as place:
                return RedirectResponse(place.address, 303)
            except PageNotFoundError as error:
                return _not_found(visit, str(error))

        return endpoint


def _to_login(request: Request) -> Response:
    """What was asked for follows the log-in, unless it was to change something."""
    path = request.url.path
    wanted = f"{path}?{request.url.query}" if request.url.query else path
    start = urlencode({"startURL": wanted}) if request.method == "GET" else ""
    return RedirectResponse(f"/login?{start}", 303)


def _not_found(visit: Visit, words: str) -> Response:
    home = el("p", link(visit.dress.home(), "Go to the home page"))
    body = (el("h1", "This page is not available"), el("p", words), home)
    return dressed_page(visit, "Not available", *body, status=404)
