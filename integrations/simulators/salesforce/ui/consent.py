"""The page on which a user lets an app in, and the one that says why it cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.responses import Response

from integrations.simulators.salesforce.config import OAuthApp
from integrations.simulators.salesforce.grants import OAuthError
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.html import Html, button, el, hidden, post_form
from integrations.simulators.salesforce.ui.shell import plain_page


def consent_page(
    org: Org, app: OAuthApp, scopes: Iterable[str], carried: Mapping[str, str], username: str
) -> Response:
    """Who are you, and may this app act for you? `username` is who it is most likely."""
    users = org.store.find(org.sobject("User"), {"IsActive": 1})
    form = post_form(
        "/services/oauth2/authorize",
        hidden(carried),
        el("fieldset", el("legend", "Log in as"), *(_choice(one, username) for one in users)),
        el(
            "div",
            button("Allow", name="decision", value="allow", class_="main"),
            button("Deny", name="decision", value="deny", formnovalidate=True),
            class_="actions",
        ),
    )
    asks = el("p", el("strong", app.name), " wants to do this in the name of the user:")
    wanted = el("ul", *(el("li", one) for one in scopes))
    return plain_page("Allow access?", org, asks, wanted, form)


def _choice(user: Record, username: str) -> Html:
    is_likely = str(user["Username"]).lower() == username.lower()
    choice = el(
        "input",
        type="radio",
        name="user_id",
        value=str(user["Id"]),
        required=True,
        checked=is_likely,
    )
    return el("label", choice, f" {user['Name']} ", el("small", f"({user['Username']})"))


def oauth_error_page(org: Org, error: OAuthError) -> Response:
    """What never reaches the callback (reference 1.6)."""
    said = f"error={error.error}&error_description={error.description}"
    title = "We can't authorize you because of an OAuth error."
    return plain_page(title, org, el("p", said), status=400)
