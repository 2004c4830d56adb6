"""What Patchbay needs to be allowed in an org, by what is switched on (MII-18 to MII-23). Pure.

The catalogue of the preflight and of the permission sets to download: object, operation, field,
and what each is for. What nobody needs is not in it; deleting never is (RULES E5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from integrations.salesforce.precedence import PERSON_ACCOUNT_PHONE_FIELDS, STANDARD_PHONE_FIELDS


class Operation(StrEnum):
    """What is done. The first group are columns of the matrix (MIX-12)."""

    READ = "read"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    VIEW_ALL = "view_all"

    USE_API = "use_api"
    READ_FIELD = "read_field"
    WRITE_FIELD = "write_field"
    READ_BACK = "read_back"
    """See a record of one's own making that belongs to somebody else (RULES C2)."""
    FILL = "fill"
    """A field that the org requires and Patchbay does not fill."""
    REHEARSE = "rehearse"
    """Create a call's Task and have Salesforce undo it in the same request."""
    KEY_FIELD = "key_field"
    """A unique external-id field, with which writing is strictly exact (RULES C2)."""


#: Objects of the matrix, in its order (MIX-12).
OBJECTS = (
    "Contact", "Lead", "Account", "Opportunity", "Task", "Event", "Campaign", "CampaignMember",
)  # fmt: skip
COLUMNS = (
    Operation.READ, Operation.CREATE, Operation.EDIT, Operation.DELETE, Operation.VIEW_ALL,
)  # fmt: skip

#: Every field of a Task that Patchbay fills, ours to ask by (CallObject) included.
TASK_FIELDS = (
    "Subject", "Description", "Status", "ActivityDate", "TaskSubtype", "CallType",
    "CallDurationInSeconds", "CallDisposition", "CallObject", "WhoId", "WhatId", "OwnerId",
)  # fmt: skip
#: Salesforce lets them be set when the Task is created, never after (salesforce.md 4.1).
CREATE_ONLY = frozenset({"TaskSubtype"})
#: Values that Patchbay gives to restricted picklists of a Task.
PICKLIST_VALUES = {
    "TaskSubtype": ("Call",),
    "CallType": ("Inbound", "Outbound", "Internal"),
}
#: The unique external-id field that can be downloaded and installed.
KEY_FIELD = "Patchbay_Key__c"
#: When the call began, for reports (CRC-94); it comes with the same download.
START_FIELD = "Call_Start__c"
#: Read of every person or company found, apart from its phones.
_READ_OF_FOUND = {
    "Contact": ("Name", "AccountId", "MailingCountry"),
    "Account": ("Name", "BillingCountry"),
    "Lead": ("Name", "Company", "IsConverted", "Country"),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What is switched on, and for whom: the facts that decide what is needed."""

    activity_history: bool = False
    legacy: bool = False
    has_links: bool = False
    is_personal: bool = False
    has_person_accounts: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One right. ``is_advice``: Patchbay works without it, only less well."""

    sobject: str
    operation: Operation
    purpose: str
    field: str = ""
    is_advice: bool = False
    is_for_activity_history: bool = False


def list_needs(scope: Scope) -> tuple[Need, ...]:
    """What is needed as things stand (MII-20, MII-23: more when more is on)."""
    needs = [Need("", Operation.USE_API, "Patchbay reaches Salesforce by its API."), *_find(scope)]
    if scope.has_links and not scope.is_personal:
        needs.append(
            Need("User", Operation.READ, "Members are linked to Salesforce users, who own records.")
        )
    if scope.activity_history or scope.is_personal:
        needs += _write_activities(scope)
    if scope.legacy and scope.activity_history:
        needs += _write_leads()
    return tuple(needs)


def needs_of_activity_history(scope: Scope) -> tuple[Need, ...]:
    """What is needed on top once activity history is switched on."""
    return tuple(_write_activities(scope))


def _find(scope: Scope) -> Iterator[Need]:
    for sobject, phones in STANDARD_PHONE_FIELDS.items():
        yield Need(sobject, Operation.READ, "A caller is looked for by number.")
        if not scope.is_personal:
            yield Need(
                sobject,
                Operation.VIEW_ALL,
                "What this user cannot see, no call can be filed under.",
            )
        for name in (*_READ_OF_FOUND[sobject], *phones):
            if scope.has_person_accounts or name not in PERSON_ACCOUNT_PHONE_FIELDS:
                yield Need(
                    sobject, Operation.READ_FIELD, "It is part of every look-up.", field=name
                )


def _write_activities(scope: Scope) -> Iterator[Need]:
    why = "A call's record is written, and corrected when more is known."
    yield _activity("Task", Operation.READ, "A lost answer is asked for before writing again.")
    yield _activity("Task", Operation.CREATE, why)
    yield _activity("Task", Operation.EDIT, why)
    for name in TASK_FIELDS:
        yield _activity("Task", Operation.WRITE_FIELD, "A call's record fills it.", field=name)
    for operation in (Operation.READ, Operation.CREATE, Operation.EDIT):
        yield _activity("Event", operation, "A meeting is written as an Event.")
    if not scope.is_personal:
        yield _activity(
            "Task",
            Operation.READ_BACK,
            "A record without a person may belong to a member and must still be found.",
        )
        yield _activity("Task", Operation.REHEARSE, "The org's own rules must let a record pass.")
        yield _activity(
            "Task",
            Operation.KEY_FIELD,
            "With it Salesforce itself refuses a second copy of a record. See Downloads.",
            field=KEY_FIELD,
            is_advice=True,
        )
    yield _activity(
        "Opportunity", Operation.READ, "Calls can be filed under opportunities.", is_advice=True
    )


def _activity(
    sobject: str, operation: Operation, purpose: str, *, field: str = "", is_advice: bool = False
) -> Need:
    return Need(sobject, operation, purpose, field, is_advice, is_for_activity_history=True)


def _write_leads() -> Iterator[Need]:
    yield Need("Lead", Operation.CREATE, "Legacy mode makes a Lead of an unknown caller.")
    for sobject, operation in (("Campaign", Operation.READ), ("CampaignMember", Operation.CREATE)):
        yield Need(
            sobject, operation, "Legacy mode adds callers to a number's campaign.", is_advice=True
        )
