"""What a panel is told and may do, by HTTP with its token: presence, diagnostics, refusals."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from calls.models import Call, CallLeg, Interaction
from integrations.jobs import answer_lookups, drain_inbox
from integrations.models import Membership
from integrations.simulators.salesforce import seed
from tests.calls.panel_client import PanelClient
from tests.deliveries import PhoneCall
from tests.features.company import Company

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def panel(company: Company) -> PanelClient:
    return PanelClient(company.agent)


def ring(company: Company, external: str, *, until: str = "ringing") -> PhoneCall:
    """A call that rings now, or has come as far as ``until``."""
    call = PhoneCall(company.phone_system, external=external, started_at=datetime.now(UTC))
    call.send("ringing", 0)
    if until != "ringing":
        call.send(until, 2, answered_at=1, **({"ended_at": 2} if until == "ended" else {}))
    drain_inbox(company.phone_system.pk)
    answer_lookups(company.connection.pk)
    return call


@pytest.mark.feature("CRC-13", "CRC-19", "CRC-20")
def test_a_silent_an_old_and_an_unlicensed_panel_are_not_connected_and_say_why(
    company: Company, panel: PanelClient
) -> None:
    def failed() -> list[str]:
        checks = panel.state()["presence"]["checks"]
        return [one["name"] for one in checks if not one["holds"]]

    assert failed() == []
    with time_machine.travel(timezone.now() + timedelta(seconds=46)):
        silent = panel.state()["presence"]
        assert (silent["state"], silent["reason"]) == ("not_connected", "panel_live")
        panel.beat()
        assert failed() == []
    panel.version = 0
    told = panel.beat().json()["presence"]
    assert (told["reason"], told["text"]) == (
        "panel_version",
        "This panel is older than Patchbay. Load the page again.",
    )
    panel.version = 1
    panel.beat()
    Membership.unscoped.filter(pk=company.agent.pk).update(extension="", crm_licence="none")
    assert failed() == ["extension", "licence"]


@pytest.mark.feature("CRC-24")
def test_several_matches_without_a_search_dialog_are_explained_instead_of_a_dead_button(
    company: Company, panel: PanelClient
) -> None:
    company.choose(search_dialog=False)
    ring(company, seed.TWO_CONTACTS_NUMBER)
    call = panel.call()
    assert (call["badge"], call["records"]) == (None, [])
    assert "the search dialog is switched off" in call["no_badge_text"]


def test_a_text_that_names_no_record_is_refused_in_words(
    company: Company, panel: PanelClient
) -> None:
    ring(company, seed.NOBODY_NUMBER)
    answer = panel.act("open_page", panel.call(), page="the new one")
    assert answer.status_code == 409
    assert "This page is no record" in answer.json()["detail"]
    assert not Interaction.unscoped.exists()


def test_what_was_noted_after_the_record_was_written_changes_it_once(
    company: Company, panel: PanelClient
) -> None:
    ring(company, seed.ONE_CONTACT_NUMBER, until="ended")
    company.file()
    assert company.task()["CallDisposition"] == "Answered"
    call = panel.call()
    for note in ("Wants", "Wants a pump"):
        assert panel.act("keep_notes", call, note=note, disposition="").status_code == 200
    leg = CallLeg.unscoped.get()
    assert leg.ended_at is not None
    assert Call.unscoped.get().plan_due_at == leg.ended_at + timedelta(seconds=60)
    panel.act("end_wrap_up", call)
    company.file()
    task = company.task()
    assert task["Description"].endswith("\nWants a pump")
    recent = panel.get("recent/").json()["calls"]
    assert [(one["caller"], one["outcome"]) for one in recent] == [("Ana Ito", "Answered")]


def test_the_page_itself_is_for_anybody_sets_no_cookie_and_stands_in_the_console_alone() -> None:
    page = Client().get("/softphone/acme/")
    assert page.status_code == 200
    assert not page.cookies
    policy = page["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert page["X-Frame-Options"] == "SAMEORIGIN"
