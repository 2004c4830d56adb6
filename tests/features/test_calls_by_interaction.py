"""Where a call is filed by what its agents did on their softphone panels (RULES B3 to B5)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calls.models import Call, CallLeg, Interaction
from integrations.models import Erasure
from integrations.simulators.salesforce import seed
from tests.calls.panel_client import PanelClient
from tests.deliveries import PhoneCall
from tests.features.company import AGENT, SECOND_AGENT, Company
from tests.features.test_erasing_people import erase


class Talk:
    """A call that the agent of extension 201 is talking on, with the panel open."""

    def __init__(self, company: Company, number: str, direction: str = "inbound") -> None:
        self.company = company
        self.panel = PanelClient(company.agent)
        self.call: PhoneCall = company.call(
            number, direction=direction, started_at=datetime.now(UTC) - timedelta(seconds=20)
        )
        self.call.send("ringing", 0)
        self.call.send("answered", 5, answered_at=5)
        company.work(self.call)

    def do(self, action: str, **fields: Any) -> Any:
        return self.panel.act(action, self.panel.call(), **fields)

    def open(self, sobject: str, record_id: str) -> Any:
        """Go to the page of a record in Lightning Experience."""
        page = f"{self.company.org.url}/lightning/r/{sobject}/{record_id}/view"
        return self.do("open_page", page=page)

    def hang_up(self) -> Call:
        self.call.send("ended", 19, answered_at=5, ended_at=19, end_cause="normal")
        return self.company.work(self.call)

    def slots(self) -> tuple[str | None, str | None]:
        """Hang up; where the record of the call hangs."""
        self.hang_up()
        task = self.company.task()
        return task["WhoId"], task["WhatId"]


def contact(company: Company, name: str) -> str:
    return str(company.find("Contact", Name=name)["Id"])


@pytest.mark.feature("CRC-59", "CRC-60")
def test_the_record_that_was_gone_to_last_takes_the_call(company: Company) -> None:
    talk = Talk(company, seed.TWO_CONTACTS_NUMBER)
    paul, paula = contact(company, "Paul Marsh"), contact(company, "Paula March")
    assert talk.do("pop_record", record_id=paul).status_code == 200
    assert talk.open("Contact", paula).status_code == 200

    assert talk.slots() == (paula, None)
    [call] = Call.unscoped.all()
    assert not call.needs_review
    words = company.page_of(call)
    assert f"{company.agent} opened Contact Paula March." in words
    assert f"Before that {company.agent} popped Contact Paul Marsh." in words


@pytest.mark.feature("CRC-70")
def test_a_list_on_the_way_is_no_place_and_takes_none_away(company: Company) -> None:
    talk = Talk(company, seed.TWO_CONTACTS_NUMBER)
    paul = contact(company, "Paul Marsh")
    talk.do("pop_record", record_id=paul)
    answer = talk.do("open_page", page="https://acme.my.salesforce.com/lightning/o/Contact/list")

    assert answer.status_code == 409
    assert "This page is no record" in answer.json()["detail"]
    assert talk.slots() == (paul, None)


@pytest.mark.feature("CRC-41", "CRC-82")
def test_the_agents_choice_among_several_stands_whatever_is_opened_later(company: Company) -> None:
    talk = Talk(company, seed.TWO_CONTACTS_NUMBER)
    paula = contact(company, "Paula March")
    talk.do("choose_record", record_id=paula)
    talk.open("Contact", contact(company, "Paul Marsh"))

    assert talk.slots() == (paula, None)
    assert "(Paula March)" in company.task()["Subject"]


@pytest.mark.feature("CRC-83")
def test_a_new_record_takes_the_call_that_it_was_made_for(company: Company) -> None:
    talk = Talk(company, seed.NOBODY_NUMBER)
    lead = company.add_record("Lead", LastName="Newman", Company="N", Phone=seed.NOBODY_NUMBER)
    talk.do("save_new", page=lead)

    assert talk.slots() == (lead, None)


@pytest.mark.feature("CRC-76")
def test_a_contact_and_then_an_account_of_the_same_company_take_both_places(
    company: Company,
) -> None:
    talk = Talk(company, seed.ONE_CONTACT_NUMBER)
    ana = company.find("Contact", Name=seed.ONE_CONTACT_NAME)
    talk.do("pop_record", record_id=ana["Id"])
    talk.open("Account", ana["AccountId"])

    assert talk.slots() == (ana["Id"], ana["AccountId"])


@pytest.mark.feature("CRC-86")
def test_after_a_transfer_the_second_agent_chooses_anew(company: Company) -> None:
    second = company.hire_user("202", SECOND_AGENT)
    talk = Talk(company, seed.TWO_CONTACTS_NUMBER)
    paul, paula = contact(company, "Paul Marsh"), contact(company, "Paula March")
    talk.do("choose_record", record_id=paul)
    reached = {"leg": "leg-2", "extension": "202"}
    handed = {"kind": "blind", "to_leg_key": "leg-2"}
    talk.call.send("transferred", 12, answered_at=5, transfer=handed)
    talk.call.send("ended", 12, answered_at=5, ended_at=12, end_cause="transferred")
    talk.call.send("ringing", 12, **reached)
    talk.call.send("answered", 14, answered_at=14, **reached)
    company.work(talk.call)
    panel = PanelClient(second)
    shown = panel.call()
    assert (shown["badge"], shown["is_chosen"]) == ("search", False)
    panel.act("choose_record", shown, record_id=paula)
    talk.call.send("ended", 19, answered_at=14, ended_at=19, **reached)
    company.work(talk.call)

    records = {task["OwnerId"]: task["WhoId"] for task in company.tasks()}
    users = (company.user(AGENT)["Id"], company.user(SECOND_AGENT)["Id"])
    assert [records[user] for user in users] == [paul, paula]


@pytest.mark.feature("CRC-32", "CRC-96")
def test_an_internal_call_goes_nowhere_whatever_is_opened(company: Company) -> None:
    company.hire_user("202", SECOND_AGENT)
    talk = Talk(company, "202")
    talk.open("Contact", contact(company, "Paul Marsh"))

    assert talk.slots() == (None, None)


def test_what_is_opened_in_the_wrap_up_changes_the_record_that_stands(company: Company) -> None:
    talk = Talk(company, seed.TWO_CONTACTS_NUMBER)
    talk.hang_up()
    before = company.task()
    paula = contact(company, "Paula March")
    assert talk.open("Contact", paula).status_code == 200
    company.file()

    after = company.task()
    assert (before["WhoId"], after["WhoId"], after["Id"]) == (None, paula, before["Id"])


def test_a_second_tab_and_a_second_click_keep_it_once(company: Company) -> None:
    talk = Talk(company, seed.TWO_CONTACTS_NUMBER)
    paul, paula = contact(company, "Paul Marsh"), contact(company, "Paula March")
    for record in (paul, paul[:15], paula, paul):
        talk.do("open_page", page=record)

    assert [one.record["record_id"] for one in Interaction.unscoped.all() if one.record] == [
        paul,
        paula,
        paul,
    ]


def test_nobody_opens_pages_for_the_call_of_another(company: Company) -> None:
    talk = Talk(company, seed.TWO_CONTACTS_NUMBER)
    stranger = PanelClient(company.hire("202"))
    answer = stranger.act("open_page", talk.panel.call(), page=contact(company, "Paul Marsh"))

    assert answer.status_code == 409
    assert not Interaction.unscoped.exists()


@pytest.mark.feature("CRC-66")
def test_in_the_strict_reading_a_record_takes_a_live_panel(company: Company) -> None:
    company.choose(log_without_panel=False)
    without = company.take(seed.ONE_CONTACT_NUMBER)
    assert company.tasks() == []
    words = company.page_of(without)
    assert "had no live panel during the call" in words
    assert "Open the softphone panel before the call" in words

    Talk(company, seed.ONE_CONTACT_NUMBER).hang_up()
    assert len(company.tasks()) == 1
    assert list(CallLeg.unscoped.values_list("had_panel", flat=True)) == [False, True]


def test_a_person_whose_page_was_opened_can_be_erased(company: Company) -> None:
    talk = Talk(company, seed.ONE_CONTACT_NUMBER)
    talk.do("pop_record", record_id=contact(company, seed.ONE_CONTACT_NAME))
    talk.hang_up()
    erasure = erase(company.workspace.pk, phone=seed.ONE_CONTACT_NUMBER)

    assert erasure.state == Erasure.State.DONE
    assert [one.record for one in Interaction.unscoped.all()] == [None]
