"""Calls among colleagues: what makes a call internal, and what its record is tied to."""

import pytest

from integrations.models import Membership
from tests.deliveries import PhoneCall
from tests.features.company import SECOND_AGENT, Company


def talk_inside(company: Company, colleague: Membership) -> PhoneCall:
    """201 calls a colleague, who answers; the phone system reports a leg of each."""
    call = company.call(colleague.extension, direction="internal")
    call.common["did"] = colleague.extension
    other = {"leg": "leg-2", "extension": colleague.extension}
    other |= {"external": "201", "external_raw": "201"}
    for kind, second, times in (
        ("ringing", 0, {}),
        ("answered", 5, {"answered_at": 5}),
        ("ended", 65, {"answered_at": 5, "ended_at": 65}),
    ):
        call.send(kind, second, **times)
        call.send(kind, second, **other, **times)
    return call


@pytest.mark.feature("CRC-30", "CRC-31")
@pytest.mark.parametrize(
    ("length", "number", "is_internal"),
    [
        (None, "12345", True),
        (None, "123456", False),
        (4, "1234", True),
        (4, "12345", False),
        (7, "1234567", True),
        (7, "12345678", False),
    ],
)
@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_up_to_the_length_of_the_workspace_a_number_is_internal(
    company: Company, length: int | None, number: str, is_internal: bool, direction: str
) -> None:
    if length:
        company.choose(internal_length=length)
    task = company.record(company.report(number, direction))
    assert task["CallType"] == ("Internal" if is_internal else direction.title())


@pytest.mark.feature("CRC-68")
@pytest.mark.parametrize(
    ("number", "is_internal"),
    [
        ("2014", True),
        ("8014", True),
        ("3014", False),
        ("20145", True),
        ("201456", False),
        ("+2014", False),
        ("anonymous", False),
        ("8", True),
        ("0123", False),
    ],
)
def test_length_and_prefixes_decide_together(
    company: Company, number: str, is_internal: bool
) -> None:
    company.choose(internal_prefixes=["2", "8"])
    company.take(number)
    assert company.task()["CallType"] == ("Internal" if is_internal else "Inbound")


@pytest.mark.feature("CRC-68")
def test_the_digits_that_ask_for_an_outside_line_do_not_count(company: Company) -> None:
    company.choose(outside_prefix="9")
    company.add_record("Contact", LastName="Police", Phone="+14155550155")
    inside = company.dial("12345")
    outside = company.dial("914155550155")
    assert (inside.is_internal, outside.is_internal) == (True, False)
    assert outside.external_e164 == "+14155550155"
    assert [task["CallType"] for task in company.tasks()] == ["Internal", "Outbound"]
    assert company.tasks()[1]["WhoId"]


@pytest.mark.feature("CRC-32", "CRC-33", "CRC-96")
def test_an_internal_call_is_tied_to_its_user_alone_and_nobody_is_searched(
    company: Company,
) -> None:
    company.add_record("Contact", LastName="Clash", Phone="12345")
    call = company.take("12345")
    task = company.task()
    assert task["OwnerId"] == company.user("agent@acme.test")["Id"]
    assert (task["WhoId"], task["WhatId"], task["AccountId"]) == (None, None, None)
    assert company.searches() == []
    assert company.directory() == []
    assert "An internal call is filed under nothing" in company.page_of(call)


@pytest.mark.feature("CRC-67", "CRC-96")
def test_both_colleagues_have_a_record_that_reports_find(company: Company) -> None:
    second = company.hire_user("202", SECOND_AGENT)
    company.work(talk_inside(company, second))
    found = company.query(
        "SELECT Subject, OwnerId, WhoId, WhatId, CallDurationInSeconds FROM Task"
        " WHERE CallType = 'Internal' AND TaskSubtype = 'Call' AND IsClosed = true"
    )
    assert {task["OwnerId"] for task in found} == {
        company.agent.salesforce_user_id,
        second.salesforce_user_id,
    }
    assert len(found) == 2
    assert {(task["WhoId"], task["WhatId"]) for task in found} == {(None, None)}
    assert {task["CallDurationInSeconds"] for task in found} == {60}
    subjects = sorted(task["Subject"].partition(" Call at ")[0] for task in found)
    assert subjects == ["Internal", "Internal"]
    ends = {" ".join(task["Subject"].split()[4:6]) for task in found}
    assert ends == {"to 202", "from 201"}


@pytest.mark.feature("CRC-67")
def test_a_workspace_may_leave_internal_calls_unwritten(company: Company) -> None:
    company.choose(save_internal_calls=False)
    call = company.take("12345")
    assert company.tasks() == []
    assert "Internal calls are not saved" in company.page_of(call)


@pytest.mark.feature("CRC-33")
def test_two_known_extensions_are_internal_whatever_their_length(company: Company) -> None:
    company.hire("7654321")
    call = company.take("7654321")
    assert call.is_internal
    assert company.searches() == []
