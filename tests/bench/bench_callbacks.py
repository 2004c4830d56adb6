"""Delivery reports from the door to the message, and how long a STOP takes behind very many."""

import json
import time
from collections.abc import Iterable
from uuid import uuid4

from django.utils import timezone

from integrations.jobs import drain_inbox
from integrations.models import Connection, DrainLease, InboundEvent
from integrations.tenancy import workspace_scope
from sms.keywords import fold
from sms.models import DeliveryReport, Message, OptOut, OptOutKeyword
from tests.bench.interleaved import interleave
from tests.bench.registry import Figure, benchmark
from tests.bench.stage import Stage
from tests.factories import make_workspace
from tests.sms.gateway_rows import call_back, make_message, make_mitto, mitto_report
from tests.sms.scripted_gateway import make_sender

_REPORTS = 300
_BACKLOG = 100_000


@benchmark("callbacks", "delivery reports end to end, and a STOP behind 100,000 of them")
def measure(stage: Stage) -> Iterable[Figure]:
    """Reports come one by one, as gateways send them; single inserts are the baseline."""
    gateway = make_mitto(make_workspace(default_region="US"))
    rates = interleave(
        stage.rounds,
        {
            "reports": lambda: _rate_of_reports(gateway),
            "inserts": lambda: _rate_of_inserts(gateway),
        },
    )
    yield Figure("callbacks: reports to messages", "/s", rates["reports"], rates["inserts"])
    yield Figure("callbacks: STOP behind 100,000 reports", "s", _seconds_to_stop(gateway))


def _rate_of_reports(gateway: Connection) -> float:
    messages = [make_message(gateway) for _ in range(_REPORTS)]
    started = time.perf_counter()
    for message in messages:
        call_back(gateway, mitto_report(message, "Delivered"))
    drain_inbox(gateway.pk)
    seconds = time.perf_counter() - started
    keys = [message.pk for message in messages]
    if Message.unscoped.filter(pk__in=keys, state="delivered").count() != _REPORTS:
        raise RuntimeError("Not every report was understood.")
    return _REPORTS / seconds


def _rate_of_inserts(gateway: Connection) -> float:
    started = time.perf_counter()
    for _ in range(_REPORTS):
        DeliveryReport.unscoped.create(
            workspace=gateway.workspace,
            connection=gateway,
            dedupe_key=uuid4().hex,
            provider_status="Delivered",
        )
    return _REPORTS / (time.perf_counter() - started)


def _seconds_to_stop(gateway: Connection) -> float:
    """From the gateway's request to the opt-out, with all those reports still to be understood."""
    make_sender(gateway, "14155550170")
    with workspace_scope(gateway.workspace_id):
        OptOutKeyword.objects.create(workspace=gateway.workspace, word="STOP", folded=fold("STOP"))
    body = json.dumps({"method": "POST", "url": "/", "content_type": "", "body": ""})
    for batch in _batches():
        InboundEvent.unscoped.bulk_create(
            InboundEvent(
                workspace=gateway.workspace,
                connection=gateway,
                handler="sms_reports",
                dedupe_key=f"backlog-{number}",
                body=body,
                body_digest="",
                received_at=timezone.now(),
            )
            for number in batch
        )
    text = {"id": "stop-1", "from": "14155550123", "to": "14155550170", "text": "STOP"}
    started = time.perf_counter()
    call_back(gateway, text, "inbound")
    drain_inbox(gateway.pk, DrainLease.Lane.TEXTS)
    seconds = time.perf_counter() - started
    if not OptOut.unscoped.filter(workspace=gateway.workspace, is_active=True).exists():
        raise RuntimeError("The STOP had no effect.")
    return seconds


def _batches() -> Iterable[range]:
    return (range(start, start + 2_000) for start in range(0, _BACKLOG, 2_000))
