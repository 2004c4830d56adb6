"""Texts to and from one number as people read them: the thread, and what nobody has read yet."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery
from django.utils import timezone

from integrations.models import Membership
from integrations.tenancy import WorkspaceQuerySet
from sms.messaging import Person
from sms.models import Message, OptOut, OptOutEvent, Sender
from sms.selectors import list_visible_messages, opted_out_since

#: A page of a thread; what is older is found in the list of messages.
THREAD_LENGTH = 100
PAGE = 50
#: Conversations with unread texts that stand above the first page.
UNREAD_AT_MOST = 100


@dataclass(frozen=True, slots=True)
class Conversation:
    """One number in the list: its latest text, whom it is with (empty: not known), and how many
    texts nobody has seen."""

    latest: Message
    name: str
    unread: int


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """One page of the list; ``older_than`` is the message to go on from, None on the last page."""

    unread: list[Conversation]
    others: list[Conversation]
    older_than: int | None


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a number may not be written to: since when, and what its owner did.

    Without an opt-out to look at, the person was erased after opting out.
    """

    opt_out_id: int | None
    since: datetime
    source: str
    words: str


def list_conversations(
    membership: Membership, *, older_than: int | None = None
) -> ConversationPage:
    """Those with unread texts on the first page, then the others, newest first; each number once.

    ``older_than`` is the message to go on from. However many texts a campaign sent meanwhile, an
    unread answer stands at the top.
    """
    latest, every = _latest_by_number(membership), list_visible_messages(membership)
    last = every.filter(pk=older_than).first() if older_than else None
    others = latest.filter(~Exists(_unread().filter(phone_e164=OuterRef("phone_e164"))))
    if last is not None:
        others = others.filter(
            Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk)
        )
    found = list(others.order_by("-created_at", "-pk")[: PAGE + 1])
    return ConversationPage(
        unread=[] if last else _list_unread(latest),
        others=[Conversation(one, one.known_as or "", 0) for one in found[:PAGE]],
        older_than=found[PAGE - 1].pk if len(found) > PAGE else None,
    )


def _latest_by_number(membership: Membership) -> WorkspaceQuerySet[Any]:
    """The last text with each number; ``known_as`` is the last name that one of them had.

    One look into the index of numbers tells whether a text is the last, so the newest of millions
    are found by walking the index of times.
    """
    same = Message.objects.filter(phone_e164=OuterRef("phone_e164"), erased_at=None)
    later = same.filter(
        Q(created_at__gt=OuterRef("created_at"))
        | Q(created_at=OuterRef("created_at"), pk__gt=OuterRef("pk"))
    )
    named = same.exclude(person_name="").order_by("-created_at", "-pk")
    kept = list_visible_messages(membership).filter(~Exists(later), erased_at=None)
    return kept.annotate(known_as=Subquery(named.values("person_name")[:1]))


def _list_unread(latest: WorkspaceQuerySet[Any]) -> list[Conversation]:
    by_number = _unread().order_by().values("phone_e164").annotate(count=Count("pk"))
    newest = by_number.annotate(last=Max("created_at")).order_by("-last")[:UNREAD_AT_MOST]
    counts = {row["phone_e164"]: row["count"] for row in newest}
    rows = latest.filter(phone_e164__in=counts).order_by("-created_at", "-pk")
    return [Conversation(one, one.known_as or "", counts[one.phone_e164]) for one in rows]


def _unread() -> WorkspaceQuerySet[Message]:
    return Message.objects.filter(direction=Message.Direction.INBOUND, read_at=None, erased_at=None)


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
