"""Asking a gateway about texts of which nothing final is heard (sms.md 7.4, PLUS-13).

A report may get lost on its way. Where the gateway's interface can tell, it is asked once the time
in which it reports has passed; what it says counts like a report. Nothing is sent again. Where it
cannot tell, or says nothing final either, the text keeps its state, and pages note that no report
came: some countries send no receipts.
"""

import time
from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from integrations.errors import PatchbayError, Refused
from integrations.models import Connection
from integrations.queueing import enqueue
from integrations.ratelimits import allow
from integrations.tenancy import WorkspaceQuerySet
from sms.backends import BACKENDS
from sms.backends.base import Gateway, TellsOfTexts
from sms.models import Message
from sms.reports import Arrived, apply_reports
from sms.statuses import OPEN_AT_GATEWAY

log = structlog.get_logger()

#: What is open still is asked about once a day, and given up after three.
ASK_AGAIN = timedelta(hours=24)
GIVE_UP = timedelta(days=3)
BATCH = 300
#: Of one account, whatever the number of workers: texts to send must not wait behind questions.
RATE = "300/minute"
MAX_SECONDS = 45.0


def silent_texts() -> WorkspaceQuerySet[Message]:
    """What a gateway has held for longer than it should, and was not asked about lately."""
    now = timezone.now()
    return Message.unscoped.filter(
        Q(asked_at=None) | Q(asked_at__lt=now - ASK_AGAIN),
        direction=Message.Direction.OUTBOUND,
        state__in=OPEN_AT_GATEWAY,
        submitted_at__lt=now - timedelta(hours=settings.SMS_ASK_AFTER_HOURS),
        submitted_at__gt=now - GIVE_UP,
    ).exclude(provider_message_id="")


def wake_questions() -> int:
    """Have gateways asked that can be, for the sweeper's repairs; nothing is taken back."""
    gateways = Connection.unscoped.filter(
        Exists(silent_texts().filter(connection=OuterRef("pk"))),
        kind=Connection.Kind.SMS_GATEWAY,
        state=Connection.State.ACTIVE,
        backend__in=[key for key, backend in BACKENDS.items() if _can_tell(backend)],
    )
    for connection_id in gateways.values_list("pk", flat=True)[:200]:
        enqueue("background", "sms.jobs.ask_about_silent_texts", connection_id)
    return 0


def _can_tell(backend: object) -> bool:
    return isinstance(backend, type) and issubclass(backend, TellsOfTexts)


def ask_about_silent(connection: Connection, gateway: Gateway) -> int:
    """Ask about what is silent in the workspace in scope, oldest first; how many were answered."""
    if not isinstance(gateway, TellsOfTexts):
        return 0
    answered, started = 0, time.monotonic()
    for message in silent_texts().filter(connection=connection).order_by("submitted_at")[:BATCH]:
        if time.monotonic() - started > MAX_SECONDS or not allow(
            "sms_questions", str(connection.pk), RATE
        ):
            break
        before = message.asked_at
        mine = Message.objects.filter(pk=message.pk, asked_at=before)
        if not mine.update(asked_at=timezone.now()):
            continue
        try:
            report = gateway.report_of(message.provider_message_id)
        except Refused as error:
            log.warning("gateway_cannot_tell", message=message.pk, code=error.code)
            continue
        except PatchbayError as error:
            # Not this text's fault: it, and what is behind it, is asked about another time.
            Message.objects.filter(pk=message.pk).update(asked_at=before)
            log.warning("gateway_not_asked", connection=connection.pk, code=error.code)
            break
        if report is not None:
            apply_reports(
                connection, [Arrived(report)], reports_each_part=gateway.reports_each_part
            )
            answered += 1
    return answered
