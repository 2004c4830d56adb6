"""Plain resources: describe, one record, query, search (reference 3.1 to 3.5)."""

from __future__ import annotations

from typing import Any

from integrations.simulators.salesforce.api import Answer, ApiCall, Resource
from integrations.simulators.salesforce.conditional import answer_if_changed
from integrations.simulators.salesforce.describe import (
    describe_global,
    describe_global_entry,
    describe_sobject,
)
from integrations.simulators.salesforce.errors import (
    SalesforceError,
    entity_is_deleted,
    no_such_column,
    not_found,
)
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.query import batch_size_from, fetch_page, run_query
from integrations.simulators.salesforce.record_access import is_hidden
from integrations.simulators.salesforce.records import create_record, delete_record, update_record
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.sosl import run_parameterized, run_search
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.values import to_column, to_json

CREATED_KEY_SINCE = 46.0
"""From this version an upsert says `created`, and an update has a body at all."""


def created(call: ApiCall, sobject: SObject, record_id: str, **more: Any) -> Answer:
    """201 with the place of the new record."""
    body = {"id": record_id, "success": True, "errors": [], **more}
    place = f"{call.base}/sobjects/{sobject.name}/{record_id}"
    return Answer(body, 201, {"Location": place})


def record_json(call: ApiCall, sobject: SObject, row: Record, names: list[str]) -> dict[str, Any]:
    """A record with the named fields, or all of them. Raises `SalesforceError`."""
    fields = []
    for name in names or [field.name for field in sobject.fields]:
        field = sobject.field(name)
        if field is None:
            raise no_such_column(name, sobject.name)
        fields.append(field)
    url = f"{call.base}/sobjects/{sobject.name}/{row['Id']}"
    values = {field.name: to_json(field, row[field.name]) for field in fields}
    return {"attributes": {"type": sobject.name, "url": url}} | values


def field_names(text: str) -> list[str]:
    """The names in a comma-separated parameter."""
    return [name.strip() for name in text.split(",") if name.strip()]


def version_root(call: ApiCall) -> Answer:
    """What the version offers."""
    names = (
        "sobjects",
        "query",
        "queryAll",
        "search",
        "parameterizedSearch",
        "limits",
        "composite",
        "metadata",
        "tooling",
    )
    body = {name: f"{call.base}/{name}" for name in names}
    body["identity"] = f"{call.headers['x-base-url']}/id/{call.org.org_id}/{call.caller.user_id}"
    return Answer(body)


def list_objects(call: ApiCall) -> Answer:
    """Describe global."""
    return answer_if_changed(call, describe_global(call.schema, f"{call.base}/sobjects"))


def show_object(call: ApiCall, name: str) -> Answer:
    """The short describe of one object."""
    sobject = _addressed_object(call, name)
    entry = describe_global_entry(sobject, f"{call.base}/sobjects")
    return Answer({"objectDescribe": entry, "recentItems": []})


def describe(call: ApiCall, name: str) -> Answer:
    """The whole describe of one object; Task's statuses are those of TaskStatus."""
    sobject = _addressed_object(call, name)
    body = describe_sobject(sobject, call.schema, f"{call.base}/sobjects")
    if sobject.name == "Task":
        rows = call.org.store.rows("SELECT * FROM TaskStatus ORDER BY SortOrder")
        values = [
            {
                "active": True,
                "defaultValue": bool(row["IsDefault"]),
                "label": row["MasterLabel"],
                "validFor": None,
                "value": row["ApiName"],
            }
            for row in rows
        ]
        for field in body["fields"]:
            if field["name"] == "Status":
                field["picklistValues"] = values
    return answer_if_changed(call, body)


def create(call: ApiCall, name: str) -> Answer:
    """Create one record."""
    sobject = _addressed_object(call, name)
    record_id = create_record(
        call.org, call.caller.user_id, sobject, call.json_object(), call.saving
    )
    return created(call, sobject, record_id)


def create_through_upsert(call: ApiCall, name: str, record_id: str) -> Answer:
    """Create one record at the address of an upsert by `Id`."""
    if record_id.lower() != "id":
        message = "HTTP Method 'POST' not allowed. Allowed are DELETE, GET, PATCH"
        raise SalesforceError("METHOD_NOT_ALLOWED", message, status=405)
    return create(call, name)


def read(call: ApiCall, name: str, record_id: str) -> Answer:
    """Read one record."""
    sobject = _addressed_object(call, name)
    try:
        row = call.org.store.get(sobject, to_18(record_id))
    except MalformedIdError:
        row = None
    if row is None or is_hidden(call.org, call.caller.user_id, str(row["Id"])):
        raise not_found()
    if row["IsDeleted"]:
        raise entity_is_deleted()
    return Answer(record_json(call, sobject, row, field_names(call.param("fields"))))


def update(call: ApiCall, name: str, record_id: str) -> Answer:
    """Change one record."""
    sobject = _addressed_object(call, name)
    update_record(
        call.org, call.caller.user_id, sobject, record_id, call.json_object(), call.saving
    )
    return Answer(status=204)


def delete(call: ApiCall, name: str, record_id: str) -> Answer:
    """Delete one record."""
    sobject = _addressed_object(call, name)
    delete_record(call.org, call.caller.user_id, sobject, record_id)
    return Answer(status=204)


def external_id_field(sobject: SObject, name: str) -> Field:
    """The external-id field of that name. Raises `SalesforceError` (NOT_FOUND)."""
    field = sobject.field(name)
    if field is None or not (field.external_id or field.type == "id"):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def find_by_external_id(org: Org, sobject: SObject, field: Field, value: str) -> list[str]:
    """Ids of the living records with this value."""
    rows = org.store.find(sobject, {field.name: to_column(field, value), "IsDeleted": 0})
    return [str(row["Id"]) for row in rows]


def read_by_external_id(call: ApiCall, name: str, field_name: str, value: str) -> Answer:
    """Read one record by an external id."""
    sobject = _addressed_object(call, name)
    field = external_id_field(sobject, field_name)
    found = find_by_external_id(call.org, sobject, field, value)
    if len(found) > 1:
        return _several(call, sobject, found)
    if not found:
        raise not_found()
    return read(call, name, found[0])


def upsert(call: ApiCall, name: str, field_name: str, value: str) -> Answer:
    """Create or change one record by an external id."""
    sobject = _addressed_object(call, name)
    field = external_id_field(sobject, field_name)
    values = call.json_object()
    if any(key.lower() == field.name.lower() for key in values):
        message = f"The {field.name} field should not be specified in the sobject data."
        raise SalesforceError("INVALID_FIELD", message)
    found = find_by_external_id(call.org, sobject, field, value)
    if len(found) > 1:
        return _several(call, sobject, found)
    says_created = float(call.version) >= CREATED_KEY_SINCE
    if found:
        update_record(call.org, call.caller.user_id, sobject, found[0], values, call.saving)
        body = {"id": found[0], "success": True, "errors": [], "created": False}
        return Answer(body) if says_created else Answer(status=204)
    if call.param("updateOnly") == "true" or field.type == "id":
        raise not_found()
    record = {**values, field.name: value}
    record_id = create_record(call.org, call.caller.user_id, sobject, record, call.saving)
    more = {"created": True} if says_created else {}
    return created(call, sobject, record_id, **more)


def query(call: ApiCall) -> Answer:
    """SOQL over living records."""
    return _query(call, include_deleted=False)


def query_all(call: ApiCall) -> Answer:
    """SOQL over deleted records too."""
    return _query(call, include_deleted=True)


def _query(call: ApiCall, *, include_deleted: bool) -> Answer:
    return Answer(
        run_query(
            call.org,
            call.caller,
            call.base,
            call.param("q"),
            include_deleted=include_deleted,
            batch_size=batch_size_from(call.headers),
        )
    )


def query_more(call: ApiCall, locator: str) -> Answer:
    """The next page of a query."""
    return Answer(fetch_page(call.org, call.base, locator))


def search(call: ApiCall) -> Answer:
    """SOSL."""
    return Answer(run_search(call.org, call.caller, call.base, call.param("q")))


def search_by_parameters(call: ApiCall) -> Answer:
    """Parameterized search, by query string or body."""
    wanted = call.json_object() if call.method == "POST" else _search_from_params(call)
    return Answer(run_parameterized(call.org, call.caller, call.base, wanted))


def _search_from_params(call: ApiCall) -> dict[str, Any]:
    sobjects = [
        {
            "name": name,
            "fields": field_names(call.param(f"{name}.fields")),
            "where": call.param(f"{name}.where"),
            "limit": call.param(f"{name}.limit") or None,
            "orderBy": call.param(f"{name}.orderBy"),
        }
        for name in call.params.get("sobject", ())
    ]
    wanted = {"q": call.param("q"), "in": call.param("in", "ALL"), "sobjects": sobjects}
    limits = {key: call.param(key) or None for key in ("defaultLimit", "overallLimit", "offset")}
    return {**wanted, "fields": field_names(call.param("fields")), **limits}


def _several(call: ApiCall, sobject: SObject, ids: list[str]) -> Answer:
    return Answer([f"{call.base}/sobjects/{sobject.name}/{one}" for one in ids], 300)


def _addressed_object(call: ApiCall, name: str) -> SObject:
    sobject = call.schema.find(name)
    if sobject is None:
        raise not_found()
    return sobject


RESOURCES = (
    Resource("", {"GET": version_root}),
    Resource("sobjects", {"GET": list_objects}),
    Resource("sobjects/{name}", {"GET": show_object, "POST": create}),
    Resource("sobjects/{name}/describe", {"GET": describe}),
    Resource(
        "sobjects/{name}/{record_id}",
        {"GET": read, "PATCH": update, "DELETE": delete, "POST": create_through_upsert},
    ),
    Resource("sobjects/{name}/{field_name}/{value}", {"GET": read_by_external_id, "PATCH": upsert}),
    Resource("query", {"GET": query}),
    Resource("query/{locator}", {"GET": query_more}),
    Resource("queryAll", {"GET": query_all}),
    Resource("queryAll/{locator}", {"GET": query_more}),
    Resource("search", {"GET": search}),
    Resource("parameterizedSearch", {"GET": search_by_parameters, "POST": search_by_parameters}),
)
