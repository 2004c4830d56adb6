"""What to do when connecting did not work, by the code of the failure (E4).

The failure's own message says what happened. Several failures never come back to us at all:
``LOST_AT_SALESFORCE`` lists what the person sees instead (salesforce.md 1.6).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Remedy:
    """What Patchbay did by itself, and what the person can do."""

    patchbay: str | Promise
    person: str | Promise


_NOTHING = _("Patchbay stored nothing, and gave back what Salesforce had granted.")
_UNCHANGED = _("Patchbay changed nothing: what was connected before stands as it was.")
_ASK_ADMIN = _("Ask a Salesforce admin of your org, then try again here.")

_DEFAULT = Remedy(
    _NOTHING, _("Try again. If it stays like that, show this to your Salesforce admin.")
)

REMEDIES: dict[str, Remedy] = {
    "access_denied": Remedy(
        _NOTHING, _("If that was a slip, try again and choose Allow. Check the user name there.")
    ),
    "STATE_USED": Remedy(
        _UNCHANGED,
        _("It was finished already, in another tab or before a reload. See below how it stands."),
    ),
    "STATE_EXPIRED": Remedy(
        _NOTHING, _("An approval must be finished within 15 minutes. Start again.")
    ),
    "CLOCK_WRONG": Remedy(
        _NOTHING,
        _("Ask the operator of this installation to set its servers’ clocks, then try again."),
    ),
    "NOT_REPLACED": Remedy(
        _UNCHANGED, _("Sign in as the user that is connected, or use Replace if you mean it.")
    ),
    "OTHER_ORG": Remedy(
        _("Patchbay gave back what Salesforce had granted."),
        _(
            "Sign in to the organisation that this workspace worked with. If you mean the other "
            "one, use “Connect another organisation”, which asks what becomes of what waits."
        ),
    ),
    "TAKEN_BY_ANOTHER_MEMBER": Remedy(
        _UNCHANGED, _("Use a Salesforce user made for Patchbay, or have that member disconnect.")
    ),
    "NO_REFRESH_TOKEN": Remedy(
        _NOTHING, _("Add the scope refresh_token to the app in Salesforce Setup, then try again.")
    ),
    "WRONG_HOST": Remedy(
        _NOTHING, _("Choose the right host under Salesforce app, or sign in to the right org.")
    ),
    "EDITION": Remedy(
        _NOTHING,
        _("Connect an org of another edition, or add the API to this one with Salesforce."),
    ),
    "API_DISABLED_FOR_ORG": Remedy(
        _NOTHING,
        _("Connect an org of another edition, or add the API to this one with Salesforce."),
    ),
    "API_CURRENTLY_DISABLED": Remedy(
        _NOTHING,
        _(
            "A Salesforce admin gives this user the permission “API Enabled” in Setup → Users → "
            "Permission Sets; the permission set for the Sync User under Downloads holds it."
        ),
    ),
    "UNSUPPORTED_API_VERSION": Remedy(
        _NOTHING, _("Choose a newer API version below; Check org lists what your org offers.")
    ),
    "INVALID_SESSION_ID": Remedy(
        _NOTHING, _("Add the scope api to the app in Salesforce Setup, then try again.")
    ),
    "invalid_client_id": Remedy(
        _NOTHING,
        _("Check the consumer key under Salesforce app. A new app takes up to ten minutes."),
    ),
    "invalid_client": Remedy(
        _NOTHING, _("Check the consumer secret under Salesforce app, then try again.")
    ),
    "invalid_scope": Remedy(
        _NOTHING, _("Give the app the scopes api, refresh_token, id and openid, then try again.")
    ),
    "redirect_uri_mismatch": Remedy(
        _NOTHING, _("List the callback address in the app exactly as Salesforce app shows it.")
    ),
    "invalid_app_access": Remedy(_NOTHING, _ASK_ADMIN),
    "invalid_grant": Remedy(_NOTHING, _ASK_ADMIN),
    "NOT_SALESFORCE": Remedy(
        _NOTHING, _("Patchbay sends tokens to Salesforce’s own hosts alone. Check the host.")
    ),
}

#: What people see at Salesforce, what it means and what to do.
LOST_AT_SALESFORCE: tuple[tuple[str | Promise, str | Promise], ...] = (
    (
        _("You closed the page, or it still waits for Allow"),
        _("Start again; an approval that is not finished ends by itself."),
    ),
    (
        "OAUTH_APPROVAL_ERROR_GENERIC, app must be installed into org",
        _(
            "The app is not installed in the org: a Salesforce admin installs it in Setup → "
            "Connected Apps OAuth Usage, or gives you “Approve Uninstalled Connected Apps”. A user "
            "who may only use the API cannot sign in by browser: choose another one."
        ),
    ),
    (
        "invalid_client_id",
        _("The consumer key is wrong, or the app is younger than ten minutes."),
    ),
    (
        "redirect_uri_mismatch",
        _("The app must list exactly the callback address that Salesforce app shows."),
    ),
    (
        "missing required code challenge",
        _("Something between here and Salesforce drops parts of the address. Start again here."),
    ),
    (
        _("Your login attempt has failed, or the user is unknown"),
        _(
            "The host is wrong: sandboxes sign in at test.salesforce.com or at their My Domain, "
            "production at login.salesforce.com. Change it under Salesforce app."
        ),
    ),
    (
        _("Login is refused at this hour or from this network"),
        _("The user’s profile restricts login hours or IP ranges; a Salesforce admin changes it."),
    ),
    (
        _("Salesforce asks for a code that nobody receives"),
        _("The user’s mail address or authenticator is somebody else’s: use a user you hold."),
    ),
)


def find_remedy(code: str) -> Remedy:
    """What to do about a failure; general advice for codes that nobody listed."""
    return REMEDIES.get(code, _DEFAULT)
