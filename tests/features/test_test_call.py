"""A call that is tried: what it would leave in Salesforce, dry, and the same for real (PLUS-05)."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from calls.models import Call
from integrations.models import CrmWrite, Membership, PhoneLookup, PlanRun
from integrations.simulators.salesforce import seed
from tests.factories import make_member, make_workspace
from tests.features.company import Company
from tests.harness.salesforce import SalesforceOrg


class Trial:
    """An admin at the page."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.admin = make_member(company.workspace)
        self.client = Client()
        self.client.force_login(self.admin.user)
        self.address = f"/w/{company.workspace.slug}/calls/test/"

    def ask(self, number: str, *, member: Membership | None = None, **given: Any) -> Any:
        """Ask what would come of a call; the answer."""
        values = {
            "direction": "inbound",
            "number": number,
            "member": (member or self.company.agent).pk,
            "talk_seconds": 60,
            **given,
        }
        answer = self.client.post(self.address, values)
        assert answer.status_code == 200, answer.content
        return answer

    def words(self, number: str, **given: Any) -> str:
        """The texts of the answer."""
        text = re.sub(r"<[^>]+>", " ", self.ask(number, **given).content.decode())
        return re.sub(r"\s+", " ", unescape(text))

    def run(self, tried: Any) -> Call:
        """Press the button below what was tried, and let the workers work."""
        page = tried.content.decode()
        form = page[page.index('aria-labelledby="for-real"') :]
        values = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        values = {name: unescape(value) for name, value in values.items()}
        answer = self.client.post(self.address, values | {"for_real": "yes"})
        assert answer.status_code == 302, answer.content
        waiting = self.client.get(answer["Location"])
        assert "The call is being filed" in waiting.content.decode()
        self.company.work_on_what_arrived()
        page_of_call = self.client.get(answer["Location"])
        call = Call.unscoped.get(call_key=values["key"])
        assert page_of_call["Location"].endswith(f"/calls/call/{call.pk}/change/")
        return call


@pytest.fixture
def trial(company: Company) -> Trial:
    """An admin of a company whose org is a sandbox."""
    company.connection.is_sandbox = True
    company.connection.save()
    return Trial(company)


#: Number, what else the form says, and the options in force.
CALLS: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...] = (
    (seed.ONE_CONTACT_NUMBER, {}, {}),
    (seed.ONE_CONTACT_NUMBER, {"talk_seconds": 0}, {}),
    ("415 555 0101", {"direction": "outbound", "did": "+18005550100"}, {}),
    (seed.TWO_CONTACTS_NUMBER, {}, {}),
    (seed.TWO_CONTACTS_NUMBER, {}, {"multi_match": "precedence"}),
    (seed.PERSON_ACCOUNT_NUMBER, {}, {"timezone_in_subject": True}),
    (seed.NOBODY_NUMBER, {}, {}),
    ("anonymous", {}, {}),
    ("202", {"direction": "outbound"}, {}),
    ("202", {}, {"save_internal_calls": False}),
    (seed.NOBODY_NUMBER, {}, {"legacy": True}),
)


@pytest.mark.feature("PLUS-05")
def test_what_it_says_is_what_the_same_call_leaves_in_salesforce(trial: Trial) -> None:
    org = trial.company.org
    trial.company.hire_user("202", "agent2@acme.test")
    for number, given, options in CALLS:
        trial.company.choose(**options)
        tasks_before = trial.company.tasks()
        leads_before = {lead["Id"] for lead in org.records("Lead")}
        tried = trial.ask(number, **given)
        assert trial.company.tasks() == tasks_before

        trial.run(tried)
        promised = [dict(item.write.fields) for item in tried.context["writes"]]
        written = [task for task in trial.company.tasks() if task not in tasks_before]
        new_leads = {lead["Id"] for lead in org.records("Lead")} - leads_before
        assert bool(new_leads) is bool(options.get("legacy"))
        for planned, task in zip(promised, written, strict=True):
            if task["WhoId"] in new_leads:
                planned["WhoId"] = task["WhoId"]  # made along with it
            assert {name: task[name] for name in planned} == planned, (number, given, options)


@pytest.mark.feature("PLUS-05")
def test_trying_leaves_no_trace(trial: Trial, salesforce_org: SalesforceOrg) -> None:
    words = trial.words(seed.ONE_CONTACT_NUMBER)

    assert "1 record would be written" in words
    assert "Task under Ana Ito" in words
    assert "B3.5 Exactly one record holds the number: Contact Ana Ito." in words
    assert "filed under this" in words
    for model in (Call, CrmWrite, PlanRun, PhoneLookup):
        assert not model.unscoped.exists(), model
    assert trial.company.tasks() == []
    assert len(trial.company.searches()) == 1


@pytest.mark.feature("PLUS-05")
def test_switches_can_be_turned_for_the_test_alone(trial: Trial) -> None:
    words = trial.words(seed.ONE_CONTACT_NUMBER, switched=["activity_history"])

    assert "0 records would be written" in words
    assert "Activity history is off: no call record is written." in words
    assert "A real call follows the options as they are" in words
    assert "1 record would be written" in trial.words(seed.ONE_CONTACT_NUMBER)


@pytest.mark.feature("CRC-37")
def test_a_case_is_not_found_by_the_number_of_its_contact_and_the_page_says_so(
    trial: Trial,
) -> None:
    [ana] = trial.company.query("SELECT Id FROM Contact WHERE Name = 'Ana Ito'")
    trial.company.add_record("Case", Subject="Broken", ContactId=ana["Id"])
    limitation = "A case is not: Salesforce does not search the number of its contact"

    tried = trial.ask(seed.ONE_CONTACT_NUMBER)
    assert [match.sobject for match in tried.context["matches"]] == ["Contact"]
    assert limitation in tried.content.decode()
    call = trial.company.take(seed.ONE_CONTACT_NUMBER)
    assert limitation in trial.company.page_of(call)
    assert [one["sobject"] for one in call.candidates] == ["Contact"]


@pytest.mark.feature("PLUS-05")
def test_a_production_org_is_spared(trial: Trial) -> None:
    trial.company.connection.is_sandbox = False
    trial.company.connection.save()
    assert "This is a production org" in trial.words(seed.ONE_CONTACT_NUMBER)
    answer = trial.ask(seed.ONE_CONTACT_NUMBER, for_real="yes")
    assert "1 record would be written" in answer.content.decode()
    trial.company.work_on_what_arrived()
    assert not Call.unscoped.exists()


@pytest.mark.feature("PLUS-05")
def test_pressing_twice_makes_one_call(trial: Trial) -> None:
    tried = trial.ask(seed.ONE_CONTACT_NUMBER)
    call = trial.run(tried)
    form = {
        "direction": "inbound",
        "number": seed.ONE_CONTACT_NUMBER,
        "member": trial.company.agent.pk,
        "talk_seconds": 60,
        "key": call.call_key,
        "ended_at": tried.context["trial"].ended_at.isoformat(),
        "for_real": "yes",
    }
    trial.client.post(trial.address, form)
    trial.company.work_on_what_arrived()
    assert Call.unscoped.count() == 1
    assert len(trial.company.tasks()) == 1


@pytest.mark.feature("PLUS-05")
def test_a_search_that_fails_is_told_with_its_reason(trial: Trial) -> None:
    trial.company.org.fault("/search$", "status", status=503)
    words = trial.words(seed.ONE_CONTACT_NUMBER)
    assert "The search in Salesforce failed: Salesforce answered 503" in words
    assert "Needs review" in words


def test_who_sets_up_no_phone_system_does_not_try_calls(trial: Trial) -> None:
    trial.client.force_login(trial.company.agent.user)
    assert trial.client.get(trial.address).status_code == 403


@pytest.mark.django_db
@pytest.mark.feature("PLUS-05")
def test_before_anything_is_connected_it_says_what_is_missing(client: Client) -> None:
    member = make_member(make_workspace())
    client.force_login(member.user)
    call = {"direction": "inbound", "number": "+14155550101", "member": member.pk}
    address = f"/w/{member.workspace.slug}/calls/test/"
    page = client.post(address, call | {"talk_seconds": 60, "for_real": "yes"}).content.decode()
    assert "0 records would be written" in page
    assert "Activity history is off" in page
    assert "Add a phone system first" in page
    assert "This field is required." in client.post(address, {}).content.decode()
