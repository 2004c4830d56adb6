"""RULES A7, K-14, K-15; the golden subjects of CRC-26 and CRC-74; CRC-75."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.plan_options import PlanOptions
from calls.subject import LocalZone, SubjectParts, activity_date, build_subject, choose_zone
from tests.calls.facts_builder import BEN

WITH_ZONE = PlanOptions(timezone_in_subject=True)
TWELVE_HOURS = PlanOptions(timezone_in_subject=True, subject_format="12h/zone name")
LONDON = LocalZone("Europe/London", is_named=True)
HONG_KONG = LocalZone("Asia/Hong_Kong", is_named=True)


def parts(direction: Any, started_at: datetime, number: str, name: str = "") -> SubjectParts:
    return SubjectParts(direction, direction == "outbound", started_at, number, name)


FRED = parts("inbound", datetime(2026, 1, 9, 16, 11, 36, tzinfo=UTC), "07814256404", "Fred Bloggs")
JOHN = parts("inbound", datetime(2026, 1, 9, 8, 14, 28, tzinfo=UTC), "01202528735", "John Smith")
PLACE = parts("inbound", datetime(2026, 1, 9, 8, 14, 50, tzinfo=UTC), "01202528732", "Bournemouth")
DAVID = parts(
    "outbound", datetime(2026, 1, 9, 13, 9, 36, tzinfo=UTC), "07814256404", "David Teague"
)


@pytest.mark.parametrize(
    ("call", "zone", "options", "subject"),
    [
        (
            FRED,
            LONDON,
            WITH_ZONE,
            "Inbound Call at 16:11:36 Europe/London from 07814256404 (Fred Bloggs)",
        ),
        (
            JOHN,
            HONG_KONG,
            WITH_ZONE,
            "Inbound Call at 16:14:28 Asia/Hong Kong from 01202528735 (John Smith)",
        ),
        (
            PLACE,
            HONG_KONG,
            WITH_ZONE,
            "Inbound Call at 16:14:50 Asia/Hong Kong from 01202528732 (Bournemouth)",
        ),
        (
            DAVID,
            LONDON,
            TWELVE_HOURS,
            "Outbound Call at 1:09:36 PM Greenwich Mean Time to 07814256404 (David Teague)",
        ),
        (
            FRED,
            LONDON,
            PlanOptions(),
            "Inbound Call at 16:11:36 from 07814256404 (Fred Bloggs)",
        ),
        (
            replace(FRED, name=""),
            replace(LONDON, is_named=False),
            WITH_ZONE,
            "Inbound Call at 16:11:36 from 07814256404",
        ),
        (
            replace(FRED, number="", name=" "),
            LONDON,
            PlanOptions(),
            "Inbound Call at 16:11:36 from withheld number",
        ),
        (
            parts("internal", FRED.started_at, "202", "Cleo\nMoss"),
            LONDON,
            PlanOptions(),
            "Internal Call at 16:11:36 from 202 (Cleo Moss)",
        ),
    ],
)
def test_subjects_read_as_agreed(
    call: SubjectParts, zone: LocalZone, options: PlanOptions, subject: str
) -> None:
    assert build_subject(call, zone, options) == subject


@pytest.mark.parametrize(
    ("zone_id", "started_at", "text"),
    [
        (
            "Europe/London",
            datetime(2026, 7, 9, 12, 0, tzinfo=UTC),
            "1:00:00 PM British Summer Time",
        ),
        (
            "Europe/London",
            datetime(2026, 1, 9, 0, 5, tzinfo=UTC),
            "12:05:00 AM Greenwich Mean Time",
        ),
        ("Europe/Dublin", datetime(2026, 1, 9, 12, 0, tzinfo=UTC), "12:00:00 PM Greenwich Mean"),
        (
            "America/New_York",
            datetime(2026, 7, 9, 12, 0, tzinfo=UTC),
            "8:00:00 AM Eastern Daylight Time",
        ),
        (
            "Australia/Sydney",
            datetime(2026, 1, 9, 12, 0, tzinfo=UTC),
            "11:00:00 PM Australian Eastern Daylight Time",
        ),
        ("Asia/Kathmandu", datetime(2026, 1, 9, 12, 0, tzinfo=UTC), "5:45:00 PM Asia/Kathmandu"),
    ],
)
def test_the_long_zone_name_is_the_one_in_force(
    zone_id: str, started_at: datetime, text: str
) -> None:
    call = replace(FRED, started_at=started_at)

    assert text in build_subject(call, LocalZone(zone_id, is_named=True), TWELVE_HOURS)


def test_only_the_salesforce_users_zone_is_named() -> None:
    assert choose_zone(BEN, "UTC") == LocalZone("Europe/London", is_named=True)
    own = replace(BEN, is_salesforce_zone=False, time_zone="Asia/Tokyo")
    assert choose_zone(own, "UTC") == LocalZone("Asia/Tokyo", is_named=False)
    assert choose_zone(None, "Asia/Tokyo") == LocalZone("Asia/Tokyo", is_named=False)


@pytest.mark.parametrize("nonsense", ["", "Mars/Olympus", "../etc/passwd", "Europe", "\x00"])
def test_an_unknown_zone_is_no_error_and_no_text(nonsense: str) -> None:
    zone = choose_zone(replace(BEN, time_zone=nonsense), nonsense)

    assert build_subject(FRED, zone, WITH_ZONE).startswith("Inbound Call at 16:11:36 from")


@pytest.mark.parametrize(
    ("zone_id", "day"),
    [
        ("UTC", date(2026, 3, 1)),
        ("America/New_York", date(2026, 2, 28)),
        ("Asia/Tokyo", date(2026, 3, 1)),
    ],
)
def test_the_date_is_that_of_the_users_zone_around_midnight(zone_id: str, day: date) -> None:
    started_at = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)

    assert activity_date(started_at, LocalZone(zone_id, is_named=True)) == day


def test_the_name_is_cut_first() -> None:
    subject = build_subject(replace(FRED, name="x" * 300), LONDON, WITH_ZONE)

    assert len(subject) == 255
    assert subject.startswith("Inbound Call at 16:11:36 Europe/London from 07814256404 (xxx")
    assert subject.endswith("x…)")


@given(number=st.text(max_size=300), name=st.text(max_size=300))
def test_a_subject_fits_on_one_line_of_255_characters(number: str, name: str) -> None:
    subject = build_subject(replace(FRED, number=number, name=name), LONDON, WITH_ZONE)

    assert len(subject) <= 255
    assert len(subject.splitlines()) == 1
