"""How a call's own columns read: direction, person, agents, length, outcome."""

from datetime import timedelta

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from calls.models import Call, CallLeg, CallState, Direction
from integrations.admin.cells import duration, phone_number
from integrations.admin.chips import Chip, chip
from integrations.phones import format_national

_ICONS = {
    Direction.INBOUND: "call_received",
    Direction.OUTBOUND: "call_made",
    Direction.INTERNAL: "sync_alt",
}
_OUTCOME_CHIPS = {
    "answered": Chip.DONE,
    "transferred": Chip.DONE,
    "voicemail": Chip.ATTENTION,
    "missed": Chip.ATTENTION,
    "busy": Chip.ATTENTION,
    "rejected": Chip.ATTENTION,
    "abandoned": Chip.ATTENTION,
    "failed": Chip.FAILED,
}
#: As ``calls.fold.Outcome``, in the order in which people ask for them.
OUTCOMES = tuple(_OUTCOME_CHIPS)


def direction_cell(call: Call) -> SafeString:
    """An arrow and the word."""
    return format_html(
        '<span class="pb-direction"><span class="material-symbols-outlined" aria-hidden="true">{}'
        "</span>{}</span>",
        _ICONS[Direction(call.direction)],
        call.get_direction_display(),
    )


def outcome_chip(call: Call) -> SafeString:
    """How it ended, or what it is doing now."""
    if call.state != CallState.ENDED:
        return chip(Chip.WORKING, call.get_state_display())
    return chip(_OUTCOME_CHIPS.get(call.outcome, Chip.WAITING), call.outcome.capitalize() or "–")


def number_cell(call: Call, region: str) -> SafeString:
    """The other party's number."""
    if call.is_withheld:
        return format_html('<span class="pb-quiet">{}</span>', _("Number withheld"))
    if call.external_e164:
        return phone_number(call.external_e164, region, call.pk)
    return format_html("{}", call.external_raw or "–")


def other_party(call: Call, region: str) -> str:
    """Whom the call was with, in plain words: a name, else a number; colleagues by their names."""
    if call.is_internal:
        return ", ".join(agent_names(call)) or call.external_raw
    if call.person:
        return call.person
    if call.is_withheld:
        return _("Number withheld")
    number = format_national(call.external_e164, region) if call.external_e164 else ""
    return number or call.external_raw or _("Unknown number")


def person_link(call: Call) -> SafeString:
    """The person, who leads to the call's page, and the number."""
    if call.is_internal:
        return format_html('<span class="pb-quiet">{}</span>', _("Colleagues"))
    number = number_cell(call, call.workspace.default_region)
    if call.person:
        address = reverse("admin:calls_call_change", args=(call.pk,))
        return format_html(
            '<a class="pb-link" href="{}">{}</a><div>{}</div>', address, call.person, number
        )
    return number


def leg_name(leg: CallLeg) -> str:
    """Whose leg it is, as well as that is known."""
    if leg.membership is not None:
        return str(leg.membership)
    return leg.extension or leg.user_email or leg.leg_key


def agent_names(call: Call) -> list[str]:
    """The members who talked, else those who were rung; each once."""
    legs = list(call.legs.all())
    talked = [leg for leg in legs if leg.answered_at and not leg.is_consult]
    return list(dict.fromkeys(leg_name(leg) for leg in talked or legs))


def talk_seconds(call: Call) -> int | None:
    """From the first answer to the end; None where nobody answered, or the call goes on."""
    if call.answered_at is None or call.ended_at is None:
        return None
    return (call.ended_at - call.answered_at) // timedelta(seconds=1)


def talk_length(call: Call) -> str:
    """The same for reading."""
    return duration(talk_seconds(call))
