"""What gateways report, and where it takes their messages (RULES D1).

Every report is kept, whatever it says and whomever it is about. It counts only if it ranks higher
than what was known, first for its part and then for the whole message, so order and repetition make
no difference. A report of an unknown message waits: it may have been faster than the answer to the
request that sent the text.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from integrations.erasing import blank_events
from integrations.models import Connection, InboundEvent
from integrations.notices import open_notice
from integrations.tenancy import workspace_scope
from sms.backends import gateway_of
from sms.backends.base import ReportData, TextRefused
from sms.consent import record_block
from sms.models import DeliveryReport, Message, MessagePart
from sms.statuses import RANK, REPORTED_WITHIN, MessageStatus, is_final, of_parts

log = structlog.get_logger()

#: How long a report waits for the message that it is about.
ORPHAN_DAYS = 3
_SWEEP_BATCH = 500


@dataclass(frozen=True)
class Arrived:
    """One report and the event that brought it."""

    report: ReportData
    event: InboundEvent | None = None


def apply_reports(
    connection: Connection, arrived: Sequence[Arrived], *, reports_each_part: bool
) -> None:
    """Keep these reports and bring their messages up to date: one transaction, few queries.

    In the workspace's scope. Only messages of this very connection are ever found, and applying
    twice changes nothing.
    """
    with transaction.atomic():
        told = [_row(connection, each) for each in arrived]
        messages = _find_messages(connection, told)
        for row in told:
            message = messages.get(row.reference) or messages.get(row.provider_message_id)
            row.message = message
        _forget_erased(told)
        rows = _new_ones(connection, told)
        _apply(rows, reports_each_part=reports_each_part)
        DeliveryReport.unscoped.bulk_create(rows, ignore_conflicts=True)
        _record_blocks(rows)
    _warn_of_unknown_words(connection, rows)


def adopt_reports(message: Message) -> None:
    """Give a message the reports that came before its id was known here."""
    with transaction.atomic():
        waiting = list(
            DeliveryReport.unscoped.filter(
                connection=message.connection_id,
                message=None,
                provider_message_id=message.provider_message_id,
            ).exclude(provider_message_id="")
        )
        if not waiting:
            return
        with gateway_of(message.connection) as gateway:
            reports_each_part = gateway.reports_each_part
        locked = Message.unscoped.select_for_update().get(pk=message.pk)
        for row in waiting:
            row.message = locked
        _forget_erased(waiting)
        _apply(waiting, reports_each_part=reports_each_part)
        DeliveryReport.unscoped.bulk_update(waiting, ["message", "raw", "reason"])
        _record_blocks(waiting)


def adopt_waiting_reports() -> int:
    """What met its message neither on arrival nor when the id was stored; how many did now."""
    known = Message.unscoped.filter(
        connection=OuterRef("connection"),
        provider_message_id=OuterRef("provider_message_id"),
        direction=Message.Direction.OUTBOUND,
    )
    met = (
        DeliveryReport.unscoped.filter(
            Exists(known),
            message=None,
            received_at__gt=timezone.now() - timedelta(days=ORPHAN_DAYS),
        )
        .exclude(provider_message_id="")
        .order_by("id")
        .values_list("connection_id", "provider_message_id")[:_SWEEP_BATCH]
    )
    pairs = set(met)
    for connection_id, identity in pairs:
        message = Message.unscoped.get(
            connection=connection_id,
            provider_message_id=identity,
            direction=Message.Direction.OUTBOUND,
        )
        with workspace_scope(message.workspace_id):
            adopt_reports(message)
    return len(pairs)


def _new_ones(connection: Connection, rows: Iterable[DeliveryReport]) -> list[DeliveryReport]:
    """The reports that were not kept before, each key once."""
    by_key = {row.dedupe_key: row for row in rows}
    known = set(
        DeliveryReport.unscoped.filter(
            connection=connection, dedupe_key__in=list(by_key)
        ).values_list("dedupe_key", flat=True)
    )
    return [row for key, row in by_key.items() if key not in known]


def _row(connection: Connection, arrived: Arrived) -> DeliveryReport:
    """A report as it is kept; not saved yet."""
    report = arrived.report
    return DeliveryReport(
        workspace_id=connection.workspace_id,
        connection=connection,
        inbound_event=arrived.event,
        dedupe_key=report.dedupe_key,
        reference=report.reference[:80],
        provider_message_id=report.provider_message_id[:80],
        provider_part_id=report.provider_part_id[:80],
        provider_status=report.provider_status[:60],
        state=report.state or "",
        error_code=report.error_code[:40],
        reason=report.reason[:300],
        means=report.means,
        occurred_at=report.occurred_at,
        raw=dict(report.raw),
    )


def _find_messages(connection: Connection, rows: Iterable[DeliveryReport]) -> dict[str, Message]:
    """The connection's messages by our reference and by the gateway's id, locked, in one order.

    Locked, because two workers with a part each of one message must see each other's part.
    """
    references = {row.reference: uuid for row in rows if (uuid := _uuid(row.reference))}
    identities = {row.provider_message_id for row in rows} - {""}
    outbound = Message.unscoped.filter(connection=connection, direction=Message.Direction.OUTBOUND)
    pks = set(outbound.filter(reference__in=references.values()).values_list("pk", flat=True))
    pks |= set(outbound.filter(provider_message_id__in=identities).values_list("pk", flat=True))
    found = {}
    uuids = {uuid: words for words, uuid in references.items()}
    for message in Message.unscoped.select_for_update().filter(pk__in=pks).order_by("pk"):
        if words := uuids.get(message.reference):
            found[words] = message
        if message.provider_message_id:
            found[message.provider_message_id] = message
    return found


def _forget_erased(rows: Iterable[DeliveryReport]) -> None:
    """Late reports about people who were erased count, without telling whom they name (C8)."""
    erased = [row for row in rows if row.message is not None and row.message.erased_at is not None]
    for row in erased:
        row.raw, row.reason = {}, ""
    blank_events([row.inbound_event_id for row in erased])


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


def _apply(rows: Sequence[DeliveryReport], *, reports_each_part: bool) -> None:
    """Rank parts, then messages. The rows carry their locked message; their order is no matter."""
    by_message: dict[int, list[DeliveryReport]] = defaultdict(list)
    for row in rows:
        if row.message is not None and row.state:
            by_message[row.message.pk].append(row)
    parts = _raise_parts(by_message) if reports_each_part else {}
    changes: dict[tuple[MessageStatus, str, str], list[int]] = defaultdict(list)
    for pk, reports in by_message.items():
        message = reports[0].message
        if message is None:
            continue
        in_parts = reports_each_part and message.segments > 1
        if in_parts:
            state = _of_message(message, parts[pk])
        else:
            state = max((MessageStatus(row.state) for row in reports), key=RANK.__getitem__)
        if RANK[state] > message.rank:
            changes[state, *_cause(message, state, reports, in_parts=in_parts)].append(pk)
    for (state, code, reason), pks in changes.items():
        _raise_messages(pks, state, code, reason)


def _cause(
    message: Message,
    state: MessageStatus,
    reports: Collection[DeliveryReport],
    *,
    in_parts: bool,
) -> tuple[str, str]:
    """Code and words of the report that says so; that of another part may have come earlier."""
    telling = [row for row in reports if row.state == state]
    if in_parts and is_final(state):
        telling += DeliveryReport.unscoped.filter(message=message, state=state)
    first = min(telling, key=lambda row: row.dedupe_key, default=None)
    return (first.error_code, first.reason) if first else ("", "")


def _of_message(message: Message, parts: Mapping[str, MessageStatus]) -> MessageStatus:
    """The least of the parts; one of which nothing was heard was accepted at best."""
    silent = max(0, message.segments - len(parts))
    return of_parts([*parts.values(), *[MessageStatus.ACCEPTED] * min(silent, 1)])


def _raise_parts(
    by_message: Mapping[int, Collection[DeliveryReport]],
) -> Mapping[int, dict[str, MessageStatus]]:
    """Store what the reports say of parts of long messages; the parts of each message by id."""
    known: dict[int, dict[str, MessageStatus]] = defaultdict(dict)
    for part in MessagePart.unscoped.filter(message__in=by_message):
        known[part.message_id][part.provider_part_id] = MessageStatus(part.state)
    raised: dict[tuple[int, str], MessagePart] = {}
    for pk, rows in by_message.items():
        for row in rows:
            state, identity = MessageStatus(row.state), _part_id(row)
            before = known[pk].get(identity)
            if before is None or RANK[state] > RANK[before]:
                known[pk][identity] = state
                raised[pk, identity] = MessagePart(
                    workspace_id=row.workspace_id,
                    message_id=pk,
                    provider_part_id=identity,
                    state=state,
                    rank=RANK[state],
                )
    MessagePart.unscoped.bulk_create(
        raised.values(),
        update_conflicts=True,
        unique_fields=["message", "provider_part_id"],
        update_fields=["state", "rank"],
    )
    return known


def _part_id(row: DeliveryReport) -> str:
    return row.provider_part_id or row.provider_message_id


def _raise_messages(pks: Sequence[int], state: MessageStatus, code: str, reason: str) -> None:
    """Where they stand now, unless it is further already; Salesforce hears of it when final."""
    now = timezone.now()
    in_a_day = ExpressionWrapper(
        F("created_at") + Value(REPORTED_WITHIN), output_field=DateTimeField()
    )
    final = is_final(state)
    Message.unscoped.filter(pk__in=pks, rank__lt=RANK[state]).update(
        state=state,
        rank=RANK[state],
        error_code=code,
        reason=reason,
        final_at=now if final else None,
        plan_due_at=now if final else Coalesce(F("plan_due_at"), in_a_day),
    )


def _record_blocks(rows: Iterable[DeliveryReport]) -> None:
    for row in rows:
        if row.means != TextRefused.OPTED_OUT or row.message is None:
            continue
        if row.message.erased_at is None:  # else nobody knows whose number it was
            record_block(row.message, row.error_code)


def _warn_of_unknown_words(connection: Connection, rows: Iterable[DeliveryReport]) -> None:
    for word in {row.provider_status for row in rows if not row.state}:
        log.warning("unknown_report_word", connection=connection.pk, word=word)
        open_notice(
            connection.workspace_id,
            kind="gateway_word",
            subject_key=f"connection:{connection.pk}:{word}"[:80],
            title=f"The SMS gateway reports “{word}”, which Patchbay does not know",
            body="Such reports are kept and change nothing. Tell us what the word means.",
            service=Connection.Kind.SMS_GATEWAY,
        )
