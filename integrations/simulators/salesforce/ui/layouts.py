"""How records are laid out: titles, the columns of lists, the sections of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from integrations.simulators.salesforce.objects import ADDRESS_PARTS, CODE_FIELDS
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.store import Record

COLUMNS: Mapping[str, Sequence[str]] = {
    "Account": ("Name", "Phone", "Industry", "BillingCountry", "IsPersonAccount", "OwnerId"),
    "Campaign": ("Name", "Type", "Status", "StartDate", "NumberOfContacts", "NumberOfLeads"),
    "CampaignMember": ("Name", "Status", "HasResponded", "Phone", "CampaignId"),
    "Case": ("CaseNumber", "Subject", "Status", "ContactId", "AccountId", "OwnerId"),
    "Contact": ("Name", "AccountId", "Title", "Phone", "MobilePhone", "Email", "OwnerId"),
    "Event": ("Subject", "StartDateTime", "DurationInMinutes", "WhoId", "WhatId", "OwnerId"),
    "Group": ("Name", "DeveloperName", "Type"),
    "Lead": ("Name", "Company", "Phone", "MobilePhone", "Status", "OwnerId"),
    "Opportunity": ("Name", "AccountId", "StageName", "CloseDate", "Amount", "OwnerId"),
    "Task": ("Subject", "Status", "CallType", "WhoId", "WhatId", "ActivityDate", "OwnerId"),
    "TaskStatus": ("MasterLabel", "IsClosed", "IsDefault", "SortOrder"),
    "User": ("Name", "Username", "Extension", "TimeZoneSidKey", "IsActive"),
}
HIGHLIGHTS: Mapping[str, Sequence[str]] = {
    "Account": ("Phone", "Website", "Industry", "OwnerId"),
    "Campaign": ("Type", "Status", "StartDate", "NumberOfResponses"),
    "Case": ("Status", "Origin", "ContactId", "AccountId"),
    "Contact": ("Title", "AccountId", "Phone", "Email"),
    "Event": ("StartDateTime", "WhoId", "WhatId", "OwnerId"),
    "Lead": ("Company", "Phone", "Email", "Status"),
    "Opportunity": ("AccountId", "CloseDate", "Amount", "StageName"),
    "Task": ("WhoId", "WhatId", "Status", "OwnerId"),
}
"""What a Lightning record page says at its top."""

SYSTEM = "System Information"

_SYSTEM = (
    "CreatedById",
    "CreatedDate",
    "LastModifiedById",
    "LastModifiedDate",
    "LastActivityDate",
    "Id",
)
_UNSEEN = frozenset({"IsDeleted", "MasterRecordId", "SystemModstamp"})
_PERSON_ONLY = frozenset({"FirstName", "LastName"})


def name_field(sobject: SObject) -> str:
    """The field that names a record."""
    return next((field.name for field in sobject.fields if field.name_field), "Id")


def title_of(sobject: SObject, row: Record) -> str:
    """What a record is called; its id where it has no name."""
    return str(row[name_field(sobject)] or row["Id"])


def columns(sobject: SObject) -> list[Field]:
    """The columns of a list, those that the user may see; the name comes first."""
    names = COLUMNS.get(sobject.name) or [name_field(sobject), "CreatedDate"]
    return [field for name in names if (field := sobject.field(name)) is not None]


def highlights(sobject: SObject) -> list[Field]:
    """The fields at the top of a page."""
    names = HIGHLIGHTS.get(sobject.name, ())
    return [field for name in names if (field := sobject.field(name)) is not None]


def sections(sobject: SObject, row: Record) -> list[tuple[str, list[Field]]]:
    """The fields of a page by heading, without those that say nothing about this kind of row."""
    shown = [one for one in sobject.fields if _belongs(sobject, one, row)]
    groups = [
        (f"{sobject.label} Information", [one for one in shown if _section(one) == ""]),
        ("Address", [one for one in shown if _section(one) == "address"]),
        ("Description", [one for one in shown if _section(one) == "description"]),
        (SYSTEM, [one for one in shown if _section(one) == "system"]),
    ]
    return [(title, fields) for title, fields in groups if fields]


def label_of(field: Field) -> str:
    """The label on a page, where references go without the words of the API."""
    if field.type == "reference":
        return field.label.removesuffix(" ID")
    return field.label


def _section(field: Field) -> str:
    if field.name in _SYSTEM:
        return "system"
    if field.type == "textarea":
        return "description"
    is_address = any(field.name.endswith(part) for part in ADDRESS_PARTS)
    return "address" if is_address or field.name in CODE_FIELDS else ""


def _belongs(sobject: SObject, field: Field, row: Record) -> bool:
    if field.name in _UNSEEN:
        return False
    if sobject.name != "Account":
        return True
    is_person = bool(row.get("IsPersonAccount"))
    of_person = field.name in _PERSON_ONLY or field.name.startswith("Person")
    return is_person or not of_person
