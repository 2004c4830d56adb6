"""The Tooling API, as far as fields and rules need it (reference 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from integrations.simulators.salesforce.api import Answer, ApiCall, Resource
from integrations.simulators.salesforce.custom_fields import (
    CustomField,
    add,
    all_fields,
    prepare,
    refused,
)
from integrations.simulators.salesforce.describe import describe_global, describe_sobject
from integrations.simulators.salesforce.errors import SalesforceError, not_found
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.query import batch_size_from, fetch_page, run_query


def list_objects(call: ApiCall) -> Answer:
    """Describe global, of the Tooling API's own objects."""
    tooling = _as_tooling(call)
    return Answer(describe_global(tooling.schema, f"{call.base}/tooling/sobjects"))


def describe(call: ApiCall, name: str) -> Answer:
    """The whole describe of one of them."""
    tooling = _as_tooling(call)
    sobject = tooling.schema.find(name)
    if sobject is None:
        raise not_found()
    return Answer(describe_sobject(sobject, tooling.schema, f"{call.base}/tooling/sobjects"))


def query(call: ApiCall) -> Answer:
    """SOQL over them."""
    tooling = _as_tooling(call)
    return Answer(
        run_query(
            call.org,
            tooling.caller,
            f"{call.base}/tooling",
            call.param("q"),
            batch_size=batch_size_from(call.headers),
        )
    )


def query_more(call: ApiCall, locator: str) -> Answer:
    """The next page of a query."""
    return Answer(fetch_page(call.org, f"{call.base}/tooling", locator))


def create_field(call: ApiCall) -> Answer:
    """Add a custom field; nobody sees it before a permission set shows it."""
    require_customizing(call)
    given = call.json_object()
    metadata = given.get("Metadata")
    if not isinstance(metadata, dict):
        raise refused("Required field is missing: Metadata", "Metadata")
    made = prepare(call.org, str(given.get("FullName", "")), metadata)
    add(call.org, made)
    return Answer({"id": made.id, "success": True, "errors": [], "warnings": [], "infos": []}, 201)


def read_field(call: ApiCall, record_id: str) -> Answer:
    """One custom field with its definition."""
    require_customizing(call)
    one = _find(call, record_id)
    url = f"{call.base}/tooling/sobjects/CustomField/{one.id}"
    body: dict[str, Any] = {
        "attributes": {"type": "CustomField", "url": url},
        "Id": one.id,
        "DeveloperName": one.definition.name.removesuffix("__c"),
        "FullName": one.full_name,
        "TableEnumOrId": one.sobject,
        "Metadata": {"label": one.definition.label, **one.metadata},
    }
    return Answer(body)


def require_customizing(call: ApiCall) -> None:
    """Raise `SalesforceError` for callers who may not customize the application."""
    if not call.org.may(call.caller.user_id, "PermissionsCustomizeApplication"):
        raise SalesforceError("INSUFFICIENT_ACCESS", "insufficient access", status=403)


def _find(call: ApiCall, record_id: str) -> CustomField:
    try:
        wanted = to_18(record_id)
    except MalformedIdError:
        raise not_found() from None
    for one in all_fields(call.org):
        if one.id == wanted:
            return one
    raise not_found()


def _as_tooling(call: ApiCall) -> ApiCall:
    return replace(call, caller=replace(call.caller, is_tooling=True))


RESOURCES = (
    Resource("tooling/sobjects", {"GET": list_objects}),
    Resource("tooling/sobjects/CustomField", {"POST": create_field}),
    Resource("tooling/sobjects/CustomField/{record_id}", {"GET": read_field}),
    Resource("tooling/sobjects/{name}/describe", {"GET": describe}),
    Resource("tooling/query", {"GET": query}),
    Resource("tooling/query/{locator}", {"GET": query_more}),
)
