"""What can be switched: one form for each action of the outside world, by topic.

The actions themselves are described in `actions`, `access_actions`, `rule_actions` and
`oauth_actions`; a form only collects their arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from integrations.simulators.faults import KINDS
from integrations.simulators.salesforce.access import (
    ADMIN_PERMISSIONS,
    OPERATIONS,
    USER_PERMISSIONS,
)
from integrations.simulators.salesforce.editions import EDITIONS
from integrations.simulators.salesforce.error_catalogue import ERRORS
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.record_access import LEVELS

Options = Callable[[Org], Sequence[str]]


@dataclass(frozen=True)
class Input:
    """One argument. `kind`: text, number, flag (yes or no), words (with commas), several (of the
    options), user (one, or all of a profile), whom (the same, or everybody). An empty one is not
    passed on."""

    name: str
    label: str
    kind: str = "text"
    options: Options | None = None
    hint: str = ""


@dataclass(frozen=True)
class SwitchForm:
    """A form around an action. `verb` is on its button, where it is not just "Apply"."""

    action: str
    title: str
    about: str
    inputs: Sequence[Input] = ()
    verb: str = ""


def _always(*options: str) -> Options:
    return lambda org: options


def _objects(org: Org) -> Sequence[str]:
    return sorted(one.name for one in org.schema.objects.values() if one.createable)


def _usernames(org: Org) -> Sequence[str]:
    rows = org.store.rows('SELECT Username FROM "User" ORDER BY Id LIMIT 100')
    return [str(row["Username"]) for row in rows]


def _statuses(org: Org) -> Sequence[str]:
    rows = org.store.rows("SELECT ApiName FROM TaskStatus ORDER BY SortOrder")
    return [str(row["ApiName"]) for row in rows]


_SOBJECT = Input("sobject", "Object", options=_objects)
_ANY_OBJECT = Input("sobject", "Object", options=lambda org: ["", *_objects(org)])
_FIELD = Input("field", "Field", hint="API name, such as Description")
_WHOM = Input("username", "Of", "whom", _usernames)
_ANYBODY = Input("username", "Of", options=lambda org: ["", *_usernames(org)])
_USER = Input("username", "User", options=_usernames)
_YES, _NO, _AS_IT_IS = _always("yes", "no"), _always("no", "yes"), _always("", "yes", "no")
_ON = Input("on", "On", "flag", _YES)
_TIMES = Input("times", "How often", "number", hint="empty: until it is taken back")
_STATUS = Input("status", "HTTP status", "number", hint="empty: the usual one")
_CODE = Input("code", "Error code", options=_always(*sorted(ERRORS)))
_MESSAGE = Input("message", "Message", hint="empty: the usual one")

ORG_FORMS = (
    SwitchForm(
        "set-edition",
        "Edition",
        "Decides whether there is an API, and how many requests it takes in 24 hours.",
        (
            Input("edition", "Edition", options=_always(*EDITIONS)),
            Input("licences", "Licences", "number"),
            Input("api_add_on", "API add-on", "flag", _NO, hint="of Professional Edition"),
            Input("is_sandbox", "Sandbox", "flag", _NO),
        ),
    ),
    SwitchForm(
        "set-limit",
        "API requests of 24 hours",
        "Every call of the API counts; beyond the maximum all are refused.",
        (Input("maximum", "Maximum", "number"), Input("used", "Used", "number")),
    ),
    SwitchForm(
        "set-state-picklists",
        "State and country picklists",
        "Addresses take only places that are on the lists.",
        (_ON,),
    ),
    SwitchForm(
        "rename-status",
        "Values of Task Status",
        "What is renamed changes for new tasks.",
        (Input("from", "Value", options=_statuses), Input("to", "New name")),
    ),
    SwitchForm(
        "set-index-lag",
        "Search index",
        "Search does not know at once what was written.",
        (
            Input("seconds", "Seconds behind", "number"),
            Input("raw_tokens_only", "Only words of phone numbers", "flag", _AS_IT_IS),
            Input("national_digits", "Also without country code", "flag", _AS_IT_IS),
        ),
    ),
)
PERMISSION_FORMS = (
    SwitchForm(
        "set-permission",
        "Permission",
        "API Enabled, View All Data and the like.",
        (
            Input("username", "Of", "user", _usernames),
            Input(
                "permission",
                "Permission",
                options=_always(*USER_PERMISSIONS, *ADMIN_PERMISSIONS),
            ),
            _ON,
        ),
    ),
    SwitchForm(
        "restrict-object",
        "Take away operations on an object",
        "Without read it is not there at all.",
        (_SOBJECT, Input("lost", "Operations", "several", _always(*OPERATIONS)), _WHOM),
    ),
    SwitchForm(
        "restrict-field",
        "Hide a field or make it read-only",
        "Field-level security.",
        (_SOBJECT, _FIELD, Input("hidden", "Hidden", "flag", _YES, hint="no: read-only"), _WHOM),
    ),
    SwitchForm(
        "restrict-record",
        "Access to one record",
        "Sharing.",
        (
            Input("id", "Record id", hint="18 characters"),
            Input("level", "Level", options=_always(*LEVELS)),
            _WHOM,
        ),
    ),
    SwitchForm(
        "set-activity-sharing",
        "Sharing of tasks and events",
        "Private: whoever sees what they are about may only read them.",
        (Input("private", "Private", "flag", _YES),),
    ),
    SwitchForm("deactivate-user", "Deactivate a user", "They own what they own.", (_USER,)),
    SwitchForm("lift-restrictions", "Lift all restrictions", "Everything is open again."),
)
RULE_FORMS = (
    SwitchForm(
        "add-validation-rule",
        "Validation rule",
        "Refuses a record of which the condition is true.",
        (
            _SOBJECT,
            Input("when", "Condition", hint="as in SOQL: Phone = null OR Phone LIKE '%x%'"),
            Input("message", "Message"),
            Input("field", "Shown at field", hint="API name; empty: at the top of the page"),
        ),
    ),
    SwitchForm(
        "add-duplicate-rule",
        "Duplicate rule",
        "Compares new records with those that are there.",
        (
            _SOBJECT,
            Input("fields", "Fields", "words", hint="API names with commas: Email, Phone"),
            Input("blocks", "Blocks", "flag", _NO, hint="no: it only alerts"),
        ),
    ),
    SwitchForm("require-field", "Required field", "Old records too.", (_SOBJECT, _FIELD)),
    SwitchForm(
        "set-assignment-rule",
        "Assignment rule",
        "Chooses the owner of what the API saves.",
        (
            Input("sobject", "Object", options=_always("Case", "Lead")),
            _USER,
        ),
    ),
    SwitchForm(
        "lock-record",
        "Lock a record",
        "As if another transaction held it (UNABLE_TO_LOCK_ROW).",
        (Input("id", "Record id", hint="18 characters"), _TIMES, _STATUS),
    ),
    SwitchForm("unlock-record", "Unlock a record", "", (Input("id", "Record id"),)),
    SwitchForm(
        "refuse",
        "Refuse an operation",
        "With any error, whatever the record says.",
        (
            _SOBJECT,
            Input("operation", "Operation", options=_always("create", "update", "delete")),
            _CODE,
            _MESSAGE,
            _TIMES,
            _STATUS,
        ),
    ),
    SwitchForm(
        "fail-requests",
        "Fail every call of the API",
        "With any error. The pages go on.",
        (_CODE, _MESSAGE, _TIMES, _STATUS),
    ),
    SwitchForm(
        "allow",
        "Switch rules off",
        "Of one object, or (empty) of all of them.",
        (_ANY_OBJECT,),
        verb="Switch rules off",
    ),
)
SIGN_IN_FORMS = (
    SwitchForm("set-rotation", "Rotate refresh tokens", "A new one at each use.", (_ON,)),
    SwitchForm(
        "set-token-life",
        "Life of tokens",
        "",
        (
            Input("session_seconds", "Session, seconds", "number"),
            Input("refresh_idle_seconds", "Idle refresh token, seconds", "number"),
        ),
    ),
    SwitchForm(
        "let-time-pass",
        "Let time pass",
        "For tokens only.",
        (Input("seconds", "Seconds", "number"),),
    ),
    SwitchForm("expire-access-tokens", "End sessions of programs", "", (_ANYBODY,)),
    SwitchForm("revoke-grant", "Take back what was allowed", "", (_ANYBODY,)),
    SwitchForm("set-app-installed", "Connected app installed", "Off: none can log in.", (_ON,)),
    SwitchForm("set-id-token", "Hand out id tokens", "", (_ON,)),
    SwitchForm("lock-org", "Org suspended", "No tokens and no data.", (_ON,)),
    SwitchForm(
        "move-org",
        "Move the org",
        "New tokens name the new address.",
        (Input("url", "Address", hint="http://127.0.0.1:8010"),),
    ),
    SwitchForm(
        "refuse-tokens",
        "Refuse at the token address",
        "",
        (
            Input("error", "Error", hint="invalid_grant"),
            Input("description", "Description"),
            _STATUS,
            _TIMES,
        ),
    ),
)
FAULT_FORMS = (
    SwitchForm(
        "add-fault",
        "Something goes wrong on the way",
        "before: not carried out, no answer. after: carried out, no answer. late: no answer, "
        "carried out later. delay: the answer comes late. cut: half an answer. status: another "
        "answer.",
        (
            Input("fault", "What", options=_always(*KINDS)),
            Input("method", "Method", options=_always("", "GET", "POST", "PATCH", "DELETE")),
            Input("path", "Path", hint="regular expression: /composite/sobjects$"),
            Input("status", "HTTP status", "number"),
            Input("body", "Body", hint="of the fault status"),
            Input("seconds", "Seconds", "number", hint="of late and delay"),
            Input("times", "How often", "number"),
            Input("share", "Or share", "number", hint="0 to 1"),
        ),
    ),
    SwitchForm("lift-faults", "Lift all faults", "Everything works again."),
)
RESET_FORM = SwitchForm(
    "reset",
    "Start anew",
    "Data, tokens, switches, faults and the request log go back to how they began. Everybody is "
    "logged out.",
)
TOPICS: Mapping[str, tuple[str, Sequence[SwitchForm]]] = {
    "org": ("Company", (*ORG_FORMS, RESET_FORM)),
    "permissions": ("Permissions", PERMISSION_FORMS),
    "rules": ("Rules", RULE_FORMS),
    "sign-in": ("Sign-in", SIGN_IN_FORMS),
    "faults": ("Faults", FAULT_FORMS),
    "requests": ("Request log", ()),
}
"""Title and forms of each page of Setup."""
