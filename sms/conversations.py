"""Texts to and from one number as people read them: the thread, and what nobody has read yet."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from integrations.models import Membership
from sms.messaging import Person
from sms.models import Message, OptOut, OptOutEvent, Sender
from sms.selectors import list_visible_messages, opted_out_since

#: A page of a thread; what is older is found in the list of messages.
THREAD_LENGTH = 100
#: The list looks back so far and no further: it opens as fast with millions behind it.
LOOKED_THROUGH = 500


@dataclass(frozen=True, slots=True)
class Conversation:
    """One number in the list: its latest text, whom it is with (empty: not known), and how many
    texts nobody has seen."""

    latest: Message
    name: str
    unread: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a number may not be written to: since when, and what its owner did.

    Without an opt-out to look at, the person was erased after opting out.
    """

    opt_out_id: int | None
    since: datetime
    source: str
    words: str


def list_conversations(membership: Membership) -> list[Conversation]:
    """The numbers of the latest texts, those with unread ones first; each once."""
    latest: dict[str, Message] = {}
    names: dict[str, str] = {}
    unread: Counter[str] = Counter()
    kept = list_visible_messages(membership).filter(erased_at=None)
    for message in kept[:LOOKED_THROUGH]:
        phone = message.phone_e164
        latest.setdefault(phone, message)
        if message.person_name:
            names.setdefault(phone, message.person_name)
        unread[phone] += is_unread(message)
    found = [
        Conversation(one, names.get(phone, ""), unread[phone]) for phone, one in latest.items()
    ]
    return sorted(found, key=lambda one: one.unread == 0)  # stays newest first within both


def is_unread(message: Message) -> bool:
    """Whether it came from a handset and nobody has seen it."""
    return message.direction == Message.Direction.INBOUND and message.read_at is None


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
        since = opted_out_since([phone]).get(phone)
        return Closed(None, since, "", "") if since else None
    event = (
        OptOutEvent.objects.filter(phone_e164=phone, kind=OptOutEvent.Kind.OPTED_OUT)
        .order_by("-occurred_at", "-id")
        .first()
    )
    if event is None:
        return Closed(standing.pk, standing.since, "", "")
    words = event.evidence.get("text") or ""
    return Closed(standing.pk, standing.since, event.get_source_display(), str(words))
