"""Reading from an org what its connected user may do; nothing is left behind (PLUS-11).

Describe and permission rows are read. The one attempt to write runs inside a composite request
that Salesforce rolls back as a whole (salesforce.md 3.7), and only when a person asked for it:
the customer's own automations take part in it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from integrations.errors import NeedsAttention
from integrations.models import Connection, CrmWrite, WriteState
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.errors import advice_for
from integrations.salesforce.proofs import Evidence, FieldSeen, ObjectSeen, Told
from integrations.salesforce.remedies import as_sentence
from integrations.salesforce.soql import in_list, quote

#: Refusals of the API as such: nothing else can be asked then.
API_REFUSALS = frozenset({"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"})
_PERMISSIONS = ("PermissionsApiEnabled", "PermissionsEditTask", "PermissionsEditEvent")
_WIDE_PERMISSIONS = ("PermissionsViewAllData", "PermissionsModifyAllData")
#: Own records that are looked for again; one answer for all.
_OWN_RECORDS, _LOOKED_THROUGH = 20, 200


def read_evidence(
    client: SalesforceClient, sobjects: Iterable[str], *, rehearses: bool = False
) -> Evidence:
    """Ask the org; one request an object and a few more. Raises what the client raises."""
    try:
        permissions = _read_permissions(client)
    except NeedsAttention as error:
        if error.code not in API_REFUSALS:
            raise
        text = f"{error.message} {advice_for(error.code, error.message)}"
        return Evidence({}, api_refused=text)
    objects = {name: seen for name in sobjects if (seen := _read_object(client, name)) is not None}
    writes = "Task" in objects
    return Evidence(
        objects,
        permissions,
        views_all=_read_view_all(client, objects),
        read_back=_read_back(client, permissions) if writes else Told(None, "No Task can be read."),
        rehearsal=rehearse(client) if writes and rehearses else _NOT_REHEARSED,
    )


_NOT_REHEARSED = Told(None, "It is tried only when somebody asks for it on this page.")


def _read_permissions(client: SalesforceClient) -> Mapping[str, bool]:
    """What the caller holds; fewer where the org's version does not know all of the columns."""
    for names in ((*_PERMISSIONS, *_WIDE_PERMISSIONS), _PERMISSIONS):
        try:
            rows = client.query(f"SELECT {', '.join(names)} FROM UserPermissionAccess")  # noqa: S608
        except NeedsAttention as error:
            if error.code not in ("INVALID_FIELD", "INVALID_TYPE"):
                raise
        else:
            return {name: bool(rows[0].get(name)) for name in names} if rows else {}
    return {}


def _read_object(client: SalesforceClient, name: str) -> ObjectSeen | None:
    try:
        described = client.describe(name)
    except NeedsAttention as error:
        if error.http_status != 404:
            raise
        return None
    return ObjectSeen(
        queryable=bool(described.get("queryable")),
        createable=bool(described.get("createable")),
        updateable=bool(described.get("updateable")),
        fields={str(one["name"]): _read_field(one) for one in described.get("fields", ())},
    )


def _read_field(described: Record) -> FieldSeen:
    createable = bool(described.get("createable"))
    optional = bool(described.get("nillable")) or bool(described.get("defaultedOnCreate"))
    # A checkbox is never null, and false unless it is set.
    is_required = createable and not optional and described.get("type") != "boolean"
    values = None
    if described.get("restrictedPicklist"):
        offered = described.get("picklistValues") or ()
        values = frozenset(str(one["value"]) for one in offered if one.get("active", True))
    return FieldSeen(
        createable=createable,
        updateable=bool(described.get("updateable")),
        is_required=is_required,
        is_unique_external_id=bool(described.get("externalId") and described.get("unique")),
        values=values,
        refers_to=frozenset(str(name) for name in described.get("referenceTo") or ()),
    )


def _read_view_all(client: SalesforceClient, sobjects: Iterable[str]) -> Mapping[str, bool] | None:
    """From the permission sets of the user, the profile's among them; None where hidden."""
    user = quote(client.connection.salesforce_user_id)
    try:
        sets = client.query(
            f"SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = {user}"  # noqa: S608
        )
        parents = [str(row["PermissionSetId"]) for row in sets]
        rows = _view_all_rows(client, parents, sobjects) if parents else []
    except NeedsAttention as error:
        if error.code not in ("INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS"):
            raise
        return None
    return {str(row["SobjectType"]): True for row in rows}


def _view_all_rows(
    client: SalesforceClient, parents: list[str], sobjects: Iterable[str]
) -> list[Record]:
    return client.query(
        "SELECT SobjectType FROM ObjectPermissions "  # noqa: S608 - quoted below
        f"WHERE ParentId IN {in_list(parents)} AND SobjectType IN {in_list(sorted(sobjects))} "
        "AND PermissionsViewAllRecords = true"
    )


def _read_back(client: SalesforceClient, permissions: Mapping[str, bool]) -> Told:
    """Whether Tasks of our own that belong to others, without a person, are found again (C2)."""
    if any(permissions.get(name) for name in _WIDE_PERMISSIONS):
        return Told(True, "The user sees all data.")
    ids = _ids_filed_under_nobody(client.connection)
    if not ids:
        return Told(None, "It shows with the first record of a member that is filed under nobody.")
    seen = client.query_all(f"SELECT Id FROM Task WHERE Id IN {in_list(ids)}")  # noqa: S608
    if seen:
        return Told(True, "Records filed under nobody are found again.")
    return Told(
        False,
        "Records filed under nobody cannot be found again by this user, so a lost answer needs a "
        "person. Give the user View All Data, or a role above the members’.",
    )


def _ids_filed_under_nobody(connection: Connection) -> list[str]:
    """Tasks that this connection wrote for other users, without Who and What; the newest."""
    done = CrmWrite.objects.filter(
        connection=connection, state=WriteState.DONE, sobject="Task", parent_key=""
    ).exclude(salesforce_record_id="")
    newest = done.order_by("-pk").values_list("salesforce_record_id", "fields")[:_LOOKED_THROUGH]
    own = ("", None, connection.salesforce_user_id)
    ids = [record_id for record_id, fields in newest if fields.get("OwnerId") not in own]
    return list(dict.fromkeys(ids))[:_OWN_RECORDS]


def rehearse(client: SalesforceClient) -> Told:
    """Create a Task as a call would, in a transaction that is made to fail."""
    connection = client.connection
    task: dict[str, Any] = {
        "Subject": "Patchbay preflight: rolled back, not a call",
        "Status": connection.closed_task_status or "Completed",
        "TaskSubtype": "Call",
        "CallType": "Inbound",
        "CallDurationInSeconds": 0,
        "ActivityDate": timezone.now().date().isoformat(),
        "Description": "Created and undone in one request, to prove the permission.",
    }
    result = client.rehearse_create("Task", task)
    if result.success:
        return Told(True, "Salesforce took a record and undid it: nothing is left of it.")
    advice = advice_for(result.error_code, result.error_message)
    said = as_sentence(result.error_message)
    return Told(False, f"Salesforce refused a record: {said} {advice}".strip())
