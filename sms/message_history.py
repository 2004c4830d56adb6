"""What happened to one message, in the order in which it happened (MIT-54)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _

from sms.models import DeliveryReport, Message


@dataclass(frozen=True)
class Moment:
    """One step. ``state`` is a word of ours where the step says one; ``raw`` is what proves it."""

    at: datetime
    happened: str
    state: str = ""
    detail: str = ""
    raw: Any = None


def tell_history(message: Message, reports: Sequence[DeliveryReport]) -> list[Moment]:
    """The steps, the oldest first."""
    steps = _received(message) if _is_inbound(message) else _sent(message, reports)
    return sorted(steps, key=attrgetter("at"))


def _is_inbound(message: Message) -> bool:
    return message.direction == Message.Direction.INBOUND


def _received(message: Message) -> Iterator[Moment]:
    yield Moment(message.created_at, _("It came from the handset."), state=message.state)
    if message.read_at:
        yield Moment(message.read_at, _("Somebody here read it."))


def _sent(message: Message, reports: Sequence[DeliveryReport]) -> Iterator[Moment]:
    yield Moment(message.created_at, _taken_on(message))
    if message.submitted_at:
        tries = _("Try %(number)s.") % {"number": message.attempts} if message.attempts > 1 else ""
        yield Moment(message.submitted_at, _("It was handed to the gateway."), detail=tries)
    if message.accepted_at and not message.decided_at:
        identity = {"id": message.provider_message_id}
        yield Moment(
            message.accepted_at,
            _("The gateway took it."),
            detail=_("Its id there: %(id)s") % identity if message.provider_message_id else "",
        )
    for report in reports:
        yield _reported(report)
    if message.decided_at:
        yield Moment(message.decided_at, _decided(message))
    elif message.final_at and not reports:
        yield Moment(message.final_at, message.reason or _("It ended."), state=message.state)


def _taken_on(message: Message) -> str:
    by = {"person": message.membership, "origin": message.get_origin_display()}
    if message.membership:
        return _("%(person)s wrote it (%(origin)s).") % by
    return _("It was taken on (%(origin)s).") % by


def _decided(message: Message) -> str:
    by = {"person": message.decided_by or _("A former member")}
    if message.accepted_at:
        return _("%(person)s decided that it was sent.") % by
    if hasattr(message, "replacement"):
        return _("%(person)s decided that it was not sent, and had it sent again.") % by
    return _("%(person)s decided that it was not sent.") % by


def _reported(report: DeliveryReport) -> Moment:
    said = {"word": report.provider_status, "part": report.provider_part_id}
    happened = _("The gateway reported “%(word)s”.") % said
    if report.provider_part_id and report.provider_part_id != report.provider_message_id:
        happened = _("The gateway reported “%(word)s” for part %(part)s.") % said
    why = " ".join(word for word in (report.error_code, report.reason) if word)
    if report.raw.get("asked"):
        happened = _("No report had come, so the gateway was asked. It says “%(word)s”.") % said
    if not report.state:
        why = _("Patchbay does not know this word: it changed nothing.")
    return Moment(
        report.received_at, happened, state=report.state, detail=why, raw=report.raw or None
    )
