"""Opting out with proof: the queue of suggestions, the evidence of a number, and the way back."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.models import AuditEntry
from integrations.tenancy import workspace_scope
from sms.jobs import submit_messages
from sms.messaging import TextNotTaken
from sms.models import Message, OptOut, OptOutEvent, OptOutSuggestion
from sms.stop_words import add_words
from tests.features.sms_office import Office
from tests.features.test_sms_setup import SetUp
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = "+14155550001"


@pytest.fixture
def office(sms_gateways: SmsGateways, live_server: LiveServer, settings: Settings) -> Office:
    settings.PUBLIC_URL = live_server.url
    office = Office(sms_gateways, "mitto")
    with workspace_scope(office.workspace):
        add_words(["STOP"])
    return office


def opt_out_of(office: Office) -> OptOut:
    return OptOut.unscoped.get(workspace=office.workspace, phone_e164=PERSON)


@pytest.mark.feature("PLUS-10", "MIT-58")
def test_the_evidence_of_a_person_is_one_page_made_from_what_happened(office: Office) -> None:
    office.send("0001", "Twenty percent off today.")
    office.hear(2)
    office.receive(("0001", "Stop. Thank you"))
    admin = SetUp(office.workspace)
    with pytest.raises(TextNotTaken, match="opted out"):
        office.send("0001")

    page = admin.read("sms_optout_change", opt_out_of(office).pk)
    steps = ["Opted out (Keyword)", "Stop. Thank you", "reported “Delivered”", "Twenty percent off"]
    places = [page.index(step) for step in steps]
    assert places == sorted(places), "the newest first"
    assert "&quot;keyword&quot;: &quot;STOP&quot;" in page
    assert str(admin.member.user) in page, "who looked at it"

    OptOut.unscoped.update(is_active=False)
    again = admin.read("sms_optout_change", opt_out_of(office).pk)
    assert "Nothing is sent to this number." in again, "told from the events alone"


@pytest.mark.feature("MIT-59")
def test_who_may_allows_texts_again_with_a_reason_which_the_audit_keeps(office: Office) -> None:
    office.receive(("0001", "STOP"))
    marketer, admin = SetUp(office.workspace, "marketer"), SetUp(office.workspace)
    row = opt_out_of(office)
    allow = admin.address("sms_optout_allow", row.pk)
    assert marketer.client.post(allow, {"note": "asked"}).status_code == 403
    assert "This field is required" in admin.post("sms_optout_allow", row.pk, note="")
    assert opt_out_of(office).is_active

    page = admin.post("sms_optout_allow", row.pk, note="Asked for it on the phone, 3 May.")
    assert "may be written to again" in page
    assert "Asked for it on the phone, 3 May." in page
    assert str(admin.member.user) in page
    assert not opt_out_of(office).is_active
    entry = AuditEntry.unscoped.get(action="opt_out.undone")
    assert entry.after["note"] == "Asked for it on the phone, 3 May."
    office.send("0001")
    assert admin.client.get(allow).status_code == 404, "there is nothing to undo any more"


@pytest.mark.feature("PLUS-10")
@pytest.mark.parametrize("act", ["opt_out", "dismiss"])
def test_free_text_that_may_mean_stop_waits_for_a_person(office: Office, act: str) -> None:
    office.receive(("0001", "please do not stop the good news"))
    admin = SetUp(office.workspace)
    queue = admin.read("sms_optoutsuggestion_changelist")
    assert "please do not stop the good news" in queue
    with pytest.raises(TextNotTaken, match="Decide that first"):
        office.send("0001", purpose=Message.Purpose.MARKETING)

    suggestion = OptOutSuggestion.unscoped.get()
    admin.post(f"sms_optoutsuggestion_{act}", suggestion.pk)
    suggestion.refresh_from_db()
    assert suggestion.decided_by == admin.member.user
    assert "please do not" not in admin.read("sms_optoutsuggestion_changelist")
    assert AuditEntry.unscoped.count() == 1
    if act == "opt_out":
        page = admin.read("sms_optout_change", opt_out_of(office).pk)
        assert "Opted out (Suggestion, decided by a person)" in page
    else:
        office.send("0001", purpose=Message.Purpose.MARKETING)
        assert not OptOut.unscoped.exists()


def test_a_number_is_opted_out_by_hand_and_marked_everywhere(office: Office) -> None:
    waiting = office.send("0001")
    Message.unscoped.filter(pk=waiting.pk).update(state="queued", rank=10)
    admin = SetUp(office.workspace)
    assert "not a phone number" in admin.post("sms_optout_add", phone="soon", note="told us")
    admin.post("sms_optout_add", phone="(415) 555-0001", note="Told Ana on the phone")
    submit_messages(office.connection.pk)

    waiting.refresh_from_db()
    assert waiting.state == "skipped"
    assert OptOutEvent.unscoped.get().source == OptOutEvent.Source.MEMBER
    for name, *args in (
        ("sms_message_changelist",),
        ("sms_message_change", waiting.pk),
        ("sms_optout_changelist",),
    ):
        assert "Opted out" in admin.read(name, *args), name
    listed = admin.client.get(admin.address("sms_optout_changelist"), {"q": "415555"})
    assert "(415) 555-0001" in listed.content.decode()
    assert Client().get(admin.address("sms_optout_changelist")).status_code == 302


def test_several_suggestions_are_decided_at_once(office: Office) -> None:
    office.receive(("0001", "do not stop"), ("0002", "never stop"))
    admin = SetUp(office.workspace)
    ticked = [str(pk) for pk in OptOutSuggestion.unscoped.values_list("pk", flat=True)]
    page = admin.post(
        "sms_optoutsuggestion_changelist", action="opt_out_ticked", _selected_action=ticked
    )
    assert "2 suggestions decided." in page
    assert OptOut.unscoped.filter(is_active=True).count() == 2
