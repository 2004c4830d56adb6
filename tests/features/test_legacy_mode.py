"""Legacy mode from the phone to the org: one Task a call, one Lead a number, whatever happens."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.jobs import deliver_crm_writes
from integrations.models import CrmWrite, DrainLease, Membership, WriteState
from integrations.simulators.salesforce import seed
from tests.features.company import LONDON_AGENT, SECOND_AGENT, Company

STRANGER = "+16045550123"
COMPOSITE = r"/composite$"


@pytest.fixture
def legacy(company: Company) -> Company:
    company.choose(legacy=True)
    return company


def leads(company: Company) -> list[dict[str, Any]]:
    return company.query(f"SELECT Id, OwnerId FROM Lead WHERE Phone LIKE '%{STRANGER[-4:]}'")


def deliver(company: Company) -> None:
    """What is due leaves, as if time had passed."""
    CrmWrite.unscoped.exclude(state__in=(WriteState.DONE, WriteState.CANCELLED)).update(
        next_attempt_at=timezone.now() - timedelta(seconds=1)
    )
    DrainLease.unscoped.update(drained_at=None)
    deliver_crm_writes(company.connection.pk)


@pytest.mark.feature("CTM-07", "CTM-08")
def test_an_unknown_caller_becomes_one_lead_and_further_calls_are_its_activities(
    legacy: Company,
) -> None:
    legacy.take(STRANGER, caller_name="Maria Silva")
    lead = legacy.find("Lead", Phone=STRANGER)
    assert (lead["LastName"], lead["Company"]) == ("Maria Silva", "[not provided]")
    assert lead["OwnerId"] == legacy.agent.salesforce_user_id
    assert legacy.task()["WhoId"] == lead["Id"]

    legacy.take(STRANGER)
    assert len(leads(legacy)) == 1
    assert [task["WhoId"] for task in legacy.tasks()] == [lead["Id"]] * 2


@pytest.mark.feature("CTM-07")
@pytest.mark.parametrize(
    ("number", "sobject"),
    [(seed.TWO_CONTACTS_NUMBER, "Contact"), (seed.ONE_LEAD_NUMBER, "Lead")],
)
def test_a_known_caller_is_filed_without_a_question_or_a_new_lead(
    legacy: Company, number: str, sobject: str
) -> None:
    before = len(legacy.org.records("Lead"))
    legacy.take(number)
    [found] = [one for one in legacy.org.records(sobject) if one["Id"] == legacy.task()["WhoId"]]
    assert found["Id"]
    assert len(legacy.org.records("Lead")) == before


@pytest.mark.feature("CTM-07", "CTM-08")
def test_an_account_alone_is_not_looked_at(legacy: Company) -> None:
    legacy.take(seed.ONE_ACCOUNT_NUMBER)
    assert legacy.task()["WhoId"].startswith("00Q")
    assert legacy.task()["WhatId"] is None


@pytest.mark.feature("CTM-10")
def test_the_one_task_stands_at_the_answer_and_follows_the_call(legacy: Company) -> None:
    second: Membership = legacy.hire_user("202", SECOND_AGENT)
    call = legacy.call(STRANGER)
    call.send("ringing", 0)
    legacy.work(call)
    assert legacy.tasks() == []
    call.send("answered", 5, answered_at=5)
    legacy.work(call)
    task = legacy.task()
    assert (task["Status"], task["CallDurationInSeconds"]) == ("Completed", 0)
    assert task["OwnerId"] == legacy.agent.salesforce_user_id

    call.send("transferred", 35, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"})
    call.send("ringing", 36, leg="leg-2", extension="202")
    call.send("answered", 40, leg="leg-2", extension="202", answered_at=40)
    legacy.work(call)
    assert legacy.task()["OwnerId"] == second.salesforce_user_id
    call.send("ended", 100, leg="leg-2", extension="202", answered_at=40, ended_at=100)
    legacy.work(call)
    assert (legacy.task()["Id"], legacy.task()["CallDurationInSeconds"]) == (task["Id"], 90)
    assert len(leads(legacy)) == 1


@pytest.mark.feature("CTM-08")
@pytest.mark.parametrize("fault", ["after", "before"])
def test_a_lost_answer_makes_neither_a_second_lead_nor_a_second_task(
    legacy: Company, fault: str
) -> None:
    legacy.org.fault(COMPOSITE, fault, method="POST", times=1)
    legacy.take(STRANGER)
    legacy.org.lift_faults()
    unknown = CrmWrite.unscoped.get(operation="create")
    assert unknown.state in (WriteState.UNKNOWN, WriteState.RETRYING)

    for _round in range(2):
        deliver(legacy)
    if fault == "before":
        # Salesforce might still be at work on it: only after that time it is sent again (C2).
        assert len(leads(legacy)) == 0
        CrmWrite.unscoped.update(last_sent_at=timezone.now() - timedelta(seconds=700))
        for _round in range(2):
            deliver(legacy)

    unknown.refresh_from_db()
    assert unknown.state == WriteState.DONE
    assert legacy.task()["WhoId"] == leads(legacy)[0]["Id"]
    assert len(leads(legacy)) == 1


@pytest.mark.feature("CTM-08")
def test_while_one_lead_of_a_number_is_open_no_other_begins(legacy: Company) -> None:
    legacy.org.fault(COMPOSITE, "after", method="POST", times=1)
    legacy.take(STRANGER)
    first = CrmWrite.unscoped.get(operation="create")
    assert first.state == WriteState.UNKNOWN
    legacy.hire_user("202", SECOND_AGENT)
    # Until the first outcome is known the second call's Task waits.
    CrmWrite.unscoped.filter(pk=first.pk).update(
        next_attempt_at=timezone.now() + timedelta(hours=1)
    )
    legacy.take(STRANGER, extension="202")
    second = CrmWrite.unscoped.exclude(pk=first.pk).get(operation="create")
    assert second.state == WriteState.PLANNED
    assert len(leads(legacy)) == 1

    legacy.org.lift_faults()
    for _round in range(3):
        deliver(legacy)
    assert len(leads(legacy)) == 1
    assert {task["WhoId"] for task in legacy.tasks()} == {leads(legacy)[0]["Id"]}
    assert len(legacy.tasks()) == 2


@pytest.mark.feature("CTM-08")
def test_a_lead_that_somebody_saved_a_moment_ago_is_used(legacy: Company) -> None:
    call = legacy.call(STRANGER)
    call.send("ringing", 0)
    legacy.work(call)  # asked, and nobody had the number
    by_hand = legacy.add_record("Lead", LastName="Silva", Company="X", Phone="(604) 555-0123")
    call.send("answered", 5, answered_at=5)
    legacy.work(call)

    assert legacy.task()["WhoId"] == by_hand
    assert len(leads(legacy)) == 1


@pytest.mark.feature("CTM-08")
@pytest.mark.parametrize("holders", [1, 0, 2])
def test_the_one_record_that_a_duplicate_rule_names_and_holds_the_number_is_used(
    legacy: Company, holders: int
) -> None:
    call = legacy.call(STRANGER)
    call.send("ringing", 0, caller_name="Maria Silva")
    legacy.work(call)  # asked, and nobody had the number
    same_name = [
        legacy.add_record("Contact", LastName="Maria Silva", Phone="(604) 555-0123")
        for _holder in range(holders)
    ]
    legacy.add_record("Contact", LastName="Maria Silva", Phone="(604) 555-0199")
    legacy.org.act("add-duplicate-rule", sobject="Lead", fields=["LastName"], against="Contact")
    call.send("answered", 5, answered_at=5)
    call.send("ended", 65, answered_at=5, ended_at=65)
    for _round in range(3):
        taken = legacy.work(call)
        deliver(legacy)

    assert leads(legacy) == []
    assert legacy.task()["WhoId"] == (same_name[0] if holders == 1 else None)
    assert taken.needs_review == (holders != 1)
    assert ("A person must choose." in legacy.page_of(taken)) == (holders != 1)
    assert CrmWrite.unscoped.filter(state=WriteState.NEEDS_ATTENTION).count() == 0

    # Late news changes nothing about that.
    call.send("ended", 75, answered_at=5, ended_at=75)
    assert legacy.work(call).needs_review == (holders != 1)
    assert legacy.task()["CallDurationInSeconds"] == 70


@pytest.mark.feature("CTM-11", "CTM-12")
@pytest.mark.parametrize(
    ("local", "number", "written"),
    [
        (True, "+14155552671", "(415) 555-2671"),
        (True, "+442079460123", "020 7946 0123"),
        (False, "+14155552671", "+14155552671"),
    ],
)
def test_phone_fields_are_written_as_the_option_says_and_subjects_are_not(
    legacy: Company, local: bool, number: str, written: str
) -> None:
    legacy.choose(local_numbers=local)
    legacy.take(number)
    lead = next(one for one in legacy.org.records("Lead") if one["Id"] == legacy.task()["WhoId"])
    assert lead["Phone"] == written
    assert f"from {number}" in legacy.task()["Subject"]

    legacy.forget_numbers()
    legacy.take(number)
    assert {task["WhoId"] for task in legacy.tasks()} == {lead["Id"]}, "matching never depends"


@pytest.mark.feature("CTM-14", "CTM-15")
@pytest.mark.parametrize(
    ("full_names", "picklists", "expected"),
    [
        (True, False, {"Country": "Canada"}),
        (False, False, {"Country": "CA"}),
        (False, True, {"CountryCode": "CA", "Country": "Canada"}),
        (True, True, {"CountryCode": "CA", "Country": "Canada"}),
    ],
)
def test_regions_are_written_as_the_option_says(
    legacy: Company, full_names: bool, picklists: bool, expected: dict[str, str]
) -> None:
    legacy.org.act("set-state-picklists", on=picklists)
    legacy.choose(full_region_names=full_names)
    legacy.take(STRANGER)
    lead = legacy.find("Lead", Phone=STRANGER)
    assert {name: lead[name] for name in expected} == expected


@pytest.mark.feature("CTM-16")
def test_a_rule_that_refuses_the_lead_is_quoted_where_people_look(legacy: Company) -> None:
    legacy.org.act(
        "add-validation-rule", sobject="Lead", when="Country = 'CA'", message="Spell it out."
    )
    call = legacy.take(STRANGER)

    assert (leads(legacy), legacy.tasks()) == ([], [])
    write = CrmWrite.unscoped.get(operation="create")
    assert write.state == WriteState.NEEDS_ATTENTION
    assert "Spell it out." in legacy.page(f"integrations/crmwrite/{write.pk}/change/")
    assert "Spell it out." in legacy.page_of(call)


@pytest.mark.parametrize("runs", [True, False])
def test_assignment_rules_run_only_where_the_option_is_on(legacy: Company, runs: bool) -> None:
    legacy.org.act("set-assignment-rule", sobject="Lead", username=LONDON_AGENT)
    legacy.choose(run_assignment_rules=runs)
    legacy.take(STRANGER)

    owner = legacy.user(LONDON_AGENT)["Id"] if runs else legacy.agent.salesforce_user_id
    assert legacy.find("Lead", Phone=STRANGER)["OwnerId"] == owner
    assert legacy.task()["OwnerId"] == legacy.agent.salesforce_user_id
