"""Before anything else: what this org is, logging in and out, and the choice of the dress."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integrations.simulators.salesforce.forms import read_form
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.ui.door import Door
from integrations.simulators.salesforce.ui.dress import CLASSIC, DRESSES
from integrations.simulators.salesforce.ui.html import (
    Html,
    button,
    el,
    hidden,
    join,
    link,
    notice,
    post_form,
)
from integrations.simulators.salesforce.ui.sessions import COOKIE, Sessions
from integrations.simulators.salesforce.ui.shell import SETUP, plain_page, user_buttons
from integrations.simulators.salesforce.ui.visit import Visit, safe_path

WRONG = "User name or password is wrong. The start page of this simulated org has both."


class Start:
    """The pages of one org that ask nobody to be logged in."""

    def __init__(self, org: Org, sessions: Sessions, door: Door) -> None:
        self._org = org
        self._sessions = sessions
        self._door = door

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/", self.explain),
            Route("/login", self.login, methods=["GET", "POST"]),
            Route("/secur/logout.jsp", self.log_out, methods=["POST"]),
            self._door.route("/lightning", go_home),
            self._door.action("/_ui/preference", choose_dress),
        ]

    async def explain(self, request: Request) -> Response:
        """What a stranger needs to know."""
        user = self._sessions.user(request.cookies.get(COOKIE))
        return plain_page("A Salesforce org to try things with", self._org, *self._words(user))

    def _words(self, user: object) -> Iterator[Html]:
        yield el(
            "p",
            "Salesforce is where a company keeps its customers: accounts (companies), contacts "
            "(people there), leads (people who may become customers), and tasks and events, which "
            "say what was done with them. This is a made-up company on this computer. It speaks "
            "the same language as the real one, so that programs can be tried without harm.",
        )
        password = join(["Everybody's password is ", el("code", self._org.config.password), "."])
        if user is not None:
            yield el("p", link("/lightning", "Continue to the org", class_="button main"))
        yield el("h2", "Log in as")
        yield el("div", user_buttons(self._org, "/lightning"), class_="users")
        yield el("p", password, " ", link("/login", "Log in with user name and password"))
        yield el("h2", "Behind the scenes")
        yield el(
            "ul",
            el("li", link(SETUP, "Setup"), ": permissions, rules, limits, faults, request log"),
            el("li", "Programs log in at ", el("code", "/services/oauth2/authorize")),
            el("li", "They find the data at ", link("/services/data", "/services/data")),
        )

    async def login(self, request: Request) -> Response:
        """User name and password."""
        if request.method != "POST":
            return self._login_page(dict(request.query_params))
        form = await read_form(request)
        token = self._sessions.log_in(form.get("un", ""), form.get("pw", ""))
        if token is None:
            return self._login_page(form, notice(WRONG, "error"))
        return with_session(RedirectResponse(_after(form.get("startURL")), 303), token)

    def _login_page(self, given: dict[str, str], problem: Html | None = None) -> Response:
        start = given.get("startURL", "")
        form = post_form(
            "/login",
            hidden({"startURL": start}),
            _line("un", "Username", "username", given.get("un", ""), type="text"),
            _line("pw", "Password", "current-password", "", type="password"),
            button("Log In", class_="main"),
            class_="editor",
        )
        users = el("div", user_buttons(self._org, start), class_="users")
        password = el("p", "The password is ", el("code", self._org.config.password), ".")
        body = (problem, form, password, el("h2", "Or with one click"), users)
        return plain_page("Log In", self._org, *body)

    async def log_out(self, request: Request) -> Response:
        """End the session."""
        self._sessions.end(request.cookies.get(COOKIE))
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer


def _line(name: str, label: str, purpose: str, value: str, *, type: str) -> Html:  # noqa: A002
    entry = el("input", id=name, name=name, type=type, value=value, autocomplete=purpose)
    return el("div", el("label", label, for_=name), entry, class_="entry")


def _after(start_url: str | None) -> str:
    return safe_path(start_url, "/lightning")


def with_session(answer: Response, token: str) -> Response:
    """The same answer, which logs its browser in."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax")
    return answer


def go_home(visit: Visit) -> Response:
    """The home page of the user's dress."""
    return RedirectResponse(visit.dress.home(), 303)


def choose_dress(visit: Visit) -> Response:
    """Lightning or Classic, as a preference of the user."""
    dress = DRESSES.get(visit.form.get("dress", ""), visit.dress)
    choice = {"UserPreferencesLightningExperiencePreferred": int(dress is not CLASSIC)}
    visit.org.store.update(visit.org.sobject("User"), visit.user_id, choice)
    return RedirectResponse(_after(visit.form.get("startURL")), 303)
