"""Records that come into an org as they once were: ids and system fields included.

A demo's past is played in a copy of the org, while this one is used already. Before the two part,
this one leaves room in its numbers; what the copy created then fits in without a change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.simulators.control import ControlError
from integrations.simulators.salesforce.ids import number_of
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.rules import after_save
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.search_index import index_record
from integrations.simulators.salesforce.values import to_column


def leave_room(org: Org, numbers: int) -> None:
    """Skip so many numbers of every object: ids for records of the past."""
    org.store.execute("UPDATE sim_sequence SET number = number + ?", [numbers])


def plant_as_it_was(org: Org, sobject: SObject, given: Mapping[str, Any]) -> str:
    """Insert a record with every field as given (as `/_sim/records/` shows it); its id.

    One that is there already is left alone. Raises `ControlError` for an id that this org has not
    given out: it began anew since.
    """
    record_id = str(given["Id"])
    given_out = org.store.find_number(sobject.key_prefix)
    if number_of(record_id) > given_out:
        raise ControlError(f"{record_id} is not of this org's past", 409)
    if org.store.get(sobject, record_id) is None:
        record = {one.name: to_column(one, given.get(one.name)) for one in sobject.fields}
        org.store.insert(sobject, record)
        index_record(org, sobject, {}, record, at_once=True)
        after_save(org, sobject, record)
    return record_id
