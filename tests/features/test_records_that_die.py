"""What a call is filed under dies before it is written (RULES C6): the Task is never lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Call
from integrations.jobs import answer_lookups, drain_inbox
from integrations.models import CrmWrite
from integrations.simulators.salesforce import seed
from tests.deliveries import PhoneCall
from tests.features.company import LONDON_AGENT, Company

NO_ACCESS = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"


def matched(company: Company, number: str) -> PhoneCall:
    """A call that has ended and whose number was found, but of which nothing is written yet."""
    call = company.report(number)
    drain_inbox(company.phone_system.pk)
    answer_lookups(company.connection.pk)
    return call


def finish(company: Company, call: PhoneCall) -> Call:
    """All the way, the second tries after a refusal included."""
    for _round in range(3):
        done = company.work(call)
        CrmWrite.unscoped.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    return done


def holder(company: Company, sobject: str, number: str) -> str:
    """The record that holds a number."""
    return next(
        str(one["Id"])
        for one in company.org.records(sobject)
        if "".join(filter(str.isdigit, str(one["Phone"])))[-10:] == number[-10:]
    )


def test_a_call_of_a_lead_that_was_converted_goes_under_the_contact(company: Company) -> None:
    call = matched(company, seed.ONE_LEAD_NUMBER)
    made = company.org.act("convert-lead", id=holder(company, "Lead", seed.ONE_LEAD_NUMBER))
    filed = finish(company, call)

    assert company.task()["WhoId"] == made["contact_id"]
    assert not filed.needs_review


def test_a_call_of_a_contact_that_was_merged_goes_under_the_master(company: Company) -> None:
    master = company.add_record("Contact", LastName="Master")
    call = matched(company, seed.ONE_CONTACT_NUMBER)
    gone = company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    company.org.act("merge-records", sobject="Contact", id=master, ids=[gone])
    filed = finish(company, call)

    assert company.task()["WhoId"] == master
    assert not filed.needs_review


@pytest.mark.parametrize("dies", ["deleted", "closed"])
def test_a_call_of_a_record_that_is_gone_or_closed_is_written_and_reviewed(
    company: Company, dies: str
) -> None:
    call = matched(company, seed.ONE_CONTACT_NUMBER)
    contact = company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    if dies == "deleted":
        company.org.act("delete-record", sobject="Contact", id=contact)
    else:
        message = f"insufficient access rights on cross-reference id: {contact[:15]}"
        company.org.act("refuse", sobject="Task", code=NO_ACCESS, message=message, times=1)
    filed = finish(company, call)

    assert company.task()["WhoId"] is None
    assert filed.needs_review
    page = company.page_of(filed)
    assert "gone or closed to Patchbay. A person must choose." in page
    assert "Needs review" in company.page("calls/call/")

    # Late news plans it again; what is to be chosen stays to be chosen.
    call.send("ended", 75, answered_at=5, ended_at=75, recording_url="https://pbx.test/r/1")
    assert finish(company, call).needs_review
    assert (company.task()["WhoId"], company.task()["CallDurationInSeconds"]) == (None, 70)


def test_another_record_that_holds_the_number_settles_the_review(company: Company) -> None:
    call = matched(company, seed.ONE_CONTACT_NUMBER)
    contact = company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    company.org.act("delete-record", sobject="Contact", id=contact)
    assert finish(company, call).needs_review

    successor = company.add_record("Contact", LastName="Neu", Phone=seed.ONE_CONTACT_NUMBER)
    company.let_answers_age(minutes=20)
    call.send("ended", 75, answered_at=5, ended_at=75)
    assert not finish(company, call).needs_review
    assert company.task()["WhoId"] == successor


@pytest.mark.parametrize("has_default", [False, True])
def test_a_call_of_an_agent_who_left_salesforce_goes_to_the_default_owner(
    company: Company, has_default: bool
) -> None:
    stand_in = company.user(LONDON_AGENT)["Id"] if has_default else ""
    company.choose(default_owner=stand_in)
    call = matched(company, seed.ONE_CONTACT_NUMBER)
    company.org.act("deactivate-user", username=company.user("agent@acme.test")["Username"])
    filed = finish(company, call)

    assert company.task()["OwnerId"] == (stand_in or company.connection.salesforce_user_id)
    assert company.task()["WhoId"] == company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    assert not filed.needs_review
