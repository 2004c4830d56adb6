"""Parts of dates in queries, and groups that are filtered by what they come to."""

from typing import Any

import pytest

from tests.integrations.simulators.org_client import OrgClient, refused

MEETINGS = (
    # subject, start in UTC
    ("New Year", "2026-01-01T02:30:00Z"),
    ("Spring", "2026-04-12T10:00:00Z"),
    ("Spring again", "2026-04-30T23:59:59Z"),
    ("Last year", "2025-12-31T10:00:00Z"),
)


@pytest.fixture
def meetings(org: OrgClient) -> OrgClient:
    """An org with four events of known times, asked by somebody in California."""
    for subject, start in MEETINGS:
        org.create_id("Event", Subject=subject, StartDateTime=start, DurationInMinutes=30)
    org.act("edit-record", sobject="User", id=org.user_id("sync@acme.test"), fields=CALIFORNIA)
    org.sign_in()
    return org


CALIFORNIA = {"TimeZoneSidKey": "America/Los_Angeles"}


def _subjects(org: OrgClient, where: str) -> list[str]:
    text = f"SELECT Subject FROM Event WHERE {where} ORDER BY StartDateTime"
    return [one["Subject"] for one in org.query(text)["records"]]


def _groups(org: OrgClient, text: str) -> list[dict[str, Any]]:
    records = org.query(text)["records"]
    return [{key: one[key] for key in one if key != "attributes"} for one in records]


@pytest.mark.parametrize(
    ("where", "subjects"),
    [
        ("CALENDAR_YEAR(StartDateTime) = 2025", ["Last year"]),
        ("CALENDAR_QUARTER(ActivityDate) = 2", ["Spring", "Spring again"]),
        ("CALENDAR_MONTH(StartDateTime) IN (1, 12)", ["Last year", "New Year"]),
        ("FISCAL_YEAR(StartDateTime) > 2025 AND FISCAL_QUARTER(ActivityDate) = 1", ["New Year"]),
        ("DAY_IN_WEEK(ActivityDate) = 1", ["Spring"]),
        ("DAY_IN_MONTH(ActivityDate) >= 30", ["Last year", "Spring again"]),
        ("DAY_IN_YEAR(ActivityDate) = 1", ["New Year"]),
        ("WEEK_IN_MONTH(ActivityDate) = 2", ["Spring"]),
        ("WEEK_IN_YEAR(ActivityDate) = 1", ["New Year"]),
        ("HOUR_IN_DAY(StartDateTime) = 2", ["New Year"]),
        ("DAY_ONLY(StartDateTime) = 2026-04-12", ["Spring"]),
        ("DAY_ONLY(convertTimezone(StartDateTime)) = 2025-12-31", ["Last year", "New Year"]),
        ("HOUR_IN_DAY(convertTimezone(StartDateTime)) = 18", ["New Year"]),
    ],
)
def test_parts_of_dates_filter(meetings: OrgClient, where: str, subjects: list[str]) -> None:
    assert _subjects(meetings, where) == subjects


def test_parts_of_dates_group_select_and_sort(meetings: OrgClient) -> None:
    text = (
        "SELECT CALENDAR_YEAR(StartDateTime), CALENDAR_MONTH(StartDateTime) month, COUNT(Id) "
        "FROM Event GROUP BY CALENDAR_YEAR(StartDateTime), CALENDAR_MONTH(StartDateTime) "
        "ORDER BY CALENDAR_YEAR(StartDateTime) DESC, CALENDAR_MONTH(StartDateTime)"
    )
    assert _groups(meetings, text) == [
        {"expr0": 2026, "month": 1, "expr1": 1},
        {"expr0": 2026, "month": 4, "expr1": 2},
        {"expr0": 2025, "month": 12, "expr1": 1},
    ]


def test_having_chooses_among_groups(meetings: OrgClient) -> None:
    text = (
        "SELECT CALENDAR_MONTH(ActivityDate) month FROM Event GROUP BY CALENDAR_MONTH(ActivityDate)"
        " HAVING COUNT(Id) > 1 AND CALENDAR_MONTH(ActivityDate) < 12"
    )
    assert _groups(meetings, text) == [{"month": 4}]


def test_having_counts_what_the_filter_left(meetings: OrgClient) -> None:
    text = (
        "SELECT ShowAs, MAX(Subject) last FROM Event WHERE Subject LIKE 'Spring%' GROUP BY ShowAs"
        " HAVING COUNT(Id) IN (2, 3) AND ShowAs = 'Busy'"
    )
    assert _groups(meetings, text) == [{"ShowAs": "Busy", "last": "Spring again"}]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT COUNT(Id) FROM Event HAVING COUNT(Id) > 1",
        "SELECT ShowAs FROM Event GROUP BY ShowAs HAVING Subject = 'x'",
        "SELECT Id FROM Event WHERE CALENDAR_YEAR(Subject) = 2026",
        "SELECT Id FROM Event WHERE HOUR_IN_DAY(ActivityDate) = 1",
        "SELECT Id FROM Event WHERE CENTURY(ActivityDate) = 21",
        "SELECT Id FROM Event WHERE DAY_ONLY(toLabel(StartDateTime)) = 2026-04-12",
        "SELECT Id FROM Event WHERE COUNT(Id) = 2",
    ],
)
def test_functions_in_the_wrong_place(org: OrgClient, text: str) -> None:
    answer = org.call("GET", "query", params={"q": text})
    assert refused(answer) == (400, "MALFORMED_QUERY")
