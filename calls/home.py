"""What calls show on Home: numbers, the latest, what waits, and the first steps of an agent."""

from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.admin import call_cells
from calls.filing import SUBJECT_KIND
from calls.models import Call, CallLeg
from calls.models.calls import CallQuerySet
from calls.selectors import list_visible_calls, with_agents
from integrations.admin import cells
from integrations.attention import capped_count, page_link
from integrations.home import (
    Cell,
    Goal,
    HomeSection,
    Matter,
    RecentList,
    RecentRow,
    RecentRows,
    Step,
    read_place,
)
from integrations.models import CrmWrite, Membership, WriteState
from integrations.phones import format_national
from integrations.policy import can
from integrations.roles import Capability
from integrations.tallies import Tally, audience_of

_LATEST = 8


def describe_calls(membership: Membership) -> HomeSection:
    """The part about the calls that this member may see; nothing for those who may see none."""
    if not can(membership, Capability.VIEW_OWN_CALLS):
        return HomeSection()
    calls = list_visible_calls(membership)
    return HomeSection(
        matters=list(_matters(calls)),
        tallies=_tallies(membership, calls),
        steps=list(_agents_steps(membership)),
        lists=[_latest(membership, calls)],
    )


def _matters(calls: CallQuerySet) -> Iterator[Matter]:
    waiting = capped_count(calls.filter(needs_review=True))
    if waiting:
        yield Matter(
            title=ngettext(
                "%(count)s call waits for somebody to say whom it was with",
                "%(count)s calls wait for somebody to say whom they were with",
                waiting,
            )
            % {"count": waiting},
            link=page_link("calls_review"),
            link_text=_("Choose"),
        )


def _tallies(membership: Membership, calls: CallQuerySet) -> list[Tally]:
    outside = calls.filter(is_internal=False)
    audience = audience_of(
        membership,
        team=can(membership, Capability.VIEW_TEAM_CALLS),
        everyone=can(membership, Capability.VIEW_ALL_CALLS),
    )
    answered = outside.filter(answered_at__isnull=False)
    return [
        Tally(
            key="calls",
            label=_("Calls"),
            rows=outside,
            at="started_at",
            audience=audience,
            link=page_link("calls_call_changelist", query="?period=today"),
            order=10,
        ),
        Tally(
            key="answered",
            label=_("Answered"),
            rows=answered,
            at="started_at",
            audience=audience,
            order=11,
        ),
    ]


def _agents_steps(membership: Membership) -> Iterator[Step]:
    """For those who telephone themselves; whoever leads others has the workspace's steps."""
    if can(membership, Capability.VIEW_TEAM_CALLS):
        return
    own = Goal.OWN_FIRST_CALL
    yield Step(
        label=_("Your extension is known"),
        is_done=bool(membership.extension),
        goal=own,
        hint=_("An admin enters it under Members; by it Patchbay knows which calls are yours."),
        order=10,
    )
    yield Step(
        label=_("Your first call is in your history"),
        is_done=CallLeg.objects.filter(membership=membership).exists(),
        goal=own,
        hint=_("Take or place one: it is here a second after the first ring."),
        link=page_link("calls_call_changelist"),
        link_text=_("Look"),
        order=20,
    )
    yield Step(
        label=_("Your first call is recorded in Salesforce"),
        is_done=CrmWrite.objects.filter(
            owner=membership, subject_kind=SUBJECT_KIND, state=WriteState.DONE
        ).exists(),
        goal=own,
        hint=_("That happens by itself, seconds after a call has ended."),
        link=page_link("integrations_crmwrite_changelist"),
        link_text=_("Look"),
        order=30,
    )


def _latest(membership: Membership, calls: CallQuerySet) -> RecentList:
    return RecentList(
        key="calls",
        title=_("Latest calls"),
        headings=(_("With"), _("Started"), _("Direction"), _("Outcome")),
        read=partial(_read_latest, membership, calls),
        empty=_("No calls yet. They appear here as soon as the phone system reports them."),
        link=page_link("calls_call_changelist"),
    )


def _read_latest(membership: Membership, calls: CallQuerySet, place: str) -> RecentRows:
    until = read_place(place)
    shown = calls.filter(started_at__lte=until) if until else calls
    rows = list(with_agents(shown)[:_LATEST])
    newer = capped_count(calls.filter(started_at__gt=until)) if until else 0
    return RecentRows(
        rows=[_row(membership, call) for call in rows],
        place=place if until else (rows[0].started_at.isoformat() if rows else ""),
        news=ngettext("%(count)s new call", "%(count)s new calls", newer) % {"count": newer}
        if newer
        else "",
    )


def _row(membership: Membership, call: Call) -> RecentRow:
    return RecentRow(
        key=str(call.pk),
        cells=(
            _with_whom(call, membership.workspace.default_region),
            Cell(cells.moment(call.started_at)),
            Cell(call.get_direction_display()),
            Cell(call_cells.outcome_chip(call)),
        ),
        link=page_link("calls_call_change", call.pk),
    )


def _with_whom(call: Call, region: str) -> Cell:
    party = call_cells.other_party(call, region)
    if call.is_internal or not call.external_e164:
        return Cell(party)
    number = format_national(call.external_e164, region)
    return Cell(party if party == number else f"{party} · {number}", hint=call.external_e164)
