"""Callers of a tracked number join its campaign in legacy mode (CTM-09, RULES C7)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call, TrackedNumber
from integrations.jobs import deliver_crm_writes
from integrations.models import AuditEntry, CrmWrite, DrainLease, WriteState
from integrations.simulators.salesforce import seed
from tests.factories import make_member
from tests.features.company import Company

STRANGER = "+16045550123"
OUR_NUMBER = "+14155550199"
CAMPAIGN = "Spring Newsletter"
MEMBERS = r"/composite/sobjects$"


@pytest.fixture
def legacy(company: Company) -> Company:
    company.choose(legacy=True)
    answer = save(
        company, phone_e164="(415) 555-0199", label="Radio spot", campaign=campaign(company)
    )
    assert answer.status_code == 302, answer.content
    return company


def save(company: Company, row: TrackedNumber | None = None, **fields: Any) -> Any:
    """An admin fills in the form."""
    client = Client()
    client.force_login(make_member(company.workspace).user)
    page = f"{row.pk}/change" if row else "add"
    address = f"/w/{company.workspace.slug}/calls/trackednumber/{page}/"
    assert CAMPAIGN in client.get(address).content.decode()
    return client.post(address, fields)


def campaign(company: Company) -> str:
    return str(company.find("Campaign", Name=CAMPAIGN)["Id"])


def members(company: Company) -> list[dict[str, Any]]:
    """Who joined the campaign since the demo company's own members."""
    ours = set(
        CrmWrite.unscoped.filter(sobject="CampaignMember").values_list("salesforce_record_id")
    )
    found = company.org.records("CampaignMember", CampaignId=campaign(company))
    return [one for one in found if (one["Id"],) in ours]


def take(company: Company, number: str, did: str = OUR_NUMBER) -> Call:
    """A call to a number of ours, with what follows from its record."""
    call = company.take(number, did=did)
    deliver(company)
    return call


def deliver(company: Company) -> None:
    for _round in range(2):
        CrmWrite.unscoped.exclude(state__in=(WriteState.DONE, WriteState.NEEDS_ATTENTION)).update(
            next_attempt_at=timezone.now() - timedelta(seconds=1)
        )
        DrainLease.unscoped.update(drained_at=None)
        deliver_crm_writes(company.connection.pk)


@pytest.mark.feature("CTM-09")
def test_a_new_lead_and_a_known_contact_join_the_campaign_once(legacy: Company) -> None:
    first = take(legacy, STRANGER)
    lead = legacy.find("Lead", Phone=STRANGER)["Id"]
    assert [one["LeadId"] for one in members(legacy)] == [lead]
    page = legacy.page_of(first)
    assert "is “Radio spot”: whoever the Task hangs on joins the campaign" in page

    take(legacy, STRANGER)
    take(legacy, seed.ONE_CONTACT_NUMBER)
    contact = legacy.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    joined = legacy.org.records("CampaignMember", CampaignId=campaign(legacy))
    assert [one["LeadId"] for one in joined].count(lead) == 1
    assert [one["ContactId"] for one in joined].count(contact) == 1
    assert len(legacy.tasks()) == 3
    assert {write.state for write in CrmWrite.unscoped.all()} == {WriteState.DONE}


@pytest.mark.feature("CTM-09")
def test_without_a_campaign_the_trace_says_so_and_nothing_else(legacy: Company) -> None:
    call = take(legacy, STRANGER, did="+14155550188")

    assert "No campaign is known for +14155550188" in legacy.page_of(call)
    assert members(legacy) == []


@pytest.mark.feature("CTM-09")
def test_an_error_of_the_campaign_leaves_the_task_alone(legacy: Company) -> None:
    legacy.org.act(
        "add-validation-rule", sobject="CampaignMember", when="Id != null", message="No."
    )
    take(legacy, STRANGER)

    assert legacy.task()["WhoId"] == legacy.find("Lead", Phone=STRANGER)["Id"]
    refused = CrmWrite.unscoped.get(state=WriteState.NEEDS_ATTENTION)
    assert (refused.sobject, refused.label) == ("CampaignMember", CAMPAIGN)


@pytest.mark.feature("CTM-09")
@pytest.mark.parametrize("fault", ["after", "before"])
def test_a_lost_answer_makes_one_member(legacy: Company, fault: str) -> None:
    legacy.org.fault(MEMBERS, fault, method="POST", times=1)
    take(legacy, STRANGER)
    deliver(legacy)

    assert len(members(legacy)) == 1
    assert CrmWrite.unscoped.get(sobject="CampaignMember").state == WriteState.DONE


@pytest.mark.feature("CTM-09")
def test_a_lead_that_is_converted_before_it_joins_joins_as_the_contact(legacy: Company) -> None:
    legacy.org.fault("/query", "status", method="GET", status=503)
    known = legacy.add_record("Lead", LastName="Silva", Company="X", Phone=STRANGER)
    legacy.take(STRANGER, did=OUR_NUMBER)
    made = legacy.org.act("convert-lead", id=known)
    legacy.org.lift_faults()
    deliver(legacy)

    assert [one["ContactId"] for one in members(legacy)] == [made["contact_id"]]


def test_a_number_stands_on_the_list_once_and_a_change_is_audited(legacy: Company) -> None:
    again = save(legacy, phone_e164=OUR_NUMBER, label="Twice", campaign="")
    assert "This number is on the list already." in again.content.decode()
    wrong = save(legacy, phone_e164="12", label="No number", campaign="")
    assert "This is no telephone number." in wrong.content.decode()

    row = TrackedNumber.unscoped.get()
    assert (row.phone_e164, row.campaign_name) == (OUR_NUMBER, CAMPAIGN)
    save(legacy, row, phone_e164=OUR_NUMBER, label="Radio spot", campaign="")
    row.refresh_from_db()
    assert (row.campaign_id, row.campaign_name) == ("", "")
    actions = list(AuditEntry.unscoped.values_list("action", flat=True))
    assert {"trackednumber.added", "trackednumber.changed"} <= set(actions)
    assert "Radio spot" in legacy.page("calls/trackednumber/")


@pytest.mark.feature("CTM-09")
def test_what_an_admin_changes_later_holds_for_later_calls(legacy: Company) -> None:
    call = legacy.call(STRANGER)
    call.play(did=OUR_NUMBER)
    legacy.work(call)
    TrackedNumber.unscoped.update(campaign_id="", campaign_name="")
    call.send("ended", 75, answered_at=5, ended_at=75, did=OUR_NUMBER)
    legacy.work(call)
    deliver(legacy)

    assert len(members(legacy)) == 1
