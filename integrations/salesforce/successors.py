"""What took the place of a record that is gone: the contact of a lead, the master of a merge (C6).

One query for each kind of record, and again while successors have been replaced themselves.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.soql import in_list

#: By the first three characters of an id; what else an activity hangs on is never merged.
_KINDS = {"00Q": "Lead", "003": "Contact", "001": "Account"}
_FIELDS = {"Lead": "Id, IsDeleted, MasterRecordId, IsConverted, ConvertedContactId"}
_USUAL_FIELDS = "Id, IsDeleted, MasterRecordId"
#: A merge of merged records that were leads before: deeper is not believable.
_MOST_STEPS = 4
_IDS_PER_QUERY = 200


def kind_of(record_id: str) -> str:
    """The kind of record that an id is of; empty for kinds that are never merged or searched."""
    return _KINDS.get(record_id[:3], "")


def find_successors(client: SalesforceClient, record_ids: Collection[str]) -> Mapping[str, str]:
    """The living successor of each record that has one, by its id; asks also for deleted ones.

    Raises what the client raises.
    """
    successors: dict[str, str] = {}
    current = {record_id: record_id for record_id in record_ids}
    for _ in range(_MOST_STEPS):
        steps = _ask(client, set(current.values()))
        moved = {old: steps[now] for old, now in current.items() if now in steps}
        if not moved:
            return successors
        successors |= moved
        current = moved
    return successors


def _ask(client: SalesforceClient, record_ids: Collection[str]) -> dict[str, str]:
    """One step: by id, what stands in the place of the record now."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for record_id in sorted(record_ids):
        if kind := kind_of(record_id):
            by_kind[kind].append(record_id)
    steps: dict[str, str] = {}
    for kind, ids in by_kind.items():
        fields = _FIELDS.get(kind, _USUAL_FIELDS)
        for start in range(0, len(ids), _IDS_PER_QUERY):
            some = in_list(ids[start : start + _IDS_PER_QUERY])
            soql = f"SELECT {fields} FROM {kind} WHERE Id IN {some}"  # noqa: S608 - ids are quoted
            for record in client.query_all(soql):
                if successor := _successor(record):
                    steps[str(record["Id"])] = successor
    return steps


def _successor(record: Mapping[str, object]) -> str:
    if record.get("IsConverted"):
        return str(record.get("ConvertedContactId") or "")
    return str(record.get("MasterRecordId") or "") if record.get("IsDeleted") else ""
