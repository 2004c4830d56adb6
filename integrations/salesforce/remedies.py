"""Salesforce's errors in plain words: what happened, and what a person can do (PLUS-09, MIX-27).

What follows by itself stands in ``errors`` (the verdict) and is told by the state of the write.
An error that nobody listed is shown in Salesforce's own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.salesforce.errors import Verdict, advice_for, classify

_OUR_BUG = gettext_lazy("Salesforce could not read what Patchbay sent.")
_PARTNER_FAILED = gettext_lazy("Another record of the same request failed, so this one was undone.")
_POLICY_FAILED = gettext_lazy("A transaction security policy of the org could not be evaluated.")
_TOO_MUCH = gettext_lazy("The question was too big for what the connected user may see.")
_FIELD_CLOSED = gettext_lazy("The connected user may not write, or not even see, a field.")
_TARGET_GONE = gettext_lazy("The record that it was to be filed under no longer exists.")

#: What happened, by code. Every code of ``errors.ERROR_RULES`` is here; a test compares.
CAUSES: Mapping[str, str | Promise] = {
    # Sessions and what the user may do at all.
    "INVALID_SESSION_ID": gettext_lazy("Salesforce did not accept the session."),
    "INVALID_AUTH_HEADER": _OUR_BUG,
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": gettext_lazy(
        "The password of the connected Salesforce user has expired."
    ),
    "LOGIN_DURING_RESTRICTED_DOMAIN": gettext_lazy(
        "The connected user may not sign in from Patchbay's address."
    ),
    "LOGIN_DURING_RESTRICTED_TIME": gettext_lazy(
        "The connected user may not sign in at this hour."
    ),
    "API_DISABLED_FOR_ORG": gettext_lazy("This Salesforce edition has no API."),
    "API_CURRENTLY_DISABLED": gettext_lazy("The connected user may not use the API."),
    "FUNCTIONALITY_NOT_ENABLED": gettext_lazy("A feature is switched off in the org."),
    "INSUFFICIENT_ACCESS": gettext_lazy("The connected user lacks a permission."),
    "TXN_SECURITY_NO_ACCESS": gettext_lazy("A transaction security policy blocked the request."),
    "ORG_LOCKED": gettext_lazy("Salesforce has locked the org."),
    "TRIAL_EXPIRED": gettext_lazy("The org's trial is over."),
    "STORAGE_LIMIT_EXCEEDED": gettext_lazy("The org has no storage left."),
    "UNSUPPORTED_API_VERSION": gettext_lazy("Salesforce no longer serves this API version."),
    "INVALID_TYPE": gettext_lazy("The connected user may not see this kind of record."),
    # Limits and passing trouble.
    "REQUEST_LIMIT_EXCEEDED": gettext_lazy("The org has used up its API requests."),
    "LIMIT_EXCEEDED": gettext_lazy("The org has reached one of its limits."),
    "UNABLE_TO_LOCK_ROW": gettext_lazy("Somebody else was changing the same record."),
    "SERVER_UNAVAILABLE": gettext_lazy("Salesforce was too busy."),
    "UNKNOWN_EXCEPTION": gettext_lazy("Salesforce had an error of its own."),
    "QUERY_TIMEOUT": gettext_lazy("Salesforce took too long to answer."),
    "REQUEST_RUNNING_TOO_LONG": gettext_lazy("Salesforce stopped a request that ran too long."),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": gettext_lazy(
        "The org can only be read during Salesforce's maintenance."
    ),
    "INVALID_QUERY_LOCATOR": gettext_lazy("Salesforce forgot a list between two of its pages."),
    "TXN_SECURITY_METERING_ERROR": _POLICY_FAILED,
    "TXN_SECURITY_APEX_ERROR": _POLICY_FAILED,
    "TXN_SECURITY_RUNTIME_ERROR": _POLICY_FAILED,
    "PROCESSING_HALTED": _PARTNER_FAILED,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": _PARTNER_FAILED,
    "BATCH_PROCESSING_HALTED": _PARTNER_FAILED,
    # What the record points to, and who may touch it.
    "ENTITY_IS_LOCKED": gettext_lazy("The record is locked, as a rule by an approval process."),
    "INACTIVE_OWNER_OR_USER": gettext_lazy("The owner is no longer active in Salesforce."),
    "TRANSFER_REQUIRES_READ": gettext_lazy("The owner may not read this kind of record."),
    "INVALID_CROSS_REFERENCE_KEY": _TARGET_GONE,
    "ENTITY_IS_DELETED": _TARGET_GONE,
    "NOT_FOUND": _TARGET_GONE,
    "CANNOT_UPDATE_CONVERTED_LEAD": gettext_lazy("The lead has become a contact."),
    "DUPLICATE_VALUE": gettext_lazy("Another record holds a value that may occur only once."),
    "DUPLICATE_EXTERNAL_ID": gettext_lazy("Several records hold a value that should be unique."),
    "INSUFFICIENT_ACCESS_OR_READONLY": gettext_lazy(
        "The user who wrote it may not change this record."
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": gettext_lazy(
        "The user who wrote it may not use the record that it is filed under, or its owner."
    ),
    # What is in the record.
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": gettext_lazy(
        "A trigger of the org failed, or the user may not write this kind of record."
    ),
    "CANNOT_EXECUTE_FLOW_TRIGGER": gettext_lazy("A flow of the org failed."),
    "APEX_ERROR": gettext_lazy("The org's own code failed."),
    "SELF_REFERENCE_FROM_TRIGGER": gettext_lazy("A trigger of the org changes what it runs for."),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": gettext_lazy(
        "A validation rule of the org refused the record."
    ),
    "FIELD_FILTER_VALIDATION_EXCEPTION": gettext_lazy(
        "A lookup filter of the org refused the record that it points to."
    ),
    "FIELD_INTEGRITY_EXCEPTION": gettext_lazy("Two fields of the record do not go together."),
    "REQUIRED_FIELD_MISSING": gettext_lazy("A field that the org requires is empty."),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": gettext_lazy(
        "A value is not in the picklist of the org."
    ),
    "DUPLICATES_DETECTED": gettext_lazy("A duplicate rule of the org found a similar record."),
    "INVALID_EMAIL_ADDRESS": gettext_lazy("An address is none."),
    "INVALID_FIELD": _FIELD_CLOSED,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _FIELD_CLOSED,
    "UNAVAILABLE_RECORDTYPE_EXCEPTION": gettext_lazy(
        "The connected user has no record type for this kind of record."
    ),
    "STRING_TOO_LONG": gettext_lazy("A text is longer than its field."),
    "NUMBER_OUTSIDE_VALID_RANGE": gettext_lazy("A number does not fit into its field."),
    "QUERY_TOO_COMPLICATED": _TOO_MUCH,
    "OPERATION_TOO_LARGE": _TOO_MUCH,
    "INVALID_TYPE_FOR_OPERATION": _OUR_BUG,
    "INVALID_ID_FIELD": _OUR_BUG,
    "INVALID_QUERY_FILTER_OPERATOR": _OUR_BUG,
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
    # Ours: Salesforce was not asked, or somebody else than the sender asked.
    "NO_PERSON": gettext_lazy("The call's record hangs on nobody who could join the campaign."),
    "SENDER_DISCONNECTED": gettext_lazy("Whether it was written can no longer be found out."),
    "LOOKS_WRITTEN": gettext_lazy("It may stand there already: the org holds the like of it."),
}

#: What to do where only a look at Salesforce can tell whether to retry, by code.
LOOK_FIRST: Mapping[str, str | Promise] = {
    "SENDER_DISCONNECTED": gettext_lazy(
        "Look in Salesforce whether the record stands there; only if not, retry it: the Sync "
        "User then writes it."
    ),
    "LOOKS_WRITTEN": gettext_lazy(
        "Open that record in Salesforce. If it is this one, leave it at that; only if it is "
        "another one, retry. A flow or trigger of the org probably changes the Description of new "
        "events: let it keep the last line, in which Patchbay's mark stands."
    ),
}

#: How Patchbay goes on, where it does so by itself and the bare fact would puzzle.
_GOING_ON: Mapping[Verdict, str | Promise] = {
    Verdict.LIMIT: gettext_lazy("It waits until requests are free again."),
    Verdict.TARGET_GONE: gettext_lazy(
        "It files it under the record that took the place, or else under none."
    ),
    Verdict.CONVERTED_LEAD: gettext_lazy("It files it under the contact that the lead became."),
    Verdict.INACTIVE_OWNER: gettext_lazy("It leaves the owner to Salesforce."),
    Verdict.INSUFFICIENT_ACCESS: gettext_lazy("It writes it as the Sync User."),
}


@dataclass(frozen=True)
class Remedy:
    """An error for people. ``to_do`` is empty where nobody knows more than Salesforce says."""

    happened: str
    going_on: str
    to_do: str


def as_sentence(said: str) -> str:
    """What Salesforce said, with the full stop that most of its messages go without."""
    return said if said.endswith((".", "!", "?")) else f"{said}."


def remedy_for(code: str, message: str = "") -> Remedy:
    """The words for an error; Salesforce's own text is part of what happened."""
    said = as_sentence(message or _("Salesforce gave no reason."))
    cause = CAUSES.get(code)
    words = {"cause": str(cause or ""), "said": said}
    happened = (
        _("%(cause)s Salesforce said: %(said)s") % words
        if cause
        else _("Salesforce did not take it: %(said)s") % words
    )
    going_on = str(_GOING_ON.get(classify(code, message), ""))
    return Remedy(happened, going_on, _to_do(code, message))


def _to_do(code: str, message: str) -> str:
    return str(LOOK_FIRST.get(code, "")) or advice_for(code, message)
