"""Transfers: a record for each who talked, with an own owner and an own length."""

from typing import Any

import pytest

from integrations.simulators.salesforce import seed
from tests.deliveries import PhoneCall
from tests.features.company import AGENT, LONDON_AGENT, SECOND_AGENT, Company

SECOND = {"leg": "leg-2", "extension": "202"}
CONSULT = SECOND | {"direction": "internal", "external": "", "external_raw": "201"}


@pytest.fixture
def call(company: Company) -> PhoneCall:
    """A call from outside; 202 can take it over."""
    company.hire_user("202", SECOND_AGENT)
    return company.call(seed.ONE_CONTACT_NUMBER)


def blind(call: PhoneCall) -> None:
    """201 talks for 30 seconds and sends the caller on; 202 talks for 60."""
    call.send("ringing", 0)
    call.send("answered", 5, answered_at=5)
    call.send("transferred", 35, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"})
    call.send("ended", 35, answered_at=5, ended_at=35, end_cause="transferred")
    call.send("ringing", 36, **SECOND)
    call.send("answered", 40, answered_at=40, **SECOND)
    call.send("ended", 100, answered_at=40, ended_at=100, end_cause="normal", **SECOND)


def attended(call: PhoneCall) -> None:
    """201 talks for 55 seconds, the last 25 of them with 202, who takes over and talks for 40."""
    call.send("ringing", 0)
    call.send("answered", 5, answered_at=5)
    call.send("held", 30, answered_at=5)
    call.send("ringing", 31, **CONSULT)
    call.send("answered", 35, answered_at=35, **CONSULT)
    transfer = {"kind": "attended", "to_leg_key": "leg-2"}
    call.send("transferred", 60, answered_at=5, transfer=transfer)
    call.send("ended", 60, answered_at=5, ended_at=60, end_cause="transferred")
    call.send("ended", 100, answered_at=35, ended_at=100, end_cause="normal", **SECOND)


def owners_and_lengths(company: Company) -> dict[str, list[int]]:
    """Whose records there are, and how long their talk was."""
    found: dict[str, list[int]] = {}
    names = {user["Id"]: user["Username"] for user in company.org.records("User")}
    for task in company.tasks():
        found.setdefault(names[task["OwnerId"]], []).append(task["CallDurationInSeconds"])
    return found


@pytest.mark.feature("CRC-64", "CRC-85", "K-13")
@pytest.mark.parametrize(
    ("play", "lengths"),
    [
        (blind, {AGENT: [30], SECOND_AGENT: [60]}),
        (attended, {AGENT: [55], SECOND_AGENT: [40]}),
    ],
)
def test_each_who_talked_has_a_record_of_an_own_length(
    company: Company, call: PhoneCall, play: Any, lengths: dict[str, list[int]]
) -> None:
    play(call)
    company.work(call)
    assert owners_and_lengths(company) == lengths
    for task in company.tasks():
        assert (task["Status"], task["CallType"]) == ("Completed", "Inbound")
        assert "from +14155550101 (Ana Ito)" in task["Subject"]
    assert len({task["WhoId"] for task in company.tasks()}) == 1
    assert company.tasks()[0]["WhoId"].startswith("003")


@pytest.mark.feature("CRC-85")
def test_the_records_tell_who_handed_over_to_whom(company: Company, call: PhoneCall) -> None:
    blind(call)
    company.work(call)
    by_owner = {task["OwnerId"]: task for task in company.tasks()}
    first, second = (by_owner[company.user(name)["Id"]] for name in (AGENT, SECOND_AGENT))
    assert first["CallDisposition"] == "Transferred to 202"
    assert second["CallDisposition"] == "Answered"
    assert "Transferred from" in second["Description"]


@pytest.mark.feature("CRC-64")
def test_three_who_talk_leave_three_records(company: Company, call: PhoneCall) -> None:
    company.hire_user("203", LONDON_AGENT)
    third = {"leg": "leg-3", "extension": "203"}
    call.send("answered", 5, answered_at=5)
    call.send("transferred", 20, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"})
    call.send("ended", 20, answered_at=5, ended_at=20)
    call.send("answered", 25, answered_at=25, **SECOND)
    call.send(
        "transferred",
        50,
        answered_at=25,
        transfer={"kind": "blind", "to_leg_key": "leg-3"},
        **SECOND,
    )
    call.send("ended", 50, answered_at=25, ended_at=50, **SECOND)
    call.send("answered", 55, answered_at=55, **third)
    call.send("ended", 90, answered_at=55, ended_at=90, **third)
    company.work(call)
    assert owners_and_lengths(company) == {AGENT: [15], SECOND_AGENT: [25], LONDON_AGENT: [35]}


@pytest.mark.feature("CRC-64")
def test_a_phone_that_only_rang_gets_no_record(company: Company, call: PhoneCall) -> None:
    """A blind transfer that nobody takes: the caller talked with one."""
    call.send("answered", 5, answered_at=5)
    call.send("transferred", 35, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"})
    call.send("ended", 35, answered_at=5, ended_at=35)
    call.send("ringing", 35, **SECOND)
    call.send("ended", 60, ended_at=60, end_cause="no_answer", **SECOND)
    company.work(call)
    assert owners_and_lengths(company) == {AGENT: [30]}


@pytest.mark.feature("CRC-85")
def test_late_and_repeated_news_of_a_transfer_leaves_the_same_two_records(
    company: Company, call: PhoneCall
) -> None:
    blind(call)
    company.work(call)
    before = company.tasks()
    blind(call)
    company.work(call)
    assert company.tasks() == before
