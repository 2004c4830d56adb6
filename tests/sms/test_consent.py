"""Opting out and in again: events are the truth, and what is queued is skipped at once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.models import AuditEntry, Workspace
from sms.consent import decide, derive, opt_in, opt_out, rebuild, suggest
from sms.messaging import NewText, queue_message
from sms.models import Message, OptOut, OptOutEvent, Sender
from tests.factories import make_user
from tests.sms.scripted_gateway import receive

PHONE = "+447700900123"
Kind, Source = OptOutEvent.Kind, OptOutEvent.Source
START = datetime(2026, 11, 1, tzinfo=UTC)


def queue(purpose: Message.Purpose = Message.Purpose.CONVERSATION) -> Message:
    return queue_message(
        NewText(to=PHONE, text="Hello", purpose=purpose, origin=Message.Origin.COMPOSE)
    )


def test_an_opt_out_skips_what_is_queued_but_for_the_confirmation(sender: Sender) -> None:
    waiting, confirmation = queue(), queue(Message.Purpose.CONFIRMATION)
    assert opt_out(PHONE, Source.KEYWORD, evidence={"text": "STOP"})
    waiting.refresh_from_db()
    confirmation.refresh_from_db()
    assert (waiting.state, confirmation.state) == ("skipped", "queued")
    assert waiting.reason


def test_a_repeated_stop_is_kept_and_is_no_news(workspace: Workspace) -> None:
    assert opt_out(PHONE, Source.KEYWORD)
    since = OptOut.objects.get().since
    assert not opt_out(PHONE, Source.KEYWORD)
    assert OptOut.objects.get().since == since
    assert OptOutEvent.objects.count() == 2


def test_a_member_may_undo_it_and_stands_in_the_audit(workspace: Workspace) -> None:
    opt_out(PHONE, Source.KEYWORD)
    actor = make_user()
    assert opt_in(PHONE, Source.MEMBER, actor=actor, evidence={"why": "asked by phone"})
    assert not OptOut.objects.get().is_active
    assert AuditEntry.objects.get(action="opt_out.undone").actor == actor


def test_nobody_is_opted_in_who_never_opted_out(workspace: Workspace) -> None:
    assert not opt_in(PHONE, Source.KEYWORD)
    assert not OptOutEvent.objects.exists()


def test_a_suggestion_is_decided_once(workspace: Workspace, sender: Sender) -> None:
    reply = receive(sender, "we have to stop this")
    suggestion = suggest(reply, "STOP")
    assert suggest(reply, "STOP") == suggestion
    first, second = make_user(), make_user()
    assert decide(suggestion, opted_out=True, actor=first)
    assert not decide(suggestion, opted_out=False, actor=second)
    assert OptOut.objects.get().is_active
    assert OptOutEvent.objects.get().evidence["text"] == "we have to stop this"


@pytest.mark.parametrize("kinds", [[], [Kind.FLAG_SEEN], [Kind.OPTED_IN]])
def test_without_an_opt_out_there_is_no_standing(kinds: list[OptOutEvent.Kind]) -> None:
    assert derive([OptOutEvent(kind=kind, occurred_at=START) for kind in kinds]) is None


@given(st.lists(st.sampled_from(list(Kind)), max_size=12))
def test_the_last_word_counts_from_when_it_first_held(kinds: list[OptOutEvent.Kind]) -> None:
    events = [
        OptOutEvent(kind=kind, occurred_at=START + timedelta(days=day))
        for day, kind in enumerate(kinds)
    ]
    standing = derive(events)
    words = [kind for kind in kinds if kind is not Kind.FLAG_SEEN]
    if Kind.OPTED_OUT not in words:
        assert standing is None
        return
    assert standing is not None
    assert standing.is_opted_out == (words[-1] is Kind.OPTED_OUT)
    later = [event.kind for event in events if event.occurred_at >= standing.since]
    assert {kind for kind in later if kind is not Kind.FLAG_SEEN} == {words[-1]}


def test_the_truth_can_be_rebuilt_from_events_alone(workspace: Workspace) -> None:
    opt_out(PHONE, Source.KEYWORD)
    opt_in(PHONE, Source.MEMBER)
    opt_out(PHONE, Source.SALESFORCE)
    kept = OptOut.objects.values_list("is_active", "since").get()
    OptOut.objects.all().delete()
    rebuild(PHONE)
    assert OptOut.objects.values_list("is_active", "since").get() == kept
