"""A call that ended is planned once its facts are in, and again when they change (A1, A4, C4)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls.filing import file_call
from calls.jobs import file_due_calls
from calls.matching import on_lookup_answered
from calls.models import Call, MatchState
from integrations.jobs import drain_inbox
from integrations.models import (
    Connection,
    CrmWrite,
    Membership,
    OptionsRevision,
    PhoneLookup,
    PlanRun,
    WriteState,
)
from tests.deliveries import PhoneCall
from tests.factories import make_member, make_phone_system

CONTACT = {
    "sobject": "Contact",
    "record_id": "003000000000001AAA",
    "name": "Ana Ito",
    "account_id": "001000000000001AAA",
    "account_name": "Acme Corp",
    "phones": {"Phone": "(415) 555-0123"},
    "last_modified": "2026-11-20T09:30:18.000+0000",
}


def answer_lookup(*candidates: dict[str, Any]) -> None:
    """Salesforce answers whose number it is."""
    lookup = PhoneLookup.objects.get()
    lookup.state = PhoneLookup.State.ANSWERED
    lookup.candidates = list(candidates)
    lookup.answered_at = timezone.now()
    lookup.save()
    on_lookup_answered(lookup)


def make_due() -> None:
    """Time passes until every planned filing is due."""
    Call.objects.filter(plan_due_at__isnull=False).update(
        plan_due_at=timezone.now() - timedelta(seconds=1)
    )


def just_ended(phone_system: Connection) -> PhoneCall:
    """A call of a minute that ended a moment ago."""
    return PhoneCall(phone_system, started_at=datetime.now(UTC) - timedelta(seconds=66))


def test_one_completed_task_is_planned_for_an_answered_call(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    PhoneCall(phone_system).play(talk_seconds=60)
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT)
    make_due()
    file_due_calls()

    write = CrmWrite.objects.get()
    assert (write.sobject, write.state, write.connection) == ("Task", "planned", sync_user)
    assert write.fields["Status"] == "Completed"
    assert write.fields["CallDurationInSeconds"] == 60
    assert write.fields["CallType"] == "Inbound"
    assert write.fields["WhoId"] == CONTACT["record_id"]
    assert write.fields["OwnerId"] == agent.salesforce_user_id
    assert write.owner == agent
    assert "Priority" not in write.fields
    assert write.wire_key.startswith("pb-")
    assert len(write.wire_key) == 29


def test_nothing_is_planned_before_the_call_has_settled(
    phone_system: Connection, sync_user: Connection
) -> None:
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)
    file_due_calls()

    assert not PlanRun.objects.exists()


def test_nothing_is_planned_while_the_call_goes_on(
    phone_system: Connection, sync_user: Connection
) -> None:
    PhoneCall(phone_system).send("ringing", 0)
    drain_inbox(phone_system.pk)

    assert Call.objects.get().plan_due_at is None


def test_a_missing_answer_is_waited_for_until_30_seconds_after_the_end(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    just_ended(phone_system).play()
    drain_inbox(phone_system.pk)
    make_due()
    file_due_calls()
    assert not PlanRun.objects.exists()
    call = Call.objects.get()
    assert call.plan_due_at is not None
    assert call.ended_at is not None
    assert call.plan_due_at == call.ended_at + timedelta(seconds=30)

    answer_lookup(CONTACT)
    file_due_calls()

    assert CrmWrite.objects.get().fields["WhoId"] == CONTACT["record_id"]


def test_after_30_seconds_the_record_is_planned_without_the_answer_and_completed_by_it(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)
    make_due()
    file_due_calls()
    assert not CrmWrite.objects.get().fields.get("WhoId")

    answer_lookup(CONTACT)
    file_due_calls()

    write = CrmWrite.objects.get()
    assert write.fields["WhoId"] == CONTACT["record_id"]
    assert write.generation == 1


def test_a_late_fact_after_the_write_becomes_one_update_of_what_changed(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    call = PhoneCall(phone_system)
    call.play(talk_seconds=60)
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT)
    make_due()
    file_due_calls()
    CrmWrite.objects.update(state=WriteState.DONE, salesforce_record_id="00T000000000001AAA")

    call.send("ended", 66, answered_at=5, ended_at=95, end_cause="normal")
    drain_inbox(phone_system.pk)
    make_due()
    file_due_calls()

    update = CrmWrite.objects.get(generation=2)
    assert update.operation == CrmWrite.Operation.UPDATE
    assert update.payload == {"CallDurationInSeconds": 90}
    assert update.salesforce_record_id == "00T000000000001AAA"


def test_the_name_is_kept_as_it_was_at_call_time(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT)
    call = Call.objects.get()
    assert (call.contact_name, call.account_name) == ("Ana Ito", "Acme Corp")

    Call.objects.update(match_state=MatchState.PENDING)
    answer_lookup(CONTACT | {"name": "Ana Renamed"})
    call.refresh_from_db()
    assert call.contact_name == "Ana Ito"


def test_with_contact_retrieval_off_the_call_keeps_no_name_but_is_associated(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    OptionsRevision.objects.update(values={"activity_history": True, "retrieve_contacts": False})
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT)
    make_due()
    file_due_calls()

    assert Call.objects.get().contact_name == ""
    assert CrmWrite.objects.get().fields["WhoId"] == CONTACT["record_id"]


def test_several_matches_are_never_guessed_and_wait_for_review(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT, CONTACT | {"record_id": "003000000000002AAA", "name": "Bo Ito"})
    make_due()
    file_due_calls()

    assert not CrmWrite.objects.get().fields.get("WhoId")
    assert Call.objects.get().needs_review


def test_with_activity_history_off_nothing_is_planned_and_the_trace_says_why(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    OptionsRevision.objects.update(values={"activity_history": False})
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)
    make_due()
    file_due_calls()

    assert not CrmWrite.objects.exists()
    (line,) = PlanRun.objects.get().plan["trace"]
    assert (line["rule"], line["outcome"]) == ("C1", "stopped")


def test_without_a_connected_org_the_call_is_kept_and_the_trace_says_why(
    phone_system: Connection, agent: Membership
) -> None:
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)
    make_due()
    file_due_calls()

    assert not CrmWrite.objects.exists()
    assert PlanRun.objects.get().plan["trace"][0]["rule"] == "E3"


def test_the_options_are_those_of_the_first_event(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    call = PhoneCall(phone_system)
    call.send("ringing", 0)
    drain_inbox(phone_system.pk)
    OptionsRevision.objects.update(is_active=False)
    OptionsRevision.objects.create(
        workspace=agent.workspace, number=2, values={"activity_history": False}, is_active=True
    )
    call.send("answered", 5, answered_at=5)
    call.send("ended", 65, answered_at=5, ended_at=65)
    drain_inbox(phone_system.pk)
    answer_lookup()
    make_due()
    file_due_calls()

    assert CrmWrite.objects.count() == 1


def test_two_workers_file_a_due_call_once(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)
    make_due()
    call = Call.objects.get()

    assert [file_call(call.pk), file_call(call.pk)] == [True, False]
    assert PlanRun.objects.count() == 1


def test_a_blind_transfer_gives_each_member_a_record(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    second = make_member(
        agent.workspace, ("call_agent",), extension="202", salesforce_user_id="005000000000003AAA"
    )
    call = PhoneCall(phone_system)
    call.send("ringing", 0)
    call.send("answered", 5, answered_at=5)
    call.send("transferred", 35, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"})
    call.send("ended", 35, answered_at=5, ended_at=35)
    call.send("ringing", 36, leg="leg-2", extension="202")
    call.send("answered", 40, leg="leg-2", extension="202", answered_at=40)
    call.send("ended", 100, leg="leg-2", extension="202", answered_at=40, ended_at=100)
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT)
    make_due()
    file_due_calls()

    records = {
        (write.owner_id, write.fields["CallDurationInSeconds"]) for write in CrmWrite.objects.all()
    }
    assert records == {(agent.pk, 30), (second.pk, 60)}


def test_a_corrected_number_is_asked_for_anew_and_the_first_answer_is_forgotten(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    call = PhoneCall(phone_system)
    call.send("ringing", 0)
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT)
    call.send("answered", 5, answered_at=5, external="+12065550111")
    drain_inbox(phone_system.pk)

    stored = Call.objects.get()
    assert stored.external_e164 == "+12065550111"
    assert (stored.match_state, stored.candidates) == (MatchState.PENDING, [])
    assert (stored.contact_name, stored.contact_record_id) == ("", "")
    assert PhoneLookup.objects.filter(phone_e164="+12065550111").exists()


@pytest.mark.parametrize("record_unanswered", ["one", "none"])
def test_an_unanswered_call_yields_one_record_or_none(
    phone_system: Connection, sync_user: Connection, agent: Membership, record_unanswered: str
) -> None:
    OptionsRevision.objects.update(
        values={"activity_history": True, "record_unanswered": record_unanswered}
    )
    call = PhoneCall(phone_system)
    for leg, extension in (("leg-1", "201"), ("leg-2", "202")):
        call.send("ringing", 0, leg=leg, extension=extension)
        call.send("ended", 20, leg=leg, extension=extension, ended_at=20, end_cause="no_answer")
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT)
    make_due()
    file_due_calls()

    assert CrmWrite.objects.count() == (1 if record_unanswered == "one" else 0)


def test_late_news_that_somebody_answered_changes_the_record_of_the_missed_call(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    second = make_member(agent.workspace, ("call_agent",), extension="202")
    call = PhoneCall(phone_system)
    call.send("ringing", 0)
    call.send("ended", 20, ended_at=20, end_cause="no_answer")
    drain_inbox(phone_system.pk)
    answer_lookup(CONTACT)
    make_due()
    file_due_calls()
    missed = CrmWrite.objects.get()
    CrmWrite.objects.update(state=WriteState.DONE, salesforce_record_id="00T000000000001AAA")

    call.send("answered", 10, leg="leg-2", extension="202", answered_at=10)
    call.send("ended", 70, leg="leg-2", extension="202", answered_at=10, ended_at=70)
    drain_inbox(phone_system.pk)
    make_due()
    file_due_calls()

    update = CrmWrite.objects.exclude(pk=missed.pk).get()
    assert update.operation == CrmWrite.Operation.UPDATE
    assert update.salesforce_record_id == "00T000000000001AAA"
    assert update.wire_key == missed.wire_key
    assert update.owner == second
    assert update.payload["CallDurationInSeconds"] == 60


def test_two_phone_systems_may_use_the_same_keys(
    phone_system: Connection, sync_user: Connection, agent: Membership
) -> None:
    for one in (phone_system, make_phone_system(agent.workspace)):
        PhoneCall(one, key="k" * 200).play(leg="l" * 200)
        drain_inbox(one.pk)
    answer_lookup(CONTACT)
    make_due()
    file_due_calls()

    keys = set(CrmWrite.objects.values_list("target_key", flat=True))
    assert len(keys) == 2
    assert max(map(len, keys)) <= 250
