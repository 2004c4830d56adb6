"""The rules of single objects: what is refused, what is derived (reference 3.6, 4.1, 4.3, 4.5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from integrations.simulators.salesforce.access import SETUP_OBJECTS
from integrations.simulators.salesforce.addresses import save_address
from integrations.simulators.salesforce.campaigns import after_member, after_person, save_member
from integrations.simulators.salesforce.errors import (
    SalesforceError,
    cannot_reference_converted_lead,
    field_missing,
    fields_not_allowed,
)
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.permission_sets import (
    save_assignment,
    save_field_permissions,
    save_object_permissions,
)
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.values import parse_time, to_wire_time

PERSON_CONTACT_FIELDS = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Name": "Name",
    "Phone": "Phone",
    "PersonMobilePhone": "MobilePhone",
    "PersonHomePhone": "HomePhone",
    "PersonOtherPhone": "OtherPhone",
    "PersonAssistantPhone": "AssistantPhone",
    "PersonEmail": "Email",
}
"""Field of a person account → field of its hidden Contact."""

Rule = Callable[[Org, Record | None, Record], None]
"""Looks at the old row (None on create) and completes or refuses the new one."""


def before_save(org: Org, sobject: SObject, old: Record | None, record: Record) -> None:
    """Check and complete a row that is about to be saved. Raises `SalesforceError`."""
    _check_owner(org, old, record)
    save_address(org, sobject, old, record)
    rule = _RULES.get(sobject.name)
    if rule is not None:
        rule(org, old, record)


def after_save(org: Org, sobject: SObject, record: Record) -> None:
    """Carry a saved row over to the records that follow it."""
    if sobject.name in ("Task", "Event") and record["ActivityDate"]:
        _note_last_activity(org, record)
    if sobject.name == "CampaignMember":
        after_member(org, record)
    if sobject.name in SETUP_OBJECTS:
        org.switches.access.changed()
    if sobject.name in ("Contact", "Lead"):
        after_person(org, sobject.name, record)
    if sobject.name == "Account" and record["PersonContactId"]:
        contact = {theirs: record[ours] for ours, theirs in PERSON_CONTACT_FIELDS.items()}
        org.store.update(org.sobject("Contact"), str(record["PersonContactId"]), contact)


def check_delete(sobject: SObject, record: Record) -> None:
    """Refuse what cannot be deleted by itself. Raises `SalesforceError`."""
    if sobject.name == "Contact" and record["IsPersonAccount"]:
        raise SalesforceError(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
            status=403,
            fields=(),
        )


def _check_owner(org: Org, old: Record | None, record: Record) -> None:
    owner_id = record.get("OwnerId")
    if owner_id is None or (old is not None and old["OwnerId"] == owner_id):
        return
    owner = org.target(str(owner_id))
    if owner and owner[0].name == "User" and not owner[1]["IsActive"]:
        raise SalesforceError(
            "INACTIVE_OWNER_OR_USER",
            f"operation performed with inactive user [{owner_id}] as owner",
            fields=["OwnerId"],
        )


def _name_person(org: Org, old: Record | None, record: Record) -> None:
    parts = (record["FirstName"], record["LastName"])
    record["Name"] = " ".join(str(part) for part in parts if part) or None


def _save_account(org: Org, old: Record | None, record: Record) -> None:
    if not record["IsPersonAccount"]:
        return
    if old is not None and record["Name"] != old["Name"]:
        raise fields_not_allowed(["Name"])
    _name_person(org, old, record)


def _save_lead(org: Org, old: Record | None, record: Record) -> None:
    if old is not None and old["IsConverted"]:
        raise cannot_reference_converted_lead()
    _name_person(org, old, record)


def _save_case(org: Org, old: Record | None, record: Record) -> None:
    if old is None:
        record["CaseNumber"] = f"{org.store.next_number('CaseNumber'):08d}"


def _check_who_and_what(org: Org, old: Record | None, record: Record) -> None:
    who = org.target(str(record["WhoId"])) if record["WhoId"] else None
    if who is None or who[0].name != "Lead":
        return
    if record["WhatId"]:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "A lead cannot be combined with a related record: WhatId must be empty",
            fields=["WhatId"],
        )
    is_new = old is None or old["WhoId"] != record["WhoId"]
    if is_new and who[1]["IsConverted"]:
        raise cannot_reference_converted_lead()


def _account_of(org: Org, record: Record) -> str | None:
    """The account of the related record, else of the contact (reference 4.1)."""
    for key in ("WhatId", "WhoId"):
        target = org.target(str(record[key])) if record[key] else None
        if target is None:
            continue
        sobject, row = target
        account_id = row["Id"] if sobject.name == "Account" else row.get("AccountId")
        if account_id:
            return str(account_id)
    return None


def is_closed_status(org: Org, status: object) -> bool:
    """What TaskStatus says; a value that it does not know is accepted and open."""
    rows = org.store.rows(
        "SELECT IsClosed FROM TaskStatus WHERE ApiName = ? OR MasterLabel = ?",
        [str(status), str(status)],
    )
    return bool(rows and rows[0]["IsClosed"])


def _save_task(org: Org, old: Record | None, record: Record) -> None:
    _check_who_and_what(org, old, record)
    record["AccountId"] = _account_of(org, record)
    record["IsHighPriority"] = int(record["Priority"] == "High")
    was_closed = bool(old and old["IsClosed"])
    record["IsClosed"] = int(is_closed_status(org, record["Status"]))
    if not record["IsClosed"]:
        record["CompletedDateTime"] = None
    elif not was_closed:
        record["CompletedDateTime"] = org.now_on_wire()


def _save_event(org: Org, old: Record | None, record: Record) -> None:
    _check_who_and_what(org, old, record)
    record["AccountId"] = _account_of(org, record)
    if record["IsAllDayEvent"]:
        if record["ActivityDate"] is None:
            raise field_missing("ActivityDate")
        return
    start_text = _changed(old, record, "StartDateTime", "ActivityDateTime")
    if start_text is None:
        raise field_missing("StartDateTime")
    start = parse_time(start_text)
    end = _end_of_event(old, record, start)
    record["StartDateTime"] = record["ActivityDateTime"] = to_wire_time(start)
    record["ActivityDate"] = start.date().isoformat()
    record["EndDateTime"] = to_wire_time(end)
    record["DurationInMinutes"] = int((end - start).total_seconds() // 60)


def _changed(old: Record | None, record: Record, *names: str) -> str | None:
    """The first of these fields that this save sets, else the first that holds anything."""
    fresh = [record[name] for name in names if old is None or old[name] != record[name]]
    for value in (*fresh, *(record[name] for name in names)):
        if value is not None:
            return str(value)
    return None


def _end_of_event(old: Record | None, record: Record, start: datetime) -> datetime:
    keeps_duration = old is not None and old["DurationInMinutes"] == record["DurationInMinutes"]
    moves_end = old is not None and old["EndDateTime"] != record["EndDateTime"]
    minutes = None if moves_end and keeps_duration else record["DurationInMinutes"]
    if minutes is None and record["EndDateTime"] is None:
        raise field_missing("EndDateTime")
    if minutes is None:
        return parse_time(str(record["EndDateTime"]))
    end = start + timedelta(minutes=float(minutes))
    says_both = old is None and record["EndDateTime"] is not None
    if says_both and to_wire_time(end) != record["EndDateTime"]:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "Duration: the duration does not match the start and end of the event",
            fields=["DurationInMinutes"],
        )
    return end


def _note_last_activity(org: Org, record: Record) -> None:
    for key in ("WhoId", "WhatId", "AccountId"):
        target = org.target(str(record[key])) if record[key] else None
        if target is None or "LastActivityDate" not in target[1]:
            continue
        sobject, row = target
        latest = max(str(row["LastActivityDate"] or ""), str(record["ActivityDate"]))
        changes: Record = {"LastActivityDate": latest, "SystemModstamp": org.now_on_wire()}
        org.store.update(sobject, str(row["Id"]), changes)


_RULES: dict[str, Rule] = {
    "Account": _save_account,
    "CampaignMember": save_member,
    "Case": _save_case,
    "Contact": _name_person,
    "Event": _save_event,
    "FieldPermissions": save_field_permissions,
    "Lead": _save_lead,
    "ObjectPermissions": save_object_permissions,
    "PermissionSetAssignment": save_assignment,
    "Task": _save_task,
    "User": _name_person,
}
