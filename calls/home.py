"""What calls show on Home: today's numbers, the latest calls, what waits for a decision."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.admin import call_cells
from calls.models import Call
from calls.models.calls import CallQuerySet
from calls.selectors import list_visible_calls, with_agents
from integrations.admin import cells
from integrations.clock import start_of_today
from integrations.home import Cell, Figure, HomeSection, Matter, RecentList, RecentRow
from integrations.models import Membership
from integrations.phones import format_national
from integrations.policy import can
from integrations.roles import Capability
from integrations.selectors import capped_count, page_link

_LATEST = 8


def describe_calls(membership: Membership) -> HomeSection:
    """The part about the calls that this member may see; nothing for those who may see none."""
    if not can(membership, Capability.VIEW_OWN_CALLS):
        return HomeSection()
    calls = list_visible_calls(membership)
    return HomeSection(
        matters=list(_matters(calls)),
        figures=_figures(membership, calls),
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
            link=page_link("calls_call_changelist", query="?needs_review__exact=1"),
            link_text=_("Choose"),
        )


def _figures(membership: Membership, calls: CallQuerySet) -> list[Figure]:
    today = calls.filter(started_at__gte=start_of_today(membership), is_internal=False)
    link = page_link("calls_call_changelist")
    return [
        Figure(label=_("Calls"), value=today.count(), link=link),
        Figure(label=_("Answered"), value=today.filter(answered_at__isnull=False).count()),
    ]


def _latest(membership: Membership, calls: CallQuerySet) -> RecentList:
    return RecentList(
        title=_("Latest calls"),
        headings=(_("With"), _("Started"), _("Direction"), _("Outcome")),
        rows=[_row(membership, call) for call in with_agents(calls)[:_LATEST]],
        empty=_("No calls yet. They appear here as soon as the phone system reports them."),
        link=page_link("calls_call_changelist"),
    )


def _row(membership: Membership, call: Call) -> RecentRow:
    return RecentRow(
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
