"""What texts show on Home: numbers, the latest, what needs a person, and the first steps."""

from collections.abc import Iterator
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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
from integrations.models import Connection, Membership
from integrations.policy import can
from integrations.roles import Capability
from integrations.tallies import Tally
from integrations.tenancy import WorkspaceQuerySet
from sms.admin import message_cells
from sms.gateways import find_gateway
from sms.models import DeliveryReport, Message, OptOutKeyword, OptOutSuggestion, Sender
from sms.selectors import list_visible_messages
from sms.statuses import MessageStatus

_LATEST = 8


def describe_messages(membership: Membership) -> HomeSection:
    """The part about texts; nothing for those who may see none, or where nobody has begun."""
    if not can(membership, Capability.VIEW_MESSAGES):
        return HomeSection()
    messages, gateway = list_visible_messages(membership), find_gateway()
    steps = list(_steps(membership, messages, gateway))
    if gateway is None:
        return HomeSection(steps=steps)
    return HomeSection(
        matters=list(_matters(membership, messages)),
        tallies=_tallies(messages),
        steps=steps,
        lists=list(_latest(membership, messages)),
    )


def _matters(membership: Membership, messages: WorkspaceQuerySet[Message]) -> Iterator[Matter]:
    if can(membership, Capability.SEND_MESSAGES):
        yield from _unconfirmed(messages)
        yield from _suggestions(membership)
    if can(membership, Capability.MANAGE_SMS):
        yield from _missing_words()


def _unconfirmed(messages: WorkspaceQuerySet[Message]) -> Iterator[Matter]:
    if count := capped_count(messages.filter(state=MessageStatus.UNCONFIRMED, erased_at=None)):
        yield Matter(
            title=ngettext(
                "Of %(count)s message nobody knows whether it was sent",
                "Of %(count)s messages nobody knows whether they were sent",
                count,
            )
            % {"count": count},
            detail=_("Patchbay does not send them again by itself. A report may still settle it."),
            link=page_link("sms_message_changelist", query="?status=unconfirmed"),
            link_text=_("Decide"),
        )


def _suggestions(membership: Membership) -> Iterator[Matter]:
    count = capped_count(OptOutSuggestion.objects.filter(decision=""))
    if not count:
        return
    may_decide = can(membership, Capability.MANAGE_SMS)
    waits = _("Marketing to these numbers waits until it is decided.")
    ask = _("An SMS admin of this workspace can decide.")
    yield Matter(
        title=ngettext("%(count)s answer may mean stop", "%(count)s answers may mean stop", count)
        % {"count": count},
        detail=waits if may_decide else f"{waits} {ask}",
        link=page_link("sms_optoutsuggestion_changelist") if may_decide else "",
        link_text=_("Decide") if may_decide else "",
    )


def _missing_words() -> Iterator[Matter]:
    if not OptOutKeyword.objects.exists():
        yield Matter(
            title=_("Whoever answers STOP goes on getting texts"),
            detail=_("There is no opt-out keyword, so no answer opts anybody out."),
            link=page_link("sms_optoutkeyword_changelist"),
            link_text=_("Add words"),
        )


def _tallies(messages: WorkspaceQuerySet[Message]) -> list[Tally]:
    sent = messages.filter(direction=Message.Direction.OUTBOUND, accepted_at__isnull=False)
    return [
        Tally(
            key="messages",
            label=_("Messages sent"),
            rows=sent,
            at="created_at",
            audience="everyone",
            link=page_link("sms_message_changelist", query="?period=today"),
            order=20,
        ),
        Tally(
            key="delivered",
            label=_("Delivered"),
            rows=messages.filter(state=MessageStatus.DELIVERED),
            at="created_at",
            audience="everyone",
            link=page_link("sms_message_changelist", query="?period=today&status=delivered"),
            order=21,
        ),
    ]


def _steps(
    membership: Membership, messages: WorkspaceQuerySet[Message], gateway: Connection | None
) -> Iterator[Step]:
    """For those who set texts up, once the workspace has begun to; each ticked by fact."""
    if not can(membership, Capability.MANAGE_SMS):
        return
    # Who looks after telephones as well may not want texts at all.
    if gateway is None and can(membership, Capability.MANAGE_PHONE_SYSTEMS):
        return
    outbound = messages.filter(direction=Message.Direction.OUTBOUND)
    goal = Goal.FIRST_TEXT
    yield Step(
        label=_("An SMS gateway is connected"),
        is_done=gateway is not None and gateway.is_usable,
        goal=goal,
        hint=_("Your account manager there gives you the key; Patchbay checks it and seals it."),
        link=page_link("sms_gateway"),
        order=10,
    )
    yield Step(
        label=_("There is a default sender"),
        is_done=Sender.objects.filter(is_default=True, is_archived=False).exists(),
        goal=goal,
        hint=_("The number or name that a handset shows."),
        link=page_link("sms_sender_changelist"),
        order=20,
    )
    yield Step(
        label=_("People can opt out by answering"),
        is_done=OptOutKeyword.objects.exists(),
        goal=goal,
        hint=_("The usual words are one click away."),
        link=page_link("sms_optoutkeyword_changelist"),
        order=30,
    )
    yield Step(
        label=_("The first message is sent"),
        is_done=outbound.filter(accepted_at__isnull=False).exists(),
        goal=goal,
        hint=_("Send a test from the sender’s page, or write to somebody."),
        link=page_link("sms_compose"),
        order=40,
    )
    yield Step(
        label=_("The gateway has reported on it"),
        is_done=DeliveryReport.objects.filter(message__isnull=False).exists(),
        goal=goal,
        hint=_("Where nothing comes, give the gateway the addresses on its page."),
        link=page_link("sms_gateway"),
        link_text=_("Look"),
        order=50,
    )


def _latest(membership: Membership, messages: WorkspaceQuerySet[Message]) -> Iterator[RecentList]:
    # Without texts the list would only take the room of those who telephone.
    if can(membership, Capability.VIEW_OWN_CALLS) and not messages.exists():
        return
    yield RecentList(
        key="messages",
        title=_("Latest messages"),
        headings=(_("With"), _("Time"), _("Direction"), _("Status")),
        read=partial(_read_latest, membership, messages),
        empty=_("No messages yet. They appear here as soon as one is sent or comes."),
        link=page_link("sms_message_changelist"),
    )


def _read_latest(
    membership: Membership, messages: WorkspaceQuerySet[Message], place: str
) -> RecentRows:
    until = read_place(place)
    shown = messages.filter(created_at__lte=until) if until else messages
    rows = list(shown[:_LATEST])
    newer = capped_count(messages.filter(created_at__gt=until)) if until else 0
    return RecentRows(
        rows=[_row(membership, message) for message in rows],
        place=place if until else (rows[0].created_at.isoformat() if rows else ""),
        news=ngettext("%(count)s new message", "%(count)s new messages", newer) % {"count": newer}
        if newer
        else "",
    )


def _row(membership: Membership, message: Message) -> RecentRow:
    party = message_cells.other_party(message, membership.workspace.default_region)
    return RecentRow(
        key=str(message.pk),
        cells=(
            Cell(party, hint=message.phone_e164),
            Cell(cells.moment(message.created_at)),
            Cell(message.get_direction_display()),
            Cell(message_cells.state_chip(message.state)),
        ),
        link=page_link("sms_message_change", message.pk),
    )
