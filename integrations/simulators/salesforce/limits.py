"""What the org may use, and how much it holds (reference 5.4)."""

from __future__ import annotations

from integrations.simulators.salesforce.api import Answer, ApiCall, Resource

#: The longest URI, and the longest headers together, in bytes (reference 3.1).
MAX_URI_BYTES = MAX_HEADER_BYTES = 16_384
#: Allowances that nothing here uses up.
_UNUSED = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyDeliveredPlatformEvents": 25_000,
    "DailyStreamingApiEvents": 200_000,
    "FileStorageMB": 10_240,
    "HourlyPublishedPlatformEvents": 250_000,
}
#: Two records take some four kilobytes, whatever is in them.
_RECORDS_A_MEGABYTE = 512
_STORAGE_MEGABYTES = 10_240
_STORED = ("Account", "Campaign", "CampaignMember", "Case", "Contact", "Event", "Lead", "Task")


def show_limits(call: ApiCall) -> Answer:
    """`GET limits`: the daily requests by edition, the storage by records."""
    requests = call.org.switches.limit
    used_megabytes = sum(_count(call, name) for name in _STORED) // _RECORDS_A_MEGABYTE
    return Answer(
        {
            "DailyApiRequests": {
                "Max": requests.maximum,
                "Remaining": requests.maximum - requests.used,
            },
            "DataStorageMB": {
                "Max": _STORAGE_MEGABYTES,
                "Remaining": max(0, _STORAGE_MEGABYTES - used_megabytes),
            },
            **{name: {"Max": most, "Remaining": most} for name, most in _UNUSED.items()},
        }
    )


def count_records(call: ApiCall) -> Answer:
    """`GET limits/recordCount`: objects that are not there, or not visible, are left out."""
    wanted = [name.strip() for name in call.param("sObjects").split(",") if name.strip()]
    found = [call.schema.find(name) for name in wanted]
    names = sorted(sobject.name for sobject in found if sobject)
    return Answer({"sObjects": [{"count": _count(call, name), "name": name} for name in names]})


def _count(call: ApiCall, name: str) -> int:
    sobject = call.org.schema.find(name)
    if sobject is None:
        return 0
    living = " WHERE IsDeleted = 0" if sobject.field("IsDeleted") else ""
    [row] = call.org.store.rows(f'SELECT COUNT(*) FROM "{sobject.name}"{living}')  # noqa: S608
    return int(row[0])


RESOURCES = (
    Resource("limits", {"GET": show_limits}),
    Resource("limits/recordCount", {"GET": count_records}),
)
