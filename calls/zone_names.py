"""Long names of time zones for subjects in the 12-hour format (CRC-74, K-14). Pure data.

The standard library knows ids and abbreviations only. A zone that is not listed shows its id.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

# (standard time, summer time): the ids that use it. No summer time: the second name is empty.
_NAMES: dict[tuple[str, str], str] = {
    ("Greenwich Mean Time", "British Summer Time"): "Europe/London Europe/Belfast",
    ("Greenwich Mean Time", "Irish Standard Time"): "Europe/Dublin",
    ("Greenwich Mean Time", ""): "GMT Etc/GMT Africa/Accra Atlantic/Reykjavik",
    ("Coordinated Universal Time", ""): "UTC Etc/UTC",
    ("Western European Standard Time", "Western European Summer Time"): (
        "Europe/Lisbon Atlantic/Canary"
    ),
    ("Central European Standard Time", "Central European Summer Time"): (
        "Europe/Amsterdam Europe/Belgrade Europe/Berlin Europe/Brussels Europe/Budapest "
        "Europe/Copenhagen Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Oslo "
        "Europe/Paris Europe/Prague Europe/Rome Europe/Stockholm Europe/Vienna Europe/Warsaw "
        "Europe/Zagreb Europe/Zurich"
    ),
    ("Eastern European Standard Time", "Eastern European Summer Time"): (
        "Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Kyiv Europe/Kiev Europe/Riga "
        "Europe/Sofia Europe/Tallinn Europe/Vilnius"
    ),
    ("Eastern Standard Time", "Eastern Daylight Time"): (
        "America/New_York America/Detroit America/Toronto America/Indiana/Indianapolis"
    ),
    ("Central Standard Time", "Central Daylight Time"): "America/Chicago America/Winnipeg",
    ("Mountain Standard Time", "Mountain Daylight Time"): "America/Denver America/Edmonton",
    ("Mountain Standard Time", ""): "America/Phoenix",
    ("Pacific Standard Time", "Pacific Daylight Time"): "America/Los_Angeles America/Vancouver",
    ("Alaska Standard Time", "Alaska Daylight Time"): "America/Anchorage",
    ("Hawaii-Aleutian Standard Time", ""): "Pacific/Honolulu",
    ("Brasilia Standard Time", ""): "America/Sao_Paulo",
    ("Central Standard Time", ""): "America/Mexico_City",
    ("Gulf Standard Time", ""): "Asia/Dubai",
    ("India Standard Time", ""): "Asia/Kolkata Asia/Calcutta",
    ("China Standard Time", ""): "Asia/Shanghai",
    ("Hong Kong Standard Time", ""): "Asia/Hong_Kong",
    ("Singapore Standard Time", ""): "Asia/Singapore",
    ("Japan Standard Time", ""): "Asia/Tokyo",
    ("Korean Standard Time", ""): "Asia/Seoul",
    ("South Africa Standard Time", ""): "Africa/Johannesburg",
    ("Australian Eastern Standard Time", "Australian Eastern Daylight Time"): (
        "Australia/Sydney Australia/Melbourne Australia/Hobart"
    ),
    ("Australian Eastern Standard Time", ""): "Australia/Brisbane",
    ("Australian Western Standard Time", ""): "Australia/Perth",
    ("New Zealand Standard Time", "New Zealand Daylight Time"): "Pacific/Auckland",
}
_NAMES_BY_ID = {zone_id: names for names, ids in _NAMES.items() for zone_id in ids.split()}


def describe_zone_id(zone_id: str) -> str:
    """`Asia/Hong_Kong` as people write it: `Asia/Hong Kong`."""
    return zone_id.replace("_", " ")


def name_zone(zone_id: str, moment: datetime) -> str:
    """The long name in force at `moment` (aware), else the id."""
    standard, summer = _NAMES_BY_ID.get(zone_id, (describe_zone_id(zone_id), ""))
    return summer if summer and _is_summer_time(ZoneInfo(zone_id), moment) else standard


def _is_summer_time(zone: ZoneInfo, moment: datetime) -> bool:
    """Whether clocks are ahead of the zone's smallest offset of that year."""
    local = moment.astimezone(zone)
    offsets = [datetime(local.year, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    return local.utcoffset() != min(offset for offset in offsets if offset is not None)
