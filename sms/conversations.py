"""Texts to and from one number as people read them: the thread, and what nobody has read yet."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max
from django.utils import timezone

from integrations.models import Membership
from sms.messaging import Person
from sms.models import Message, OptOut, OptOutEvent, Sender
from sms.selectors import list_visible_messages

#: A page of a thread; what is older is found in the list of messages.
THREAD_LENGTH = 100
#: The list looks back so far, by the index; numbers with unread texts are in it whatever their age.
_LOOKED_THROUGH, _UNREAD_AT_MOST = 500, 50


@dataclass(frozen=True, slots=True)
class Conversation:
    """One number in the list: its latest text, and how many of its texts nobody has seen."""

    latest: Message
    unread: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a number may not be written to: since when, and what its owner did."""

    since: datetime
    source: str
    words: str


def list_conversations(membership: Membership) -> list[Conversation]:
    """Numbers with unread texts first, then those of the latest texts; each once."""
    visible = list_visible_messages(membership)
    waiting = (
        visible.filter(direction=Message.Direction.INBOUND, read_at=None)
        .order_by()
        .values("phone_e164")
        .annotate(unread=Count("pk"), newest=Max("pk"))
        .order_by("-newest")[:_UNREAD_AT_MOST]
    )
    unread = Counter({row["phone_e164"]: row["unread"] for row in waiting})
    latest = {one.phone_e164: one for one in reversed(list(visible[:_LOOKED_THROUGH]))}
    for row in waiting:
        if row["phone_e164"] not in latest:
            latest[row["phone_e164"]] = visible.filter(phone_e164=row["phone_e164"])[0]
    newest_first = sorted(
        latest.values(), key=lambda one: (one.phone_e164 in unread, one.created_at, one.pk),
        reverse=True,
    )  # fmt: skip
    return [Conversation(one, unread[one.phone_e164]) for one in newest_first]


def read_thread(membership: Membership, phone: str, up_to: int | None = None) -> list[Message]:
    """The latest texts with a number, oldest first; ``up_to`` leaves out what came after an id."""
    visible = list_visible_messages(membership).filter(phone_e164=phone)
    if up_to is not None:
        visible = visible.filter(pk__lte=up_to)
    latest = visible.select_related("membership__user")[:THREAD_LENGTH]
    return list(reversed(latest))


def count_after(membership: Membership, phone: str, newest_shown: int) -> int:
    """How many texts came or went since."""
    visible = list_visible_messages(membership)
    return visible.filter(phone_e164=phone, pk__gt=newest_shown).count()


def mark_read(membership: Membership, phone: str, up_to: int) -> int:
    """A member has seen what came from a number, up to an id; returns how many were new."""
    return (
        list_visible_messages(membership)
        .filter(phone_e164=phone, direction=Message.Direction.INBOUND, read_at=None, pk__lte=up_to)
        .update(read_at=timezone.now())
    )


def person_of(thread: Collection[Message]) -> Person:
    """Whom the thread is with: the record of the last text that had one (RULES B8)."""
    for message in reversed(list(thread)):
        if message.person_record_id:
            return Person(message.person_sobject, message.person_record_id, message.person_name)
    return Person()


def sender_of(thread: Collection[Message]) -> int | None:
    """The sender that the person knows from this thread, as long as it is in use."""
    for message in reversed(list(thread)):
        if message.sender_id is not None:
            in_use = Sender.objects.filter(pk=message.sender_id, is_archived=False)
            return message.sender_id if in_use.exists() else None
    return None


def why_closed(phone: str) -> Closed | None:
    """Whether the number opted out, and what is known of it (MIT-60)."""
    standing = OptOut.objects.filter(phone_e164=phone, is_active=True).first()
    if standing is None:
        return None
    event = (
        OptOutEvent.objects.filter(phone_e164=phone, kind=OptOutEvent.Kind.OPTED_OUT)
        .order_by("-occurred_at", "-id")
        .first()
    )
    if event is None:
        return Closed(standing.since, "", "")
    words = event.evidence.get("text") or ""
    return Closed(standing.since, event.get_source_display(), str(words))
