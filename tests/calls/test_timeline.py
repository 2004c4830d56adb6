"""Events become calls: in any order, any number of times, and never backwards (RULES A1)."""

import json
import random
import threading
from typing import Any

import pytest
from django.db import connection as database

from calls.models import Call, CallLeg, CallState, LegEvent, MatchState
from integrations import inbox
from integrations.jobs import drain_inbox
from integrations.models import Connection, InboundEvent, Membership, PhoneLookup
from integrations.tenancy import workspace_scope
from tests.deliveries import PhoneCall, post_event
from tests.factories import make_phone_system, make_workspace


def test_an_answered_call_is_folded_from_its_events(
    phone_system: Connection, agent: Membership
) -> None:
    PhoneCall(phone_system, key="c1").play(talk_seconds=90)
    drain_inbox(phone_system.pk)

    call = Call.objects.get()
    leg = CallLeg.objects.get()
    assert (call.state, call.outcome, call.external_e164) == ("ended", "answered", "+14155550123")
    assert (leg.membership, leg.talk_seconds, leg.state) == (agent, 90, CallState.ENDED)
    assert call.plan_due_at is not None


def test_every_order_and_repetition_gives_the_same_call(
    phone_system: Connection, agent: Membership
) -> None:
    call = PhoneCall(phone_system, key="c1")
    events = [
        (f"id-{number}", payload)
        for number, payload in enumerate(
            [
                call.payload("ringing", 0),
                call.payload("answered", 5, answered_at=5),
                call.payload("held", 20, answered_at=5),
                call.payload("resumed", 30, answered_at=5),
                call.payload("ended", 65, answered_at=5, ended_at=65, end_cause="normal"),
            ]
        )
    ]
    outcomes = set()
    for seed in range(6):
        shuffled = random.Random(seed).sample(events * 2, k=10)
        other = make_phone_system(phone_system.workspace)
        for event_id, payload in shuffled:
            post_event(other, payload, event_id=event_id)
            drain_inbox(other.pk)
        leg = CallLeg.objects.get(call__connection=other)
        folded = leg.call
        outcomes.add((folded.state, folded.outcome, leg.talk_seconds, leg.held_seconds))
        assert LegEvent.objects.filter(connection=other).count() == 5
    assert outcomes == {("ended", "answered", 60, 10)}


def test_a_late_event_fills_gaps_but_never_reopens_a_call(
    phone_system: Connection, agent: Membership
) -> None:
    call = PhoneCall(phone_system)
    call.send("ended", 65, ended_at=65)
    drain_inbox(phone_system.pk)
    assert CallLeg.objects.get().talk_seconds == 0

    call.send("answered", 5, answered_at=5)
    drain_inbox(phone_system.pk)

    assert CallLeg.objects.get().talk_seconds == 60
    assert Call.objects.get().state == CallState.ENDED


def test_each_fold_raises_the_version(phone_system: Connection) -> None:
    call = PhoneCall(phone_system)
    for kind, seconds in (("ringing", 0), ("answered", 5)):
        call.send(kind, seconds)
        drain_inbox(phone_system.pk)
    assert Call.objects.get().version == 2


def test_an_event_that_cannot_be_understood_is_kept_and_can_be_replayed(
    phone_system: Connection,
) -> None:
    payload = PhoneCall(phone_system).payload("ringing", 0) | {"occurred_at": "yesterday"}
    post_event(phone_system, payload)
    drain_inbox(phone_system.pk)

    event = InboundEvent.objects.get()
    assert event.state == InboundEvent.State.FAILED
    assert "occurred_at" in event.error
    assert not Call.objects.exists()

    InboundEvent.objects.update(body=event.body.replace("yesterday", "2026-11-21T12:00:00Z"))
    assert inbox.replay([event]) == 1
    drain_inbox(phone_system.pk)
    event.refresh_from_db()
    assert (event.state, event.error) == (InboundEvent.State.PROCESSED, "")
    assert Call.objects.count() == 1


def test_one_bad_event_does_not_hold_up_the_others(phone_system: Connection) -> None:
    post_event(phone_system, PhoneCall(phone_system).payload("ringing", 0) | {"type": "call.odd"})
    PhoneCall(phone_system).send("ringing", 0)
    drain_inbox(phone_system.pk)

    states = InboundEvent.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [InboundEvent.State.FAILED, InboundEvent.State.PROCESSED]


def test_fields_that_the_contract_does_not_know_are_ignored_and_listed(
    phone_system: Connection,
) -> None:
    payload = PhoneCall(phone_system).payload("ringing", 0, mood="good")
    post_event(phone_system, payload | {"tenant": "somebody-else", "extra": 1})
    drain_inbox(phone_system.pk)

    call = Call.objects.get()
    assert call.unknown_fields == ["data.mood", "extra"]
    assert call.workspace_id == phone_system.workspace_id
    assert "mood" not in json.dumps(LegEvent.objects.get().payload)


@pytest.mark.parametrize(
    ("external", "internal", "withheld"),
    [
        ("202", True, False),
        ("12345", True, False),
        ("anonymous", False, True),
        ("", False, True),
        ("not-a-number", False, False),
    ],
)
def test_internal_hidden_and_garbage_numbers_are_never_looked_up(
    phone_system: Connection, sync_user: Connection, external: str, internal: bool, withheld: bool
) -> None:
    PhoneCall(phone_system, external=external).send("ringing", 0)
    drain_inbox(phone_system.pk)

    call = Call.objects.get()
    assert (call.is_internal, call.is_withheld, call.external_e164) == (internal, withheld, "")
    assert call.match_state == MatchState.NOT_NEEDED
    assert not PhoneLookup.objects.exists()


def test_our_own_number_is_never_looked_up(phone_system: Connection, sync_user: Connection) -> None:
    PhoneCall(phone_system, external="+18005550100").send("ringing", 0)
    drain_inbox(phone_system.pk)

    assert not PhoneLookup.objects.exists()


def test_an_outside_number_is_looked_up_once_while_it_rings(
    phone_system: Connection, sync_user: Connection
) -> None:
    PhoneCall(phone_system).play()
    drain_inbox(phone_system.pk)

    assert Call.objects.get().match_state == MatchState.PENDING
    assert PhoneLookup.objects.get().phone_e164 == "+14155550123"


def test_the_same_events_of_two_workspaces_never_meet(phone_system: Connection) -> None:
    other = make_phone_system(make_workspace("Globex"))
    for one in (phone_system, other):
        PhoneCall(one, key="same-key").send("ringing", 0)
        drain_inbox(one.pk)

    assert Call.objects.count() == 1
    with workspace_scope(other.workspace_id):
        assert Call.objects.get().connection == other


@pytest.mark.django_db(transaction=True)
def test_eight_threads_fold_one_call_without_losing_an_event() -> None:
    phone_system = make_phone_system(make_workspace())
    call = PhoneCall(phone_system, key="busy")
    payloads = [call.payload("ringing", 0)]
    payloads += [
        call.payload("held" if n % 2 else "resumed", 10 + n, answered_at=5) for n in range(39)
    ]
    for payload in payloads:
        post_event(phone_system, payload)
    failures: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        try:
            # Around the drain's lease on purpose: folds must hold even where two workers meet.
            while inbox.process_batch(phone_system):
                pass
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)
        database.close()

    inbox_batch, inbox.BATCH = inbox.BATCH, 3
    try:
        workers = [threading.Thread(target=work) for _ in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        inbox.BATCH = inbox_batch
    while inbox.process_batch(phone_system):
        pass

    assert not failures
    assert InboundEvent.unscoped.filter(state=InboundEvent.State.PROCESSED).count() == 40
    assert LegEvent.unscoped.count() == 40
    assert Call.unscoped.get().version >= 14
