"""The search index, which lags behind the data (reference 3.5, 3.6).

Names, e-mail addresses and phone values are cut into tokens with their places, so that phrases
can be found. Of a phone value all digits run together are a token too (place -1), unless the
switch `raw_tokens_only` says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from integrations.simulators.salesforce.org import IndexSwitches, Org
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.values import Column

COUNTRY_CODES = ("1", "33", "34", "44", "49")
"""Countries whose code the switch `national_digits` can take off: those of the seed."""

_WORDS = re.compile(r"\d+|[^\W\d_]+")
_WHOLE_VALUE = -1


def tokens_of(value: str) -> list[str]:
    """Words in lower case; punctuation and a change between letters and digits separate."""
    return [word.lower() for word in _WORDS.findall(value)]


def field_kind(field: Field) -> str | None:
    """Which `IN ... FIELDS` finds the field; None where it is not indexed."""
    if field.type in ("phone", "email"):
        return field.type
    return "name" if field.name_field or field.name == "Company" else None


def _places(kind: str, value: str, switches: IndexSwitches) -> Iterator[tuple[int, str]]:
    words = tokens_of(value)
    yield from enumerate(words)
    if kind != "phone" or switches.raw_tokens_only:
        return
    digits = re.sub(r"\D", "", value)
    if digits:
        yield _WHOLE_VALUE, digits
    if switches.national_digits and value.strip().startswith("+"):
        for code in COUNTRY_CODES:
            if digits.startswith(code):
                yield _WHOLE_VALUE, digits.removeprefix(code)


def index_record(
    org: Org, sobject: SObject, old: Record, record: Record, *, at_once: bool = False
) -> None:
    """Bring a saved row into the index; old values stay findable as long as new ones are not."""
    if not sobject.searchable or _is_hidden_contact(sobject, record):
        return
    lag_seconds = 0.0 if at_once else org.switches.index.lag_seconds
    visible_from = org.now().timestamp() + lag_seconds
    for field in sobject.fields:
        kind = field_kind(field)
        if kind is None or old.get(field.name) == record[field.name]:
            continue
        record_id = str(record["Id"])
        org.store.execute(
            "UPDATE sim_search SET visible_until = ? "
            "WHERE record_id = ? AND field = ? AND visible_until IS NULL",
            [visible_from, record_id, field.name],
        )
        _add_field(org, sobject, record, field, visible_from)


def add_to_index(org: Org, sobject: SObject, record: Record) -> None:
    """Bring a new row into the index, findable at once."""
    if sobject.searchable:
        visible_from = org.now().timestamp()
        for field in sobject.fields:
            if record[field.name] is not None and field_kind(field) is not None:
                _add_field(org, sobject, record, field, visible_from)


def _add_field(
    org: Org, sobject: SObject, record: Record, field: Field, visible_from: float
) -> None:
    kind, value = str(field_kind(field)), str(record[field.name] or "")
    rows: list[list[Column]] = [
        [token, kind, sobject.name, record["Id"], field.name, place, visible_from]
        for place, token in _places(kind, value, org.switches.index)
    ]
    org.store.execute_many("INSERT INTO sim_search VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", rows)


def _is_hidden_contact(sobject: SObject, record: Record) -> bool:
    """Search finds a person by the account only (reference 3.6)."""
    return sobject.name == "Contact" and bool(record["IsPersonAccount"])


def forget_record(org: Org, record_id: str) -> None:
    """Take a deleted record out at once."""
    org.store.execute("DELETE FROM sim_search WHERE record_id = ?", [record_id])


def change_switches(org: Org, switches: IndexSwitches) -> None:
    """Turn the switches of the index.

    A shorter lag also counts for what waits already; another way of indexing rebuilds the index,
    and everything is findable then.
    """
    before, org.switches.index = org.switches.index, switches
    latest = org.now().timestamp() + switches.lag_seconds
    org.store.execute(
        "UPDATE sim_search SET visible_from = min(visible_from, ?), "
        "visible_until = min(visible_until, ?)",
        [latest, latest],
    )
    if replace(before, lag_seconds=switches.lag_seconds) == switches:
        return
    org.store.execute("DELETE FROM sim_search")
    for sobject in org.schema.objects.values():
        if sobject.searchable:
            for record in org.store.find(sobject, {"IsDeleted": 0}):
                index_record(org, sobject, {}, record, at_once=True)
