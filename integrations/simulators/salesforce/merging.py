"""Merging records, and the recycle bin. REST has no verb for either; users do it on pages."""

from __future__ import annotations

from collections.abc import Sequence

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.records import find_record
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.search_index import forget_record, index_record
from integrations.simulators.salesforce.store import Record

MERGED = ("Account", "Contact", "Lead")
MAX_LOSERS = 2


def merge_records(
    org: Org, actor_id: str, sobject: SObject, master_id: str, loser_ids: Sequence[str]
) -> None:
    """Move everything of the losers to the master; they go to the recycle bin.

    A loser names its master in MasterRecordId, which only `queryAll` still shows. Raises
    `SalesforceError`.
    """
    if sobject.name not in MERGED or not 0 < len(loser_ids) <= MAX_LOSERS:
        message = f"merge takes one or two of {', '.join(MERGED)}"
        raise SalesforceError("INVALID_TYPE_FOR_OPERATION", message)
    master = find_record(org, sobject, master_id)
    losers = [find_record(org, sobject, loser_id) for loser_id in loser_ids]
    if master["Id"] in [loser["Id"] for loser in losers]:
        raise SalesforceError("MERGE_FAILED", "a record cannot be merged with itself")
    now = org.now_on_wire()
    changes: Record = {
        "IsDeleted": 1,
        "MasterRecordId": master["Id"],
        "LastModifiedDate": now,
        "LastModifiedById": actor_id,
        "SystemModstamp": now,
    }
    for loser in losers:
        _move_children(org, sobject, str(loser["Id"]), str(master["Id"]), now)
        org.store.update(sobject, str(loser["Id"]), changes)
        forget_record(org, str(loser["Id"]))
    org.store.update(sobject, str(master["Id"]), {"LastModifiedDate": now, "SystemModstamp": now})


def _move_children(org: Org, sobject: SObject, loser_id: str, master_id: str, now: str) -> None:
    for child in org.schema.objects.values():
        for field in child.fields:
            if sobject.name not in field.reference_to or field.name == "MasterRecordId":
                continue
            for record in org.store.find(child, {field.name: loser_id}):
                moved: Record = {field.name: master_id, "SystemModstamp": now}
                org.store.update(child, str(record["Id"]), moved)


def undelete_record(org: Org, sobject: SObject, record_id: str) -> None:
    """Take a record out of the recycle bin. Raises `SalesforceError` if it is not there."""
    record = org.store.get(sobject, record_id)
    if record is None or not record["IsDeleted"]:
        raise SalesforceError("UNDELETE_FAILED", "entity is not in the recycle bin")
    changes: Record = {"IsDeleted": 0, "SystemModstamp": org.now_on_wire()}
    if "MasterRecordId" in record:
        changes["MasterRecordId"] = None
    org.store.update(sobject, record_id, changes)
    index_record(org, sobject, {}, record | changes)


def empty_recycle_bin(org: Org) -> int:
    """Remove what was deleted for good; how many records."""
    return sum(
        org.store.execute(f'DELETE FROM "{sobject.name}" WHERE IsDeleted = 1')  # noqa: S608
        for sobject in org.schema.objects.values()
    )
