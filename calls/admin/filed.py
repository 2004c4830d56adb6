"""Where a call was filed, or what stands in the way (PLUS-04): for the list and the call's page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from calls.explanation import advice_on, find_stop
from calls.models import Call, CallState, MatchState
from integrations.admin.cells import outside_link
from integrations.admin.chips import Chip, chip
from integrations.admin.write_stories import state_chip, tell_story
from integrations.ledger import standing_writes
from integrations.marks import MEMBER
from integrations.models import CrmWrite, WriteState
from integrations.planning import PlannedWrite, TraceLine
from integrations.record_links import record_url

#: The state that speaks for a call with several records: the first of these that one is in.
_URGENCY = (
    WriteState.NEEDS_ATTENTION,
    WriteState.HELD,
    WriteState.UNKNOWN,
    WriteState.RETRYING,
    WriteState.SENDING,
    WriteState.CLAIMED,
    WriteState.PLANNED,
    WriteState.DONE,
)


@dataclass(frozen=True)
class Filed:
    """A chip, the reason or the record in words, and links to what stands in Salesforce."""

    chip: SafeString
    text: str
    links: SafeString | str = ""


@dataclass(frozen=True)
class Obstacle:
    """Why a call has no record: what happened, what Patchbay does by itself, what one can do."""

    happened: str
    by_itself: str = ""
    to_do: str = ""
    rule: str = ""


def describe_filed(call: Call, writes: Sequence[CrmWrite], trace: Sequence[TraceLine]) -> Filed:
    """The list's cell."""
    standing = standing_writes(writes)
    if not standing:
        return _not_filed(call, trace)
    worst = min(standing, key=lambda write: _URGENCY.index(WriteState(write.state)))
    links = _record_links(standing)
    if worst.state != WriteState.DONE:
        return Filed(state_chip(worst), tell_story(worst).happened, links)
    if call.needs_review:
        return Filed(
            chip(Chip.ATTENTION, _("Needs review")), _("A person must choose the record."), links
        )
    names = " · ".join(dict.fromkeys(filed_under(call, write) for write in standing))
    return Filed(chip(Chip.DONE, _("Filed")), names, links)


def filed_under(call: Call, write: CrmWrite | PlannedWrite) -> str:
    """The name of the record that a call record hangs on."""
    if isinstance(write, CrmWrite) and write.sobject == MEMBER:
        return _("in the campaign %(name)s") % {"name": write.label}
    record_id = write.fields.get("WhoId") or write.fields.get("WhatId")
    if not record_id:
        return _("under no record")
    return _("under %(name)s") % {"name": _names_by_id(call).get(record_id, record_id)}


def find_obstacle(
    call: Call, writes: Sequence[CrmWrite], trace: Sequence[TraceLine]
) -> Obstacle | None:
    """The first thing that kept a record out of Salesforce; None where one stands there."""
    standing = standing_writes(writes)
    if any(write.salesforce_record_id for write in standing):
        return None
    if standing:
        worst = min(standing, key=lambda write: _URGENCY.index(WriteState(write.state)))
        story = tell_story(worst)
        return Obstacle(story.happened, story.by_itself, story.to_do)
    stop = find_stop(trace)
    if stop is not None:
        return Obstacle(stop.text, to_do=advice_on(stop), rule=stop.rule)
    return _unplanned(call, writes)


def _not_filed(call: Call, trace: Sequence[TraceLine]) -> Filed:
    stop = find_stop(trace)
    if stop is not None:
        return Filed(chip(Chip.WAITING, _("Not filed")), stop.text)
    if call.erased_at is not None:
        return Filed(chip(Chip.WAITING, _("Not filed")), _("The person was erased."))
    if call.state != CallState.ENDED:
        return Filed(chip(Chip.WORKING, _("In progress")), _("Filed when it ends."))
    if call.plan_due_at is not None:
        return Filed(chip(Chip.WAITING, _("Being filed")), _("Within a minute."))
    return Filed(chip(Chip.WAITING, _("Not filed")), _("Nothing was to be written."))


def _unplanned(call: Call, writes: Sequence[CrmWrite]) -> Obstacle:
    if call.erased_at is not None:
        return Obstacle(_("The person was erased, so nothing is written about this call."))
    if call.state != CallState.ENDED:
        return Obstacle(
            _("The call goes on."), _("Patchbay files it a few seconds after it has ended.")
        )
    if call.plan_due_at is not None and call.match_state == MatchState.PENDING:
        return Obstacle(
            _("Salesforce has not said yet whose number it is."),
            _("Patchbay files the call as soon as the answer is in, at most 30 s after its end."),
        )
    if call.plan_due_at is not None:
        return Obstacle(_("The call has just ended."), _("Patchbay files it within seconds."))
    if writes:
        return Obstacle(
            writes[-1].held_reason or _("What was to be written was withdrawn before it was sent.")
        )
    return Obstacle(_("Nothing was to be written about this call."))


def _record_links(writes: Iterable[CrmWrite]) -> SafeString:
    """``Task`` for one record, ``Task 1 Task 2`` for several."""
    stored = [write for write in writes if write.salesforce_record_id]
    links = (
        outside_link(
            record_url(write.connection, write.salesforce_record_id),
            f"{write.sobject} {number}" if len(stored) > 1 else write.sobject,
        )
        for number, write in enumerate(stored, start=1)
    )
    return format_html_join(" ", "{}", ((link,) for link in links))


def _names_by_id(call: Call) -> Mapping[str, str]:
    names = {}
    for candidate in call.candidates:
        for key in ("record_id", "person_contact_id"):
            if candidate.get(key):
                names[candidate[key]] = str(candidate.get("name") or candidate[key])
    return names
