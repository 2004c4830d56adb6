"""Salesforce's error codes: what each means for us, and what a person can do (salesforce.md 5.2).

A table on purpose: an answer's HTTP status decides little (403 is a limit, a licence or a record's
access), so everything branches on the code. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Verdict(Enum):
    """What follows from an error. Only the first two are worth repeating as they are."""

    RETRY = auto()
    LIMIT = auto()
    RECONNECT = auto()
    CONFIGURATION = auto()
    """The org or the connection's user is set up so that nothing of this kind will work."""
    ATTENTION = auto()
    """This one record is not accepted."""
    INACTIVE_OWNER = auto()
    TARGET_GONE = auto()
    """A record that ours points to was deleted or merged, or was never there."""
    CONVERTED_LEAD = auto()
    DUPLICATE_VALUE = auto()
    INSUFFICIENT_ACCESS = auto()


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """The verdict on one code, and one plain sentence for the person who can act."""

    verdict: Verdict
    advice: str = ""


_ATTENTION = ErrorRule(Verdict.ATTENTION)
_RECORD_TYPE = ErrorRule(
    Verdict.ATTENTION, "Give the connected user's profile a default record type for this object."
)
_OUR_BUG = ErrorRule(
    Verdict.ATTENTION, "Patchbay sent something that Salesforce cannot read; please report it."
)
_WAITS = ErrorRule(Verdict.RETRY, "Nothing to do: Patchbay tries again by itself.")
_CUSTOM_CODE = ErrorRule(
    Verdict.ATTENTION,
    "An automation of your org refused the record; your Salesforce admin can find it by the text.",
)
_NO_ACCESS = ErrorRule(
    Verdict.INSUFFICIENT_ACCESS,
    "Give the connected Salesforce user access to the record, or to all records of its kind.",
)
_FIELD_HIDDEN = ErrorRule(
    Verdict.ATTENTION,
    "Make the field that is named visible and editable for the connected Salesforce user.",
)
_TOO_MUCH = ErrorRule(
    Verdict.ATTENTION,
    "Let the connected Salesforce user see all records (View All Data): without it Salesforce "
    "checks too many of them one by one.",
)
_GONE = ErrorRule(Verdict.TARGET_GONE, "The record that it was filed under no longer exists.")
_ADMIN_OPENS_LOGIN = ErrorRule(
    Verdict.CONFIGURATION,
    "Let the connected user sign in from Patchbay's address at any hour (login IP ranges, hours).",
)

ERROR_RULES: Mapping[str, ErrorRule] = {
    # Sessions and what the user may do at all.
    "INVALID_SESSION_ID": ErrorRule(Verdict.RECONNECT, "Connect Salesforce again."),
    "INVALID_AUTH_HEADER": _OUR_BUG,
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": ErrorRule(
        Verdict.CONFIGURATION, "Set a new password for the connected user in Salesforce."
    ),
    "LOGIN_DURING_RESTRICTED_DOMAIN": _ADMIN_OPENS_LOGIN,
    "LOGIN_DURING_RESTRICTED_TIME": _ADMIN_OPENS_LOGIN,
    "API_DISABLED_FOR_ORG": ErrorRule(
        Verdict.CONFIGURATION,
        "Your Salesforce edition has no API. Enterprise, Unlimited, Performance and Developer "
        "have it, Professional with the API add-on.",
    ),
    "API_CURRENTLY_DISABLED": ErrorRule(
        Verdict.CONFIGURATION, "Give the connected user the permission API Enabled."
    ),
    "FUNCTIONALITY_NOT_ENABLED": ErrorRule(
        Verdict.CONFIGURATION, "Switch on the feature that is named in Salesforce Setup."
    ),
    "INSUFFICIENT_ACCESS": ErrorRule(
        Verdict.CONFIGURATION, "Give the connected user the permission that is missing."
    ),
    "TXN_SECURITY_NO_ACCESS": ErrorRule(
        Verdict.CONFIGURATION, "A transaction security policy of your org blocks Patchbay."
    ),
    "ORG_LOCKED": ErrorRule(Verdict.CONFIGURATION, "Salesforce has locked the org."),
    "TRIAL_EXPIRED": ErrorRule(Verdict.CONFIGURATION, "The trial of the org has ended."),
    "STORAGE_LIMIT_EXCEEDED": ErrorRule(
        Verdict.CONFIGURATION, "The org's storage is full: delete records or buy storage."
    ),
    "UNSUPPORTED_API_VERSION": ErrorRule(
        Verdict.CONFIGURATION, "Salesforce has retired this API version: choose a newer one."
    ),
    "INVALID_TYPE": ErrorRule(
        Verdict.CONFIGURATION, "Give the connected user access to the object that is named."
    ),
    # Limits and passing trouble.
    "REQUEST_LIMIT_EXCEEDED": ErrorRule(
        Verdict.LIMIT, "The org's API requests of 24 hours are used up; writing goes on later."
    ),
    "LIMIT_EXCEEDED": ErrorRule(Verdict.LIMIT, "A limit of the org is reached."),
    "UNABLE_TO_LOCK_ROW": _WAITS,
    "SERVER_UNAVAILABLE": _WAITS,
    "UNKNOWN_EXCEPTION": _WAITS,
    "QUERY_TIMEOUT": _WAITS,
    "REQUEST_RUNNING_TOO_LONG": _WAITS,
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": _WAITS,
    "INVALID_QUERY_LOCATOR": _WAITS,  # the next try begins the query anew
    "TXN_SECURITY_METERING_ERROR": _WAITS,
    "TXN_SECURITY_APEX_ERROR": _WAITS,
    "TXN_SECURITY_RUNTIME_ERROR": _WAITS,
    "PROCESSING_HALTED": _WAITS,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": _WAITS,
    "BATCH_PROCESSING_HALTED": _WAITS,
    "ENTITY_IS_LOCKED": ErrorRule(
        Verdict.ATTENTION, "The record waits for an approval; try again when that is done."
    ),
    # What the record points to, and who may touch it.
    "INACTIVE_OWNER_OR_USER": ErrorRule(
        Verdict.INACTIVE_OWNER, "The owner is no longer active in Salesforce: link the member anew."
    ),
    "INVALID_CROSS_REFERENCE_KEY": _GONE,
    "ENTITY_IS_DELETED": _GONE,
    "NOT_FOUND": _GONE,
    "CANNOT_UPDATE_CONVERTED_LEAD": ErrorRule(
        Verdict.CONVERTED_LEAD, "The lead was converted: file it under the contact."
    ),
    "DUPLICATE_VALUE": ErrorRule(
        Verdict.DUPLICATE_VALUE, "Another record holds this value already."
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": _NO_ACCESS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _NO_ACCESS,
    "TRANSFER_REQUIRES_READ": ErrorRule(
        Verdict.INACTIVE_OWNER, "The owner may not read records of this kind."
    ),
    # What is in the record.
    # Said of a trigger that fails, and of a kind of record that the user may not write at all.
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": ErrorRule(
        Verdict.ATTENTION,
        "Run the preflight: the connected user may lack the right to write this kind of record. "
        "If nothing is missing, a trigger refused it; your Salesforce admin can find it by the "
        "text.",
    ),
    "CANNOT_EXECUTE_FLOW_TRIGGER": _CUSTOM_CODE,
    "APEX_ERROR": _CUSTOM_CODE,
    "SELF_REFERENCE_FROM_TRIGGER": _CUSTOM_CODE,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": ErrorRule(
        Verdict.ATTENTION,
        "Do what the rule's own text asks, or have a Salesforce admin change the rule.",
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": _CUSTOM_CODE,
    "FIELD_INTEGRITY_EXCEPTION": ErrorRule(
        Verdict.ATTENTION,
        "Look at the field that is named: the record that it points to, or a value of the org's "
        "own, does not fit the rest.",
    ),
    "REQUIRED_FIELD_MISSING": ErrorRule(
        Verdict.ATTENTION,
        "Your org requires a field that Patchbay does not fill: give it a default in Salesforce.",
    ),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": ErrorRule(
        Verdict.ATTENTION, "Add the value to the picklist that is named, or lift its restriction."
    ),
    "DUPLICATES_DETECTED": ErrorRule(
        Verdict.ATTENTION, "A duplicate rule of your org found a similar record."
    ),
    "DUPLICATE_EXTERNAL_ID": ErrorRule(
        Verdict.ATTENTION, "Several records hold the same value: merge or correct them."
    ),
    "INVALID_EMAIL_ADDRESS": ErrorRule(
        Verdict.ATTENTION, "Correct the address where it was typed."
    ),
    "INVALID_FIELD": _FIELD_HIDDEN,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _FIELD_HIDDEN,
    "UNAVAILABLE_RECORDTYPE_EXCEPTION": _RECORD_TYPE,
    "NUMBER_OUTSIDE_VALID_RANGE": _OUR_BUG,
    "STRING_TOO_LONG": _OUR_BUG,
    "INVALID_TYPE_FOR_OPERATION": _OUR_BUG,
    "INVALID_ID_FIELD": _OUR_BUG,
    "INVALID_QUERY_FILTER_OPERATOR": _OUR_BUG,
    "QUERY_TOO_COMPLICATED": _TOO_MUCH,
    "OPERATION_TOO_LARGE": _TOO_MUCH,
    "ILLEGAL_QUERY_PARAMETER_VALUE": _OUR_BUG,
    "INVALID_BATCH_SIZE": _OUR_BUG,
    "INVALID_REPLICATION_DATE": _OUR_BUG,
    "MALFORMED_QUERY": _OUR_BUG,
    "MALFORMED_SEARCH": _OUR_BUG,
    "INVALID_SEARCH": _OUR_BUG,
    "MALFORMED_ID": _OUR_BUG,
    "JSON_PARSER_ERROR": _OUR_BUG,
    "EXCEEDED_ID_LIMIT": _OUR_BUG,
    "METHOD_NOT_ALLOWED": _OUR_BUG,
}

#: Codes of a transaction that Salesforce began and may have committed when it broke.
_POSSIBLY_DONE = frozenset({"UNKNOWN_EXCEPTION", "QUERY_TIMEOUT", "REQUEST_RUNNING_TOO_LONG"})

#: One code, several meanings: a part of the message that settles it.
_BY_MESSAGE: tuple[tuple[str, str, ErrorRule], ...] = (
    (
        "INVALID_SESSION_ID",
        "not valid for use with the rest api",
        ErrorRule(
            Verdict.CONFIGURATION,
            "Let the Salesforce app grant the scope api, then connect again.",
        ),
    ),
    (
        "REQUEST_LIMIT_EXCEEDED",
        "concurrent",
        ErrorRule(Verdict.RETRY, "Too many long requests ran at once in the org."),
    ),
    (
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "converted lead",
        ErrorRule(Verdict.CONVERTED_LEAD, "The lead was converted: file it under the contact."),
    ),
    ("INVALID_CROSS_REFERENCE_KEY", "record type", _RECORD_TYPE),
)


def rule_for(code: str, message: str = "") -> ErrorRule:
    """The rule for an error; codes that nobody listed need a person."""
    said = message.lower()
    for known, part, rule in _BY_MESSAGE:
        if code == known and part in said:
            return rule
    return ERROR_RULES.get(code, _ATTENTION)


def classify(code: str, message: str = "") -> Verdict:
    """What follows from an error that Salesforce gave by ``code`` and ``message``."""
    return rule_for(code, message).verdict


def advice_for(code: str, message: str = "") -> str:
    """What a person can do about it, in one sentence; empty where Salesforce's text must do."""
    return rule_for(code, message).advice


def says_not_done(code: str) -> bool:
    """Whether this code, even on a 5xx answer, states that nothing was written."""
    return code in ERROR_RULES and code not in _POSSIBLY_DONE
