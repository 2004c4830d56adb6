"""Composite tree: parents with their children, all or nothing (reference 3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.simulators.salesforce.api import Answer, ApiCall, Resource
from integrations.simulators.salesforce.errors import SalesforceError, no_such_column
from integrations.simulators.salesforce.records import create_record
from integrations.simulators.salesforce.schema import SObject

MAX_RECORDS, MAX_TYPES, MAX_DEPTH = 200, 5, 5


@dataclass
class _Node:
    """One record of the tree. `link` is the field that points to `parent`."""

    reference: str
    sobject: SObject
    values: dict[str, Any]
    depth: int
    parent: _Node | None = None
    link: str = ""
    record_id: str = ""


class _NothingSavedError(Exception):
    """A record was refused."""


def create_tree(call: ApiCall, name: str) -> Answer:
    """POST: create a tree of records; parents come first."""
    sobject = call.sobject(name)
    nodes = list(_flatten(call, sobject, call.json_object().get("records"), 1))
    _check_size(nodes)
    errors: list[dict[str, Any]] = []
    try:
        with call.org.store.transaction():
            for node in nodes:
                _create(call, node, errors)
            _keep_or_roll_back(errors)
    except _NothingSavedError:
        return Answer({"hasErrors": True, "results": errors}, 400)
    results = [{"referenceId": node.reference, "id": node.record_id} for node in nodes]
    return Answer({"hasErrors": False, "results": results}, 201)


def _keep_or_roll_back(errors: list[dict[str, Any]]) -> None:
    if errors:
        raise _NothingSavedError


def _create(call: ApiCall, node: _Node, errors: list[dict[str, Any]]) -> None:
    if node.parent is not None:
        if not node.parent.record_id:
            return  # its parent was refused, which is reported already
        node.values[node.link] = node.parent.record_id
    try:
        with call.org.store.transaction():
            user_id = call.caller.user_id
            node.record_id = create_record(
                call.org, user_id, node.sobject, node.values, call.saving
            )
    except SalesforceError as error:
        errors.append({"referenceId": node.reference, "errors": [error.to_item()]})


def _flatten(
    call: ApiCall,
    sobject: SObject,
    records: Any,
    depth: int,
    parent: _Node | None = None,
    link: str = "",
) -> Iterator[_Node]:
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        message = "records must be a list of objects at [line:1, column:1]"
        raise SalesforceError("JSON_PARSER_ERROR", message)
    for record in records:
        plain = {key: value for key, value in record.items() if not _holds_records(value)}
        reference = _reference(record, sobject)
        node = _Node(reference, sobject, plain, depth, parent, link)
        yield node
        for key, value in record.items():
            if _holds_records(value):
                child, field = _child(call, sobject, key)
                yield from _flatten(call, child, value["records"], depth + 1, node, field)


def _holds_records(value: object) -> bool:
    return isinstance(value, dict) and "records" in value


def _reference(record: Mapping[str, Any], sobject: SObject) -> str:
    attributes = record.get("attributes")
    given = attributes if isinstance(attributes, dict) else {}
    if str(given.get("type", "")).lower() != sobject.name.lower() or not given.get("referenceId"):
        message = f"Include a {sobject.name} type and a referenceId in the attributes"
        raise SalesforceError("INVALID_INPUT", message)
    return str(given["referenceId"])


def _child(call: ApiCall, parent: SObject, relationship: str) -> tuple[SObject, str]:
    found = call.schema.child(parent, relationship)
    if found is None:
        raise no_such_column(relationship, parent.name)
    child, field = found
    return child, field.name


def _check_size(nodes: list[_Node]) -> None:
    if len({node.reference for node in nodes}) != len(nodes):
        raise SalesforceError("INVALID_INPUT", "Duplicate ReferenceId provided in the request.")
    types = {node.sobject.name for node in nodes}
    depth = max((node.depth for node in nodes), default=0)
    if len(nodes) > MAX_RECORDS or len(types) > MAX_TYPES or depth > MAX_DEPTH:
        message = f"a tree takes {MAX_RECORDS} records of {MAX_TYPES} types, {MAX_DEPTH} deep"
        raise SalesforceError("EXCEEDED_ID_LIMIT", message)


RESOURCES = (Resource("composite/tree/{name}", {"POST": create_tree}),)
