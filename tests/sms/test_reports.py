"""Delivery truth: order, repetition and haste make no difference (RULES D1)."""

from itertools import permutations
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.models import Connection, InboundEvent, Notice, Workspace
from integrations.tenancy import workspace_scope
from sms.backends.base import Accepted, ReportData, TextRefused, digest_of
from sms.models import DeliveryReport, Message, MessagePart, OptOut, OptOutEvent
from sms.reports import Arrived, adopt_reports, adopt_waiting_reports, apply_reports
from sms.statuses import RANK, MessageStatus, of_parts
from tests.factories import make_workspace
from tests.sms.gateway_rows import (
    call_back,
    make_message,
    make_mitto,
    make_twilio,
    mitto_report,
    understand,
)

pytestmark = pytest.mark.django_db

SENT, DELIVERED = MessageStatus.SENT, MessageStatus.DELIVERED
UNDELIVERED, EXPIRED = MessageStatus.UNDELIVERED, MessageStatus.EXPIRED


@pytest.fixture
def connection(workspace: Workspace) -> Connection:
    return make_mitto(workspace)


def make_report(message: Message, state: MessageStatus | None, part: int = 0) -> ReportData:
    identity = message.provider_message_id if part == 0 else f"{message.reference}-{part}"
    return ReportData(
        dedupe_key=digest_of(identity, state),
        provider_status=str(state or "puzzled"),
        state=state,
        reference=str(message.reference),
        provider_message_id=identity,
        provider_part_id=identity,
        error_code=f"code-{state}" if state in (UNDELIVERED, EXPIRED) else "",
    )


def apply(connection: Connection, *reports: ReportData, at_once: bool = True) -> None:
    batches = [reports] if at_once else [(one,) for one in reports]
    for batch in batches:
        apply_reports(connection, [Arrived(one) for one in batch], reports_each_part=True)


def outcome(message: Message) -> tuple[str, int, str, bool, list[str]]:
    message.refresh_from_db()
    states = sorted(message.parts.values_list("state", flat=True))
    return (
        message.state,
        message.rank,
        message.error_code,
        message.final_at is not None,
        states,
    )


@pytest.mark.parametrize(
    "said",
    [
        [[SENT, DELIVERED]],
        [[SENT, EXPIRED, DELIVERED]],
        [[SENT, UNDELIVERED]],
        [[SENT, DELIVERED], [SENT, DELIVERED]],
        [[DELIVERED], [SENT, UNDELIVERED]],
        [[DELIVERED], [DELIVERED], [EXPIRED]],
        [[DELIVERED], [UNDELIVERED], [SENT]],
    ],
    ids=str,
)
def test_every_order_of_reports_ends_the_same(
    connection: Connection, said: list[list[MessageStatus]]
) -> None:
    expected = of_parts([max(states, key=RANK.__getitem__) for states in said])
    outcomes = set()
    steps = [(part, state) for part, states in enumerate(said) for state in states]
    for order in permutations(steps):
        message = make_message(connection, segments=len(said))
        reports = [make_report(message, state, part) for part, state in order]
        apply(connection, *reports, at_once=False)
        apply(connection, *reversed(reports))
        outcomes.add(repr(outcome(message)))
        assert message.state == expected

    assert len(outcomes) == 1


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), parts=st.integers(1, 3))
def test_any_reports_doubled_and_in_any_batches_end_the_same(
    connection: Connection, data: st.DataObject, parts: int
) -> None:
    step = st.tuples(
        st.integers(0, parts - 1),
        st.sampled_from([SENT, MessageStatus.BUFFERED, EXPIRED, UNDELIVERED, DELIVERED, None]),
    )
    said = data.draw(st.lists(step, max_size=8))
    shuffled = data.draw(st.permutations(said + said))
    results = set()
    for order, at_once in ((said, True), (shuffled, False), (shuffled, True)):
        message = make_message(connection, segments=parts)
        apply(
            connection,
            *[make_report(message, state, part) for part, state in order],
            at_once=at_once,
        )
        results.add(repr(outcome(message)))

    assert len(results) == 1


def test_the_message_is_delivered_only_when_every_part_is(connection: Connection) -> None:
    message = make_message(connection, segments=2)
    apply(connection, make_report(message, DELIVERED))
    assert outcome(message)[0] == MessageStatus.ACCEPTED
    apply(connection, make_report(message, SENT, 1))
    assert outcome(message)[0] == SENT
    apply(connection, make_report(message, DELIVERED, 1))
    assert outcome(message)[0] == DELIVERED
    assert MessagePart.unscoped.count() == 2


def test_salesforce_hears_of_final_states_at_once_and_of_others_after_a_day(
    connection: Connection,
) -> None:
    message = make_message(connection)
    apply(connection, make_report(message, SENT))
    message.refresh_from_db()
    assert message.plan_due_at is not None
    assert (message.plan_due_at - message.created_at).total_seconds() == 24 * 3600
    apply(connection, make_report(message, DELIVERED))
    message.refresh_from_db()
    assert message.plan_due_at is not None
    assert message.plan_due_at <= timezone.now()
    assert message.final_at is not None


def test_a_late_success_corrects_a_failure_and_its_reason(connection: Connection) -> None:
    message = make_message(connection)
    apply(connection, make_report(message, EXPIRED))
    assert outcome(message)[2] == "code-expired"
    apply(connection, make_report(message, DELIVERED))
    assert outcome(message)[:3] == (DELIVERED, RANK[DELIVERED], "")


def test_a_report_before_the_answer_finds_its_message_by_reference(connection: Connection) -> None:
    message = make_message(
        connection, state=MessageStatus.SUBMITTING, provider_message_id="", segments=2
    )
    early = make_report(message, DELIVERED, 1)
    apply(connection, early)
    assert outcome(message)[0] == MessageStatus.ACCEPTED, "one part of two"
    assert DeliveryReport.unscoped.get().message == message


def test_a_report_without_reference_waits_for_the_id(connection: Connection) -> None:
    early = ReportData(
        dedupe_key="early", provider_status="Delivered", state=DELIVERED, provider_message_id="late"
    )
    message = make_message(connection, state=MessageStatus.SUBMITTING, provider_message_id="")
    apply(connection, early)
    assert outcome(message)[0] == MessageStatus.SUBMITTING

    from sms.submitting import record_outcome

    message.claim_token = message.reference
    message.save()
    record_outcome(message, message.reference, Accepted("late"))
    assert outcome(message)[0] == DELIVERED
    assert DeliveryReport.unscoped.get().message == message


def test_the_sweep_joins_what_missed_each_other(connection: Connection) -> None:
    stray = ReportData(
        dedupe_key="stray", provider_status="Sent", state=SENT, provider_message_id="later"
    )
    apply(connection, stray)
    assert adopt_waiting_reports() == 0
    message = make_message(connection, provider_message_id="later")
    assert adopt_waiting_reports() == 1
    assert outcome(message)[0] == SENT
    assert adopt_waiting_reports() == 0


def test_another_connections_ids_and_references_never_match(connection: Connection) -> None:
    strangers = make_message(make_mitto(make_workspace("Other")))
    apply(connection, make_report(strangers, DELIVERED))
    own_other = make_message(make_twilio(connection.workspace))
    apply(connection, make_report(own_other, DELIVERED))

    assert outcome(strangers)[0] == outcome(own_other)[0] == MessageStatus.ACCEPTED
    assert DeliveryReport.unscoped.filter(message=None).count() == 2, "kept all the same"


def test_an_id_of_an_inbound_text_is_not_reported_on(connection: Connection) -> None:
    inbound = make_message(
        connection, direction=Message.Direction.INBOUND, state=MessageStatus.RECEIVED
    )
    apply(connection, make_report(inbound, DELIVERED))
    adopt_reports(make_message(connection))
    assert outcome(inbound)[0] == MessageStatus.RECEIVED


def test_an_unknown_word_is_kept_changes_nothing_and_is_told(connection: Connection) -> None:
    message = make_message(connection)
    apply(connection, make_report(message, None))
    apply(connection, make_report(message, None))

    assert outcome(message)[0] == MessageStatus.ACCEPTED
    assert DeliveryReport.unscoped.get().provider_status == "puzzled"
    assert "puzzled" in Notice.unscoped.get().title


def test_a_block_at_the_gateway_opts_the_number_out_with_its_proof(workspace: Workspace) -> None:
    twilio = make_twilio(workspace)
    message = make_message(twilio)
    fields = {
        "MessageSid": message.provider_message_id,
        "MessageStatus": "failed",
        "ErrorCode": "21610",
    }
    call_back(twilio, fields)
    understand(twilio)
    message.refresh_from_db()

    assert message.state == MessageStatus.REJECTED
    assert "stopped texts" in message.reason
    assert OptOut.unscoped.get().phone_e164 == message.phone_e164
    event = OptOutEvent.unscoped.get()
    assert (event.source, event.evidence["code"]) == (OptOutEvent.Source.GATEWAY, "21610")


def test_a_late_report_about_somebody_erased_counts_and_names_nobody(workspace: Workspace) -> None:
    twilio = make_twilio(workspace)
    message = make_message(twilio, phone_e164="", text="", erased_at=timezone.now())
    fields = {
        "MessageSid": message.provider_message_id,
        "MessageStatus": "failed",
        "ErrorCode": "21610",
        "To": "+14155550123",
    }
    call_back(twilio, fields)
    understand(twilio)
    message.refresh_from_db()

    assert message.state == MessageStatus.REJECTED
    assert not OptOut.unscoped.exists(), "nobody knows whose number it was"
    assert DeliveryReport.unscoped.get().raw == {}
    assert InboundEvent.unscoped.get().body == ""


def test_the_means_of_a_report_are_one_of_the_refusals() -> None:
    width = DeliveryReport._meta.get_field("means").max_length
    known = (TextRefused.OPTED_OUT, TextRefused.BAD_NUMBER, TextRefused.BAD_SENDER)
    assert width is not None
    assert max(map(len, known)) <= width


def test_what_no_field_map_fits_is_kept_for_a_person(workspace: Workspace) -> None:
    mitto = make_mitto(workspace)
    call_back(mitto, {"what": "is this"})
    call_back(mitto, mitto_report(make_message(mitto), "Delivered"))
    understand(mitto)

    failed = InboundEvent.unscoped.get(state=InboundEvent.State.FAILED)
    assert "known field" in failed.error
    assert Message.unscoped.get().state == DELIVERED


def test_a_connection_may_name_fields_in_its_own_way(workspace: Workspace) -> None:
    mitto = make_mitto(workspace, callback_fields={"status": ["Zustand"], "id": ["Kennung"]})
    message = make_message(mitto)
    call_back(mitto, {"kennung": message.provider_message_id, "ZUSTAND": "DELIVRD"})
    understand(mitto)
    assert outcome(message)[0] == DELIVERED


def test_a_batch_of_reports_costs_few_queries(
    connection: Connection, django_assert_max_num_queries: Any
) -> None:
    messages = [make_message(connection) for _ in range(100)]
    with django_assert_max_num_queries(16), workspace_scope(connection.workspace_id):
        apply(connection, *[make_report(message, DELIVERED) for message in messages])
    assert Message.unscoped.filter(state=DELIVERED).count() == 100
