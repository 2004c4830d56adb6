"""What changed for whom: each member's panels read numbered events (RULES F9).

An event only names a call. What the call is now is read when it is told, so that a tab which reads
late, twice, or not at all in between shows the same as the others.
"""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import F

from calls.models import CallLeg, PanelEvent, PanelFeed
from integrations.queueing import tell

#: Where the live processes hear whose panels have news: ids of memberships, by comma.
CHANNEL = "patchbay:panels"


def announce_call(call_id: int, membership_ids: Collection[int]) -> None:
    """Tell the panels of these members that a call changed, in the transaction of the change.

    Call it last: it takes a row of each member. Members who never had a panel cost nothing.
    """
    announce_calls({call_id: membership_ids})


def announce_to_all(call_ids: Collection[int]) -> None:
    """Tell the panels of everybody who is or was on these calls. Call it last, too."""
    announce_calls(_members_of(call_ids))


def announce_calls(members_by_call: Mapping[int, Collection[int]]) -> None:
    """The same for several calls; every caller takes the rows in one order, so none waits in a
    circle."""
    wanted = {member for members in members_by_call.values() for member in members}
    if not wanted:
        return
    feeds = list(PanelFeed.objects.filter(membership_id__in=wanted).order_by("membership_id"))
    if not feeds:
        return
    with transaction.atomic():
        for feed in feeds:
            concerned = [
                call_id
                for call_id, members in members_by_call.items()
                if feed.membership_id in members
            ]
            _append(feed, concerned)
        tell(CHANNEL, ",".join(str(feed.membership_id) for feed in feeds))


def _append(feed: PanelFeed, call_ids: Collection[int]) -> None:
    raised = PanelFeed.objects.filter(pk=feed.pk)
    raised.update(sequence=F("sequence") + len(call_ids))
    last: int = raised.values_list("sequence", flat=True).get()
    first = last - len(call_ids) + 1
    PanelEvent.objects.bulk_create(
        PanelEvent(
            workspace_id=feed.workspace_id,
            membership_id=feed.membership_id,
            sequence=sequence,
            call_id=call_id,
        )
        for sequence, call_id in enumerate(call_ids, start=first)
    )


def _members_of(call_ids: Collection[int]) -> dict[int, set[int]]:
    members: dict[int, set[int]] = {call_id: set() for call_id in call_ids}
    legs = CallLeg.objects.filter(call_id__in=call_ids, membership__isnull=False)
    for call_id, membership_id in legs.values_list("call_id", "membership_id"):
        members[call_id].add(membership_id or 0)
    return members


def last_sequence(membership_id: int) -> int:
    """Where a member's panels stand; 0 before their first event."""
    feed = PanelFeed.objects.filter(membership_id=membership_id)
    return feed.values_list("sequence", flat=True).first() or 0


def changed_calls(membership_id: int, after: int, upto: int) -> set[int] | None:
    """The calls that changed after one number and up to another; None where events between them
    are gone or never were, so that only the whole state will do."""
    if after > upto:
        return None
    if after == upto:
        return set()
    events = PanelEvent.objects.filter(
        membership_id=membership_id, sequence__gt=after, sequence__lte=upto
    )
    call_ids = list(events.values_list("call_id", flat=True))
    return set(call_ids) if len(call_ids) == upto - after else None
