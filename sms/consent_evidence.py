"""Everything that bears on whether one number may be written to, for its evidence page (PLUS-10).

Told from events, texts and reports alone: nothing here reads what `OptOut` says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _

from sms.consent import Standing, derive
from sms.models import DeliveryReport, Message, OptOutEvent, OptOutSuggestion

#: Texts told of; the newest, where there are more. Events are told without end.
MOST_TEXTS = 200


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``decides`` is whether it changed or confirmed the standing."""

    at: datetime
    happened: str
    who: str = ""
    said: str = ""
    state: str = ""
    message_id: int | None = None
    decides: bool = False
    proof: Any = None


@dataclass(frozen=True)
class Evidence:
    """How a number stands by its events, and all that led there, the newest first."""

    standing: Standing | None
    entries: Sequence[Entry]
    is_cut: bool


def gather_evidence(phone_e164: str) -> Evidence:
    """The evidence about a number of the workspace in scope: four queries, however much it is."""
    events = list(
        OptOutEvent.objects.filter(phone_e164=phone_e164)
        .select_related("actor")
        .order_by("occurred_at", "id")
    )
    texts = list(
        Message.objects.filter(phone_e164=phone_e164)
        .select_related("membership__user")
        .order_by("-created_at", "-id")[:MOST_TEXTS]
    )
    suggestions = OptOutSuggestion.objects.filter(phone_e164=phone_e164).select_related(
        "decided_by"
    )
    reports = DeliveryReport.objects.filter(message__in=[text.pk for text in texts])
    entries = [
        *(_tell_event(event) for event in events),
        *(_tell_text(text) for text in texts),
        *(entry for suggestion in suggestions for entry in _tell_suggestion(suggestion)),
        *(_tell_report(report) for report in reports),
    ]
    return Evidence(
        standing=derive(events),
        entries=sorted(entries, key=attrgetter("at"), reverse=True),
        is_cut=len(texts) == MOST_TEXTS,
    )


def _tell_event(event: OptOutEvent) -> Entry:
    is_flag = event.kind == OptOutEvent.Kind.FLAG_SEEN
    return Entry(
        at=event.occurred_at,
        happened=_("%(what)s (%(how)s)")
        % {"what": event.get_kind_display(), "how": event.get_source_display()},
        who=str(event.actor or ""),
        message_id=event.message_id,
        decides=not is_flag,
        proof=event.evidence or None,
    )


def _tell_text(text: Message) -> Entry:
    inbound = text.direction == Message.Direction.INBOUND
    return Entry(
        at=text.created_at,
        happened=_("The person wrote") if inbound else _("We wrote"),
        who="" if inbound else str(text.membership or ""),
        said=text.text,
        state=text.state,
        message_id=text.pk,
    )


def _tell_suggestion(suggestion: OptOutSuggestion) -> Iterator[Entry]:
    word = {"word": suggestion.keyword}
    yield Entry(
        at=suggestion.created_at,
        happened=_("“%(word)s” stands in a text: put to a person to decide") % word,
        message_id=suggestion.message_id,
    )
    if suggestion.decided_at:
        yield Entry(
            at=suggestion.decided_at,
            happened=_("Decided: %(decision)s") % {"decision": suggestion.get_decision_display()},
            who=str(suggestion.decided_by or ""),
            message_id=suggestion.message_id,
        )


def _tell_report(report: DeliveryReport) -> Entry:
    return Entry(
        at=report.received_at,
        happened=_("The gateway reported “%(word)s”") % {"word": report.provider_status},
        state=report.state,
        message_id=report.message_id,
        proof=report.raw or None,
    )
