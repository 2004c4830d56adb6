"""sObject Collections: up to 200 records a request (reference 3.7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integrations.simulators.salesforce.api import Answer, ApiCall, Resource
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.record_access import is_hidden
from integrations.simulators.salesforce.records import create_record, delete_record, update_record
from integrations.simulators.salesforce.rest import (
    external_id_field,
    field_names,
    find_by_external_id,
    record_json,
)
from integrations.simulators.salesforce.schema import SObject

MAX_RECORDS = 200
MAX_RETRIEVED = 2_000

Item = dict[str, Any]
Step = Callable[[], Item]
"""Carries out one record and returns its entry of the answer."""


class _RolledBackError(Exception):
    """One record failed and all or none was asked for."""


def create_many(call: ApiCall) -> Answer:
    """POST: create records."""
    records, all_or_none = _request(call)
    return _run([_creating(call, record) for record in records], records, all_or_none, call)


def update_many(call: ApiCall) -> Answer:
    """PATCH: change records, each named by its `id`."""
    records, all_or_none = _request(call)
    return _run([_updating(call, record) for record in records], records, all_or_none, call)


def upsert_many(call: ApiCall, name: str, field_name: str) -> Answer:
    """PATCH by external id: create or change records of one object."""
    records, all_or_none = _request(call)
    sobject = call.sobject(name)
    steps = [_upserting(call, sobject, field_name, record) for record in records]
    return _run(steps, records, all_or_none, call)


def delete_many(call: ApiCall) -> Answer:
    """DELETE: delete records by id."""
    ids = field_names(call.param("ids"))
    _require_at_most(MAX_RECORDS, ids)
    all_or_none = call.param("allOrNone") == "true"
    return _run(
        [_deleting(call, one) for one in ids], [{"id": one} for one in ids], all_or_none, call
    )


def retrieve_many(call: ApiCall, name: str) -> Answer:
    """GET or POST: read records of one object; null for each that is not there."""
    sobject = call.sobject(name)
    if call.method == "POST":
        wanted = call.json_object()
        ids, names = list(wanted.get("ids", ())), list(wanted.get("fields", ()))
    else:
        ids, names = field_names(call.param("ids")), field_names(call.param("fields"))
    _require_at_most(MAX_RETRIEVED, ids)
    return Answer([_retrieve(call, sobject, record_id, names) for record_id in ids])


def _retrieve(call: ApiCall, sobject: SObject, record_id: str, names: list[str]) -> Item | None:
    try:
        row = call.org.store.get(sobject, to_18(record_id))
    except MalformedIdError:
        return None
    if row is None or row["IsDeleted"] or is_hidden(call.org, call.caller.user_id, str(row["Id"])):
        return None
    return record_json(call, sobject, row, names)


def _request(call: ApiCall) -> tuple[list[Item], bool]:
    wanted = call.json_object()
    records = wanted.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        message = "records must be a list of objects at [line:1, column:1]"
        raise SalesforceError("JSON_PARSER_ERROR", message)
    _require_at_most(MAX_RECORDS, records)
    return records, wanted.get("allOrNone") is True


def _require_at_most(maximum: int, items: Sequence[object]) -> None:
    if len(items) > maximum:
        message = f"record limit reached. cannot submit more than {maximum} records into this call"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)


def _sobject_of(call: ApiCall, record: Mapping[str, Any]) -> SObject:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise SalesforceError("INVALID_TYPE", "Must send a valid sObject type")
    return call.sobject(name)


def _success(record_id: str, **more: Any) -> Item:
    return {"id": record_id, "success": True, "errors": [], **more}


def _creating(call: ApiCall, record: Item) -> Step:
    def step() -> Item:
        sobject = _sobject_of(call, record)
        return _success(create_record(call.org, call.caller.user_id, sobject, record, call.saving))

    return step


def _split_id(record: Item) -> tuple[str, Item]:
    values = {name: value for name, value in record.items() if name.lower() != "id"}
    record_id = next((str(record[name]) for name in record if name.lower() == "id"), None)
    if record_id is None:
        message = "Id not specified in an update call"
        raise SalesforceError("MISSING_ARGUMENT", message, fields=["Id"])
    return record_id, values


def _updating(call: ApiCall, record: Item) -> Step:
    def step() -> Item:
        record_id, values = _split_id(record)
        sobject = _sobject_of(call, record)
        update_record(call.org, call.caller.user_id, sobject, record_id, values, call.saving)
        return _success(to_18(record_id))

    return step


def _upserting(call: ApiCall, sobject: SObject, field_name: str, record: Item) -> Step:
    def step() -> Item:
        field = external_id_field(sobject, field_name)
        value = next((record[key] for key in record if key.lower() == field.name.lower()), None)
        values = {key: record[key] for key in record if key.lower() != "id"}
        found = find_by_external_id(call.org, sobject, field, value) if value else []
        if len(found) > 1:
            raise SalesforceError("DUPLICATE_EXTERNAL_ID", f"{field.name}: more than one record")
        if found:
            update_record(call.org, call.caller.user_id, sobject, found[0], values, call.saving)
            return _success(found[0], created=False)
        record_id = create_record(call.org, call.caller.user_id, sobject, values, call.saving)
        return _success(record_id, created=True)

    return step


def _deleting(call: ApiCall, record_id: str) -> Step:
    def step() -> Item:
        sobject = call.schema.of_id(record_id)
        if sobject is None:
            message = f"malformed id {record_id}"
            raise SalesforceError("MALFORMED_ID", message)
        delete_record(call.org, call.caller.user_id, sobject, record_id)
        return _success(to_18(record_id))

    return step


def _run(
    steps: Sequence[Step], records: Sequence[Item], all_or_none: bool, call: ApiCall
) -> Answer:
    """Every record by itself; with all or none, one failure undoes the others."""
    items: list[Item] = []
    try:
        with call.org.store.transaction():
            items = [
                _attempt(call, step, record) for step, record in zip(steps, records, strict=True)
            ]
            _keep_or_roll_back(items, all_or_none)
    except _RolledBackError:
        items = [_rolled_back() if item["success"] else item for item in items]
    return Answer(items)


def _keep_or_roll_back(items: Sequence[Item], all_or_none: bool) -> None:
    if all_or_none and not all(item["success"] for item in items):
        raise _RolledBackError


def _attempt(call: ApiCall, step: Step, record: Item) -> Item:
    try:
        with call.org.store.transaction():
            return step()
    except SalesforceError as error:
        failed = {"success": False, "errors": [error.to_item()]}
        record_id = record.get("id", record.get("Id"))
        return {"id": record_id, **failed} if record_id else failed


def _rolled_back() -> Item:
    error = SalesforceError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using "
        "AllOrNone header",
    )
    return {"success": False, "errors": [error.to_item()]}


RESOURCES = (
    Resource(
        "composite/sobjects",
        {"POST": create_many, "PATCH": update_many, "DELETE": delete_many},
    ),
    Resource("composite/sobjects/{name}", {"GET": retrieve_many, "POST": retrieve_many}),
    Resource("composite/sobjects/{name}/{field_name}", {"PATCH": upsert_many}),
)
