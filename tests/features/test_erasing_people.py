"""Erasing a person: nothing tells of them any more, and nothing is done twice for it (C8)."""

import time

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from calls.models import Call, LegEvent
from integrations import audit, erasures
from integrations.mentions import Identity
from integrations.models import (
    AuditEntry,
    CrmWrite,
    DirectoryContact,
    Erasure,
    Workspace,
    WriteState,
)
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from sms.jobs import submit_messages
from sms.messaging import TextNotTaken
from sms.models import Message, OptOut, SuppressedNumber
from sms.statuses import MessageStatus
from sms.stop_words import add_words
from tests.factories import NOON, make_call, make_member, make_phone_system, make_workspace
from tests.features.company import Company
from tests.features.sms_office import Office
from tests.features.test_sms_setup import SetUp
from tests.harness.sms_gateways import SmsGateways
from tests.harness.words import places_of

PERSON = "+14155550001"


def erase(workspace_id: int, phone: str = "", record: str = "") -> Erasure:
    """Have somebody erased, as a worker would carry it out."""
    with workspace_scope(workspace_id):
        erasure = erasures.request_erasure(Identity(phone, record), actor=None)
    erasures.take_step(erasure.pk)
    erasure.refresh_from_db()
    return erasure


def carry_on() -> Erasure:
    """The next step of the only erasure, as if its pause were over."""
    Erasure.unscoped.update(next_attempt_at=NOON)
    erasures.take_step(Erasure.unscoped.get().pk)
    return Erasure.unscoped.get()


def test_an_erased_caller_is_named_nowhere_and_no_record_is_written_again(
    company: Company,
) -> None:
    kept = company.take(seed.NOBODY_NUMBER)
    call = company.call(seed.ONE_CONTACT_NUMBER)
    call.play(caller_name="Shown Name", recording_url="https://pbx.test/rec/1")
    row = company.work(call)
    workspace = company.workspace.pk
    digits = seed.ONE_CONTACT_NUMBER.removeprefix("+")
    assert "calls.Call.external_e164" in places_of(digits, workspace)
    assert "integrations.InboundEvent.body" in places_of(digits, workspace)
    before = company.tasks()

    erasure = erase(workspace, phone=seed.ONE_CONTACT_NUMBER)
    assert (erasure.state, erasure.sealed_identity) == (Erasure.State.DONE, "")
    for words in (digits, seed.ONE_CONTACT_NAME, "Shown Name", "pbx.test/rec"):
        assert places_of(words, workspace) == set()
    assert DirectoryContact.unscoped.count() == 0

    # A repeat and a late event are told apart by their keys; neither plans anything.
    call.play(caller_name="Shown Name", recording_url="https://pbx.test/rec/1")
    company.work(call)
    row.refresh_from_db()
    assert (row.external_e164, row.caller_name, row.plan_due_at) == ("", "", None)
    assert company.tasks() == before
    assert CrmWrite.unscoped.filter(subject_id=row.pk).get().state == WriteState.DONE
    assert LegEvent.unscoped.filter(call=row).exclude(payload={}).exists()
    assert places_of(digits, workspace) == set()

    kept.refresh_from_db()
    assert kept.external_e164 == seed.NOBODY_NUMBER
    page = company.page_of(row)
    assert seed.ONE_CONTACT_NAME not in page
    assert "Erased person" in page


def test_a_record_that_waits_is_cancelled_and_one_on_its_way_is_waited_for(
    company: Company,
) -> None:
    row = company.take(seed.ONE_CONTACT_NUMBER)
    write = CrmWrite.unscoped.filter(subject_id=row.pk)
    write.update(state=WriteState.UNKNOWN, salesforce_record_id="")
    erasure = erase(company.workspace.pk, phone=seed.ONE_CONTACT_NUMBER)
    assert erasure.state == Erasure.State.WAITING
    assert "on their way are waited for" in erasure.waits_for
    row.refresh_from_db()
    assert row.external_e164 == seed.ONE_CONTACT_NUMBER, "its write must still be settled"

    write.update(state=WriteState.PLANNED)
    assert carry_on().state == Erasure.State.DONE
    assert (write.get().state, write.get().fields) == (WriteState.CANCELLED, {})


def test_a_record_id_erases_whoever_was_filed_under_it(company: Company) -> None:
    row = company.take(seed.ONE_CONTACT_NUMBER)
    record_id = row.contact_record_id
    erase(company.workspace.pk, record=record_id)
    assert places_of(record_id, company.workspace.pk) == set()
    assert Call.unscoped.get(pk=row.pk).erased_at is not None


@pytest.mark.parametrize(("role", "status"), [("admin", 200), ("sms_admin", 403)])
def test_the_page_is_for_admins(db: None, role: str, status: int) -> None:
    workspace = make_workspace()
    admin = someone_at_the_page(workspace, role)
    assert admin.get(f"/w/{workspace.slug}/erase-a-person/").status_code == status


def test_an_admin_reads_what_is_kept_before_anything_goes(db: None) -> None:
    workspace = make_workspace()
    call = make_call(workspace, external_e164=PERSON, caller_name="Ana Ito")
    address = f"/w/{workspace.slug}/erase-a-person/"
    client = someone_at_the_page(workspace, "owner")
    refused = client.post(address, {"who": "Ana Ito"}).content.decode()
    assert "neither a phone number nor the id" in refused

    counted = client.post(address, {"who": "(415) 555-0001"}).content.decode()
    assert "Calls: 1" in counted
    assert not Erasure.unscoped.exists(), "reading changes nothing"

    done = client.post(address, {"who": PERSON, "confirmed": "1"}, follow=True)
    assert "The person is being erased." in done.content.decode()
    assert PERSON not in done.content.decode()
    erasures.take_step(Erasure.unscoped.get().pk)
    call.refresh_from_db()
    assert (call.external_e164, call.caller_name) == ("", "")
    assert "Erased" in client.get(address).content.decode()
    page = client.get(f"/w/{workspace.slug}/calls/call/{call.pk}/change/").content.decode()
    assert "nothing is written about this call" in page, "though it still rings"


def test_a_turn_that_ends_early_is_gone_on_with_and_other_workspaces_are_left_alone(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, other = make_workspace(), make_workspace()
    phone_system = make_phone_system(workspace)
    for _ in range(30):
        make_call(workspace, phone_system, external_e164=PERSON)
    theirs = make_call(other, external_e164=PERSON)
    with workspace_scope(workspace):
        audit.record(None, "opt_out.made", PERSON, after={"note": f"{PERSON} called"})

    monkeypatch.setattr(erasures, "_TURN_SECONDS", 0.0)
    assert erase(workspace.pk, phone=PERSON).state == Erasure.State.WAITING
    turns = [carry_on() for _ in range(12)]
    assert turns[-1].state == Erasure.State.DONE
    assert turns[-1].erased["calls.Call"] == 30
    assert places_of(PERSON.removeprefix("+"), workspace.pk) == set()
    theirs.refresh_from_db()
    assert theirs.external_e164 == PERSON


def test_the_page_asks_for_the_password_first(db: None) -> None:
    workspace = make_workspace()
    client = someone_at_the_page(workspace, "owner", gave_password=False)
    answer = client.post(f"/w/{workspace.slug}/erase-a-person/", {"who": PERSON, "confirmed": "1"})
    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]
    assert not Erasure.unscoped.exists()


def test_an_operator_counts_first_and_erases_when_told_so(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = make_workspace()
    make_call(workspace, external_e164=PERSON)
    call_command("erase", workspace.slug, PERSON)
    assert "calls: 1" in capsys.readouterr().out
    assert not Erasure.unscoped.exists()
    call_command("erase", workspace.slug, PERSON, yes=True)
    assert Erasure.unscoped.get().state == Erasure.State.WAITING


def someone_at_the_page(workspace: Workspace, role: str, *, gave_password: bool = True) -> Client:
    """A member who has a password, and has just given it."""
    client = Client()
    user = make_member(workspace, [role]).user
    user.set_password("correct horse battery")
    user.save()
    client.force_login(user)
    if not gave_password:
        return client
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


@pytest.fixture
def office(
    transactional_db: None, sms_gateways: SmsGateways, live_server: LiveServer, settings: Settings
) -> Office:
    settings.PUBLIC_URL = live_server.url
    office = Office(sms_gateways, "mitto")
    with workspace_scope(office.workspace):
        add_words(["STOP"])
    return office


def test_who_opted_out_and_was_erased_is_never_written_to(office: Office) -> None:
    office.send("0001", "Twenty percent off today.")
    office.hear(2)
    office.receive(("0001", "STOP"))
    submit_messages(office.connection.pk)
    workspace = office.workspace.pk
    assert "has still to be understood" in erase(workspace, phone=PERSON).waits_for
    office.hear(5)
    carry_on()

    assert places_of(PERSON.removeprefix("+"), workspace) == set()
    assert places_of("Twenty percent", workspace) == set()
    assert OptOut.unscoped.count() == 0
    assert len(SuppressedNumber.unscoped.get().pseudonym) == 64
    with pytest.raises(TextNotTaken, match="opted out"):
        office.send("0001")

    marketer = SetUp(office.workspace, "marketer")
    assert "Erased person" in marketer.read("sms_message_changelist")
    for text in Message.unscoped.all():
        page = marketer.client.get(marketer.address("sms_message_change", text.pk))
        assert page.status_code == 200
        assert "Twenty percent" not in page.content.decode()

    # The audit names the person by the hash alone.
    lines = AuditEntry.unscoped.filter(action__startswith="person.")
    assert {len(line.target_label) for line in lines} == {64}


def test_an_erased_person_who_writes_start_may_be_written_to_again(office: Office) -> None:
    office.receive(("0001", "STOP"))
    confirmation = Message.unscoped.filter(purpose=Message.Purpose.CONFIRMATION)
    confirmation.update(state=MessageStatus.SUBMITTING)
    assert "on their way" in erase(office.workspace.pk, phone=PERSON).waits_for
    assert confirmation.get().phone_e164 == PERSON
    confirmation.update(state=MessageStatus.QUEUED)
    assert carry_on().state == Erasure.State.DONE
    assert confirmation.get().state == MessageStatus.SKIPPED, "it is never sent"

    office.receive(("0001", "START"))
    assert SuppressedNumber.unscoped.count() == 0
    assert office.send("0001").text
    assert Message.unscoped.filter(phone_e164=PERSON).count() == 2
