"""Calls that wait for a person to say whom they were with, settled in the console (RULES B3.2)."""

import re
from typing import Any

import pytest
from django.test import Client

from calls.models import Call, Interaction
from integrations.models import CrmWrite, Membership
from integrations.simulators.salesforce import seed
from tests.factories import make_member
from tests.features.company import Company


class Reviewer:
    """A member at Calls → Needs review."""

    def __init__(self, member: Membership) -> None:
        self.client = Client()
        self.client.force_login(member.user)
        self.base = f"/w/{member.workspace.slug}/calls/"

    def page(self) -> str:
        """What waits, in words."""
        return words(self.client.get(f"{self.base}review/"))

    def choose(self, call: Call, **said: str) -> str:
        """Press a button beside a call; the page that follows."""
        return words(self.client.post(f"{self.base}review/{call.pk}/", said, follow=True))


def words(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def agent(company: Company) -> Reviewer:
    return Reviewer(company.agent)


def id_of(company: Company, name: str) -> str:
    return str(company.find("Contact", Name=name)["Id"])


@pytest.mark.feature("CRC-41", "CRC-45")
def test_the_agent_settles_it_later_and_the_task_in_salesforce_is_corrected(
    company: Company, agent: Reviewer
) -> None:
    call = company.take(seed.TWO_CONTACTS_NUMBER)
    before = company.task()
    waiting = agent.page()
    assert "2 records hold the number and nobody chose one" in waiting
    assert "File under this Paul Marsh" in waiting

    paula = id_of(company, "Paula March")
    assert "Filed under Paula March." in agent.choose(call, record=paula)
    company.work_on_what_arrived()

    after = company.task()
    assert (after["Id"], after["WhoId"]) == (before["Id"], paula)
    assert "(Paula March)" in after["Subject"]
    assert "Everything is filed" in agent.page()
    page = company.page_of(call)
    assert f"{company.agent} chose Contact Paula March." in page
    assert "filed under this" in page
    call.refresh_from_db()
    assert call.contact_name == "Paula March"


def test_saying_that_none_is_right_settles_it_and_writes_nothing(
    company: Company, agent: Reviewer
) -> None:
    call = company.take(seed.TWO_CONTACTS_NUMBER)
    assert "stays filed under no record" in agent.choose(call, none="1")
    company.work_on_what_arrived()

    assert company.task()["WhoId"] is None
    assert CrmWrite.unscoped.count() == 1
    assert "decided that none of the records is right" in company.page_of(call)
    call.refresh_from_db()
    assert not call.needs_review


def test_a_record_may_be_named_by_the_address_of_its_page(
    company: Company, agent: Reviewer
) -> None:
    call = company.take(seed.TWO_CONTACTS_NUMBER)
    case_id = company.add_record("Case", Subject="Pump leaks", Origin="Phone")
    agent.choose(call, record=f"https://acme.lightning.force.com/lightning/r/Case/{case_id}/view")
    company.work_on_what_arrived()

    assert (company.task()["WhoId"], company.task()["WhatId"]) == (None, case_id)


@pytest.mark.parametrize("typed", ["", "Paula", "005000000000001AAA", "https://acme.test/home"])
def test_a_text_that_names_no_record_is_refused_with_what_would_do(
    company: Company, agent: Reviewer, typed: str
) -> None:
    call = company.take(seed.TWO_CONTACTS_NUMBER)
    assert "names no contact, lead, account, opportunity or case" in agent.choose(
        call, record=typed
    )
    assert not Interaction.unscoped.exists()


def test_the_second_of_two_who_choose_hears_of_the_first(company: Company, agent: Reviewer) -> None:
    call = company.take(seed.TWO_CONTACTS_NUMBER)
    agent.choose(call, record=id_of(company, "Paula March"))
    late = Reviewer(make_member(company.workspace))
    told = late.choose(call, record=id_of(company, "Paul Marsh"))
    assert "Somebody else has settled this call" in told
    assert Interaction.unscoped.count() == 1


def test_the_calls_of_others_are_neither_shown_nor_settled(company: Company) -> None:
    call = company.take(seed.TWO_CONTACTS_NUMBER)
    other = Reviewer(company.hire("202"))
    assert "Everything is filed" in other.page()
    assert other.client.post(f"{other.base}review/{call.pk}/", {"none": "1"}).status_code == 404
    call.refresh_from_db()
    assert call.needs_review


def test_a_chosen_record_that_is_gone_asks_once_more(company: Company, agent: Reviewer) -> None:
    call = company.take(seed.TWO_CONTACTS_NUMBER)
    paula = id_of(company, "Paula March")
    company.org.act("delete-record", sobject="Contact", id=paula)
    agent.choose(call, record=paula)
    for _round in range(3):
        company.work_on_what_arrived()

    call.refresh_from_db()
    assert call.needs_review
    offered = agent.page()
    assert "Paul Marsh" in offered
    assert "File under this Paula March" not in offered
