"""What Salesforce shows of writes whose answer was lost (RULES C2, C3).

A Task is asked for by its key. What carries only a mark in its Description, which no condition can
name, is looked for among what the sender created since the first attempt; an Event among those of
its owner at its start first, which even a big calendar answers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from integrations.delivery import record_id_of
from integrations.marks import KEYED_OBJECTS, carries_mark, with_mark
from integrations.models import Connection, CrmWrite
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.soql import in_list

#: How far our clock and Salesforce's may differ.
_CLOCK_SKEW = timedelta(hours=1)
_LOOKS = ("OwnerId", "StartDateTime", "Subject")


@dataclass(frozen=True)
class Sighting:
    """What there is of one write: ``records`` are it beyond doubt, the oldest first.

    ``look_alikes`` are as the write wants them, by the same sender and without any mark: something
    in the org may have taken that away.
    """

    records: Sequence[Record] = ()
    look_alikes: Sequence[Record] = ()


def see(connection: Connection, writes: Iterable[CrmWrite]) -> dict[int, Sighting]:
    """Ask for writes as this connection; by the primary key of the write."""
    client = SalesforceClient(connection, feature="unknown outcomes")
    groups: dict[tuple[str, str], list[CrmWrite]] = {}
    for write in writes:
        groups.setdefault((write.sobject, write.operation), []).append(write)
    seen: dict[int, Sighting] = {}
    for (sobject, operation), group in sorted(groups.items()):
        if operation == CrmWrite.Operation.UPDATE:
            seen |= _see_updated(client, sobject, group)
        elif sobject in KEYED_OBJECTS:
            seen |= _see_keyed(client, sobject, group)
        else:
            seen |= _see_marked(client, sobject, group)
    return seen


def was_carried_out(write: CrmWrite, sighting: Sighting) -> bool:
    """Whether what was sent stands at Salesforce: the record, or its changed fields."""
    if write.operation == CrmWrite.Operation.CREATE or not sighting.records:
        return bool(sighting.records)
    sent = with_mark(write.payload, write.sobject, write.wire_key, is_new=False)
    return all(_is_same(sighting.records[0].get(name), value) for name, value in sent.items())


def _see_updated(
    client: SalesforceClient, sobject: str, writes: Sequence[CrmWrite]
) -> dict[int, Sighting]:
    fields = {"Id"}.union(*(write.payload for write in writes))
    records = client.query_all(
        f"SELECT {', '.join(sorted(fields))} FROM {sobject}"  # noqa: S608 - SOQL of our own names
        f" WHERE Id IN {in_list([record_id_of(write) for write in writes])}"
    )
    return {
        write.pk: Sighting([one for one in records if one["Id"] == record_id_of(write)])
        for write in writes
    }


def _see_keyed(
    client: SalesforceClient, sobject: str, writes: Sequence[CrmWrite]
) -> dict[int, Sighting]:
    keys = in_list([write.wire_key for write in writes])
    records = client.query_all(_soql(("CallObject",), sobject, writes, f"CallObject IN {keys}"))
    return {
        write.pk: Sighting([one for one in records if one["CallObject"] == write.wire_key])
        for write in writes
    }


def _see_marked(
    client: SalesforceClient, sobject: str, writes: Sequence[CrmWrite]
) -> dict[int, Sighting]:
    """Those at their place first; whatever is not there may have been moved by the org itself."""
    if sobject != "Event":
        fields: tuple[str, ...] = ("Description",)
        placed = []
    else:
        fields = ("Description", *_LOOKS)
        placed = [write for write in writes if write.payload.get("StartDateTime")]
    near = client.query_all(_soql(fields, sobject, placed, _place(placed))) if placed else []
    seen = {write.pk: _sort_out(write, near) for write in placed}
    missing = [write for write in writes if write.pk not in seen or not seen[write.pk].records]
    if missing:
        created = client.query_all(_soql(fields, sobject, missing))
        seen |= {write.pk: _sort_out(write, created) for write in missing}
    return seen


def _place(writes: Sequence[CrmWrite]) -> str:
    owners = sorted({str(write.payload.get("OwnerId") or write.sent_as) for write in writes})
    starts = sorted({str(write.payload["StartDateTime"]) for write in writes})
    # A moment is a literal without quotes; these are our own.
    return f"OwnerId IN {in_list(owners)} AND StartDateTime IN ({', '.join(starts)})"


def _soql(
    fields: Iterable[str], sobject: str, writes: Sequence[CrmWrite], condition: str = ""
) -> str:
    """What we created, by whoever was the connected user then; bounded, so that it is selective."""
    since = min(write.first_sent_at or write.created_at for write in writes) - _CLOCK_SKEW
    senders = in_list(sorted({write.sent_as for write in writes}))
    return (
        f"SELECT Id, {', '.join(fields)} FROM {sobject} WHERE "  # noqa: S608 - values are quoted
        f"{condition and condition + ' AND '}CreatedById IN {senders}"
        f" AND CreatedDate >= {since:%Y-%m-%dT%H:%M:%SZ} ORDER BY CreatedDate, Id"
    )


def _sort_out(write: CrmWrite, records: Iterable[Record]) -> Sighting:
    ours, alike = [], []
    for record in records:
        if carries_mark(record["Description"], write.wire_key):
            ours.append(record)
        elif not carries_mark(record["Description"]) and _looks_like(record, write):
            alike.append(record)
    return Sighting(ours, alike)


def _looks_like(record: Record, write: CrmWrite) -> bool:
    wanted = {name: write.payload.get(name) for name in _LOOKS}
    wanted["OwnerId"] = wanted["OwnerId"] or write.sent_as
    return write.sobject == "Event" and all(
        _is_same(record[name], value) for name, value in wanted.items()
    )


def _is_same(stands: Any, sent: Any) -> bool:
    """Salesforce writes a moment in its own way: ``2026-11-20T09:45:00.000+0000``."""
    if stands == sent:
        return True
    then, wanted = _moment(stands), _moment(sent)
    return then is not None and then == wanted


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if timezone.is_aware(moment) else None
