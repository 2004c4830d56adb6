"""When a recipient may be written to: the campaign's hours by the recipient's clock."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from integrations.models import Connection, Workspace
from sms.campaigns import gate
from sms.campaigns.hours import first_moment, is_over, zones_of_person
from sms.models import CampaignRecipient, SmsCampaign
from tests.sms.campaigns.campaign_rows import add_recipients, make_campaign
from tests.sms.gateway_rows import make_message

UTC_ZONE = ZoneInfo("UTC")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def campaign_of(opens: int = 9, closes: int = 20, **fields: object) -> SmsCampaign:
    return SmsCampaign(opens=time(opens), closes=time(closes), **fields)


@pytest.mark.parametrize(
    ("number", "region", "state", "zones"),
    [
        ("+14155550123", None, "", ("America/Los_Angeles",)),
        ("+14155550123", "US", "CA", ("America/Los_Angeles",)),
        # Moved to New York with a number of San Francisco: both must be open.
        ("+14155550123", "US", "New York", ("America/Los_Angeles", "America/New_York")),
        ("+34600111222", "ES", "", ("Atlantic/Canary", "Europe/Madrid")),
        ("+34600111222", "AU", "NSW", ("Atlantic/Canary", "Europe/Madrid", "Australia/Sydney")),
        ("+447700900123", None, "", ()),
    ],
)
def test_zones_come_from_the_number_and_from_the_address(
    number: str, region: str | None, state: str, zones: tuple[str, ...]
) -> None:
    assert zones_of_person(number, region, state) == zones


@pytest.mark.parametrize(
    ("zones", "now", "first"),
    [
        (["America/Los_Angeles"], "2026-11-23T18:00", "2026-11-23T18:00"),
        (["America/Los_Angeles"], "2026-11-23T10:00", "2026-11-23T17:00"),
        # Both coasts: from nine in the west to eight in the evening in the east.
        (["America/Los_Angeles", "America/New_York"], "2026-11-23T15:00", "2026-11-23T17:00"),
        # Saturday evening: Sunday is quiet, so it goes on Monday.
        (["Europe/Madrid"], "2026-11-21T20:30", "2026-11-23T08:00"),
        # Summer time ends on Sunday 25 October 2026: nine is another moment on Monday.
        (["Europe/Madrid"], "2026-10-24T20:30", "2026-10-26T08:00"),
        (["Europe/Madrid"], "2026-10-23T20:30", "2026-10-24T07:00"),
        (["Nowhere/Atlantis"], "2026-11-23T05:00", "2026-11-23T09:00"),
    ],
)
def test_the_first_moment_is_open_in_every_zone(zones: list[str], now: str, first: str) -> None:
    assert first_moment(campaign_of(), zones, at(now), UTC_ZONE) == at(first)


def test_where_the_hours_never_meet_there_is_no_moment() -> None:
    zones = ["Europe/Madrid", "Pacific/Auckland"]
    assert first_moment(campaign_of(9, 12), zones, at("2026-11-23T05:00"), UTC_ZONE) is None


def test_the_hours_of_the_first_day_end_once() -> None:
    monday = at("2026-11-23T10:00")
    over = [
        is_over(campaign_of(), ["UTC"], monday, at(now), UTC_ZONE)
        for now in ("2026-11-23T19:59", "2026-11-23T20:00", "2026-11-24T10:00")
    ]
    assert over == [False, True, True]
    # Launched at night: the first hours are those of the next day.
    night = at("2026-11-23T23:00")
    assert not is_over(campaign_of(), ["UTC"], night, at("2026-11-24T08:00"), UTC_ZONE)


@pytest.mark.parametrize(
    ("rest", "now", "halt"),
    [
        ("next_day", "2026-11-23T19:59", None),
        ("next_day", "2026-11-23T20:00", ("queued", "2026-11-24T09:00")),
        ("stops", "2026-11-23T08:00", ("queued", "2026-11-23T09:00")),
        ("stops", "2026-11-23T20:00", ("skipped", None)),
    ],
)
def test_at_the_end_of_the_hours_the_rest_waits_or_stops_as_chosen(
    workspace: Workspace,
    connection: Connection,
    rest: str,
    now: str,
    halt: tuple[str, str | None] | None,
) -> None:
    campaign = make_campaign(
        workspace,
        opens=time(9),
        closes=time(20),
        rest=rest,
        state="sending",
        launched_at=at("2026-11-23T07:00"),
    )
    [recipient] = add_recipients(campaign, [{"state": "queued"}])
    message = make_message(connection, origin="campaign", state="queued")
    CampaignRecipient.objects.filter(pk=recipient.pk).update(message=message)
    found = gate.halts([message], at(now)).get(message.pk)
    if halt is None:
        assert found is None
    else:
        assert found is not None
        assert (found.state, found.until) == (halt[0], at(halt[1]) if halt[1] else None)
