"""`updated` and `deleted`: what changed in a span of time (reference 8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from integrations.simulators.salesforce.api import Answer, ApiCall, Resource
from integrations.simulators.salesforce.errors import SalesforceError, not_found
from integrations.simulators.salesforce.record_access import sharing_of
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.values import parse_time, to_wire_time

UPDATED_DAYS, DELETED_DAYS = 30, 15


def list_updated(call: ApiCall, name: str) -> Answer:
    """Ids of the records that were created or changed."""
    sobject, start, end = _span(call, name, UPDATED_DAYS)
    rows = _changed(call, sobject, start, end, is_deleted=0)
    ids = [row["Id"] for row in rows]
    return Answer({"ids": ids, "latestDateCovered": to_wire_time(end)})


def list_deleted(call: ApiCall, name: str) -> Answer:
    """Ids of the records in the recycle bin, with the time when they got there."""
    sobject, start, end = _span(call, name, DELETED_DAYS)
    rows = _changed(call, sobject, start, end, is_deleted=1)
    return Answer(
        {
            "deletedRecords": [
                {"id": row["Id"], "deletedDate": row["SystemModstamp"]} for row in rows
            ],
            "earliestDateAvailable": to_wire_time(call.org.now() - timedelta(days=DELETED_DAYS)),
            "latestDateCovered": to_wire_time(end),
        }
    )


def _span(call: ApiCall, name: str, days: int) -> tuple[SObject, datetime, datetime]:
    sobject = call.schema.find(name)
    if sobject is None:
        raise not_found()
    start, end = (_minute(call, key) for key in ("start", "end"))
    if start >= end or start < call.org.now() - timedelta(days=days):
        message = f"start must lie before end and no more than {days} days ago"
        raise SalesforceError("INVALID_REPLICATION_DATE", message)
    return sobject, start, end


def _minute(call: ApiCall, key: str) -> datetime:
    """A time of the query; its seconds are ignored."""
    try:
        moment = parse_time(call.param(key))
    except ValueError:
        message = f"{key}: not a date and time with a zone: {call.param(key)}"
        raise SalesforceError("ILLEGAL_QUERY_PARAMETER_VALUE", message) from None
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _changed(
    call: ApiCall, sobject: SObject, start: datetime, end: datetime, *, is_deleted: int
) -> list[dict[str, str]]:
    shown = sharing_of(call.org, call.caller.user_id).visible("root", sobject.name)
    rows = call.org.store.rows(
        f'SELECT Id, SystemModstamp FROM "{sobject.name}" root '  # noqa: S608 - names of the schema
        "WHERE coalesce(IsDeleted, 0) = ? AND SystemModstamp >= ? AND SystemModstamp < ? "
        f"AND {shown} ORDER BY SystemModstamp, Id",
        [is_deleted, to_wire_time(start), to_wire_time(end)],
    )
    return [dict(row) for row in rows]


RESOURCES = (
    Resource("sobjects/{name}/updated", {"GET": list_updated}),
    Resource("sobjects/{name}/deleted", {"GET": list_deleted}),
)
