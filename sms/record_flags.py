"""Reading the opt-out checkbox of records: page by page as they change, or of one number (D2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from integrations.countries import find_region
from integrations.phones import parse_phone
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.lookup import search_phone
from integrations.salesforce.soql import in_list, quote
from sms.opt_out_field import FlagField

#: Salesforce's own page of a query.
PAGE = 2_000


@dataclass(frozen=True, slots=True)
class FlaggedRecord:
    """A person in Salesforce as the org shows them now.

    ``numbers`` are E.164; ``stamp`` is SystemModstamp, ``editor_id`` who saved the record last.
    """

    sobject: str
    record_id: str
    name: str
    numbers: tuple[str, ...]
    is_flagged: bool
    stamp: datetime
    editor_id: str = ""
    editor_name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """After which record the next page of an object begins.

    Without ``stamp`` only records with a checkbox that is set are read, from the first on.
    ``began_at`` is when that first pass began: what changed since is read after it.
    """

    stamp: str = ""
    record_id: str = ""
    began_at: str = ""


def read_changes(
    client: SalesforceClient, sobject: str, field: FlagField, place: Place, region: str
) -> list[FlaggedRecord]:
    """The next page of what changed, oldest first; shorter than ``PAGE`` where it is the last."""
    conditions = []
    if place.began_at or not place.stamp:
        conditions.append(f"{field.name} = true")
    if place.stamp:
        conditions.append(_after(place))
    if field.has_conversion:
        conditions.append("IsConverted = false")
    rows = client.query(
        f"SELECT {_columns(field)} FROM {sobject}"  # noqa: S608 - SOQL of described names
        f" WHERE {' AND '.join(conditions)} ORDER BY SystemModstamp, Id LIMIT {PAGE}"
    )
    return [_to_record(sobject, row, field, region) for row in rows]


def _after(place: Place) -> str:
    if not place.record_id:
        return f"SystemModstamp >= {place.stamp}"
    after = f"(SystemModstamp = {place.stamp} AND Id > {quote(place.record_id)})"
    return f"(SystemModstamp > {place.stamp} OR {after})"


def read_number(
    client: SalesforceClient, fields: Mapping[str, FlagField], e164: str, region: str
) -> list[FlaggedRecord]:
    """Every record with this number, as it stands at this moment: a search and a query an object.

    Raises what the client raises.
    """
    by_object: dict[str, list[str]] = defaultdict(list)
    for candidate in search_phone(client, e164, region):
        if candidate.sobject in fields:
            by_object[candidate.sobject].append(candidate.record_id)
    return [
        record
        for sobject, record_ids in by_object.items()
        for record in _read_ids(client, sobject, fields[sobject], record_ids, region)
    ]


def _read_ids(
    client: SalesforceClient,
    sobject: str,
    field: FlagField,
    record_ids: Collection[str],
    region: str,
) -> Iterator[FlaggedRecord]:
    soql = f"SELECT {_columns(field)} FROM {sobject} WHERE Id IN {in_list(record_ids)}"  # noqa: S608
    for row in client.query(soql):
        yield _to_record(sobject, row, field, region)


def _columns(field: FlagField) -> str:
    known = ["Id", "Name", field.name, "SystemModstamp", "LastModifiedById", "LastModifiedBy.Name"]
    return ", ".join([*known, *field.phones, *([field.country] if field.country else [])])


def _to_record(sobject: str, row: Record, field: FlagField, region: str) -> FlaggedRecord:
    own_region = find_region(row.get(field.country)) if field.country else None
    editor = row.get("LastModifiedBy") or {}
    return FlaggedRecord(
        sobject=sobject,
        record_id=str(row["Id"]),
        name=str(row.get("Name") or ""),
        numbers=_numbers((row.get(name) for name in field.phones), own_region or region),
        is_flagged=bool(row.get(field.name)),
        stamp=read_stamp(str(row["SystemModstamp"])),
        editor_id=str(row.get("LastModifiedById") or ""),
        editor_name=str(editor.get("Name") or ""),
    )


def _numbers(raws: Iterable[str | None], region: str) -> tuple[str, ...]:
    parsed = (parse_phone(raw, region).e164 for raw in raws if raw)
    return tuple(dict.fromkeys(number for number in parsed if number))


def read_stamp(text: str) -> datetime:
    """A moment as Salesforce writes it, aware."""
    return datetime.fromisoformat(text)


def write_stamp(moment: datetime) -> str:
    """A moment as SOQL takes it, in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def next_place(place: Place, page: Sequence[FlaggedRecord]) -> Place:
    """After the last record of a page."""
    last = page[-1]
    return Place(write_stamp(last.stamp), last.record_id, place.began_at)
