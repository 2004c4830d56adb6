"""What is around every page: the head, the two dresses, and the plain frame before the log-in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.dress import CLASSIC, DRESSES, LIGHTNING
from integrations.simulators.salesforce.ui.html import (
    Html,
    button,
    el,
    hidden,
    join,
    link,
    post_form,
)
from integrations.simulators.salesforce.ui.layouts import title_of
from integrations.simulators.salesforce.ui.visit import Visit
from integrations.simulators.salesforce.viewed import recently_viewed

TABS = ("Account", "Contact", "Lead", "Opportunity", "Case", "Task", "Event", "Campaign")
SETUP = "/_sim/setup"
SEARCH = "/_ui/search"
RECYCLE_BIN = "/_ui/recycle-bin"
MAX_USERS = 20

_STYLE = Path(__file__).parent / "static" / "pages.css"
_STYLE_ADDRESS = "/_sim/pages.css"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


def style_route() -> Route:
    """Where the style sheet is, below the controls: no fault takes it away."""

    async def style(request: Request) -> Response:
        return Response(_STYLE.read_bytes(), media_type="text/css")

    return Route(_STYLE_ADDRESS.removeprefix("/_sim"), style)


def document(
    title: str, org: Org, look: str, *body: Html | None, status: int = 200
) -> HTMLResponse:
    """A whole page; `look` names its style."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("link", rel="icon", href="data:,"),
        el("link", rel="stylesheet", href=_STYLE_ADDRESS),
        el("title", f"{title} | {org.config.name}"),
    )
    skip = link("#main", "Skip to the page", class_="skip")
    whole = el("html", head, el("body", skip, *body, class_=look), lang="en")
    return HTMLResponse(f"<!doctype html>\n{whole}", status, headers=_HEADERS)


def plain_page(
    title: str, org: Org, *body: Html | None, status: int = 200, wide: bool = False
) -> HTMLResponse:
    """A page outside of the two dresses, with its heading."""
    brand = link("/", org.config.name, class_="brand")
    header = el("header", brand, el("span", "a simulated Salesforce org", class_="faint"))
    main = el("main", el("h1", title), *body, id="main", class_="wide" if wide else "card")
    return document(title, org, "plain", header, main, status=status)


def dressed_page(visit: Visit, title: str, *body: Html | None, status: int = 200) -> HTMLResponse:
    """A page of the org in the dress that the visitor prefers."""
    main = el("main", *body, id="main")
    if visit.dress is CLASSIC:
        side = el("aside", _search(visit), _recent(visit), _bin_link(), aria_label="Sidebar")
        parts = [_bar(visit, None), _tabs(visit), el("div", side, main, class_="columns")]
    else:
        parts = [_bar(visit, _search(visit)), _tabs(visit), main]
    return document(title, visit.org, visit.dress.name, *parts, status=status)


def _bar(visit: Visit, search: Html | None) -> Html:
    brand = link(visit.dress.home(), visit.org.config.name, class_="brand")
    tools = el("nav", link(SETUP, "Setup"), _user_menu(visit), class_="tools", aria_label="You")
    return el("header", brand, search, tools)


def _search(visit: Visit) -> Html:
    field = el(
        "input",
        type="search",
        name="str",
        aria_label="Search all objects",
        placeholder="Search...",
        value=visit.query.get("str", ""),
    )
    return el("form", field, button("Search"), action=SEARCH, role="search")


def _tabs(visit: Visit) -> Html:
    here = visit.request.url.path
    seen = [one for name in TABS if (one := visit.schema.find(name)) is not None]
    places = [(visit.dress.home(), "Home")]
    places += [(visit.dress.list(one), one.label_plural) for one in seen]
    tabs = [link(to, text, aria_current="page" if to == here else None) for to, text in places]
    return el("nav", *tabs, class_="tabs", aria_label="Objects")


def _recent(visit: Visit) -> Html:
    return el("section", el("h2", "Recent Items"), recent_list(visit))


def recent_list(visit: Visit) -> Html:
    """Links to what the visitor opened last."""
    found = [visit.target(one) for one in recently_viewed(visit.org, visit.user_id)]
    items = [_recent_item(visit, *target) for target in found if target is not None]
    nothing = el("p", "What you open is listed here.", class_="faint")
    return el("ul", *items, class_="recent") if items else nothing


def _recent_item(visit: Visit, sobject: SObject, row: Record) -> Html:
    address = visit.dress.view(sobject, str(row["Id"]))
    label = el("span", sobject.label, class_="faint")
    return el("li", link(address, title_of(sobject, row)), " ", label)


def _bin_link() -> Html:
    return el("p", link(RECYCLE_BIN, "Recycle Bin"))


def _user_menu(visit: Visit) -> Html:
    here = visit.request.url.path if not visit.is_post else ""
    other = LIGHTNING if visit.dress is CLASSIC else CLASSIC
    switch = post_form(
        "/_ui/preference",
        hidden({"dress": other.name, "startURL": here}),
        button(f"Switch to {DRESSES[other.name].label}"),
    )
    out = post_form("/secur/logout.jsp", button("Log Out"))
    users = user_buttons(visit.org, here, leave_out=visit.user_id)
    menu = el(
        "div",
        el("p", link(visit.dress.view(visit.org.sobject("User"), visit.user_id), "My profile")),
        switch,
        el("p", "Become somebody else:", class_="faint"),
        users,
        el("p", link(RECYCLE_BIN, "Recycle Bin")),
        out,
    )
    return el("details", el("summary", str(visit.user["Name"])), menu, class_="menu")


def user_buttons(org: Org, start_url: str, leave_out: str = "") -> Html:
    """Buttons that log in as one of the users, with the password that all of them have."""
    users = org.store.rows(
        'SELECT Id, Name, Username FROM "User" WHERE IsActive = 1 ORDER BY Id LIMIT ?', [MAX_USERS]
    )
    return join(_user_button(org, row, start_url) for row in users if row["Id"] != leave_out)


def _user_button(org: Org, row: Sequence[str], start_url: str) -> Html:
    _, name, username = row
    given = {"un": username, "pw": org.config.password, "startURL": start_url}
    return post_form("/login", hidden(given), button(f"{name} ({username})"))
