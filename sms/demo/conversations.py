"""The texts that Acme exchanged before anybody looks: weeks by lot, the last day by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from integrations.demo.acquaintances import Acquaintance

MARKETER, SMS_ADMIN = "marketer@acme.test", "smsadmin@acme.test"
#: How many conversations a day of the week has, Monday first, give or take one.
_CONVERSATIONS_OF_DAY = (3, 3, 3, 3, 2, 0, 0)
#: When they begin, hours of the day in the office.
_OPEN = (9.0, 16.5)

#: What a text comes to: the words of its reports, in the simulator's language.
DELIVERED, UNDELIVERED, EXPIRED = (
    ("sent", "delivered"),
    ("sent", "undelivered"),
    ("sent", "expired"),
)
#: The gateway's answer is lost, and no report ever comes.
LOST = ()


@dataclass(frozen=True)
class Turn:
    """One text, so many seconds after the conversation began.

    ``words`` are what a handset writes, or a member where ``is_ours``: the name of one of the
    demo's templates, or words with ``{{FirstName}}`` in them. ``fate`` is what ours come to.
    """

    after: float
    words: str
    is_ours: bool = False
    fate: tuple[str, ...] = DELIVERED


@dataclass(frozen=True)
class Conversation:
    """Texts with one person (``starts`` is aware); ``by`` is the sign-in of who writes ours."""

    starts: datetime
    who: Acquaintance
    by: str
    turns: tuple[Turn, ...]


_Turns = tuple[Turn, ...]


def _ours(after: float, words: str, fate: tuple[str, ...] = DELIVERED) -> Turn:
    return Turn(after, words, is_ours=True, fate=fate)


_READY = (
    _ours(0, "Order ready"),
    Turn(240, "Great, thanks! Until when are you open today?"),
    _ours(420, "Until 6 pm, {{FirstName|there}}. See you then!"),
)
_READY_AND_SILENT = (_ours(0, "Order ready"),)
_UNREACHED = (_ours(0, "Order ready", UNDELIVERED),)
_SWITCHED_OFF = (_ours(0, "Order ready", EXPIRED),)
_MISSED_CALL = (
    _ours(0, "Missed your call"),
    Turn(610, "Tomorrow after 10 is fine."),
    _ours(700, "Perfect, I will ring you at 10:15."),
)
_REPAIR = (
    Turn(0, "Hi, is my repair done yet?"),
    _ours(180, "It is being tested right now. I will write as soon as you can pick it up."),
    Turn(330, "Perfect, thank you!"),
)
_RUNNING_LATE = (
    Turn(0, "We are stuck in traffic, can we make it 4 instead of 3:30?"),
    _ours(95, "Of course, {{FirstName|there}}, 4 pm works. Drive safely!"),
)
_FIRST_CONTACT = (
    _ours(0, "First contact"),
    Turn(1500, "Thursday afternoon suits us. What would two days of training cost?"),
    _ours(
        1980,
        "Thank you, {{FirstName|there}}! We will call on Thursday at 3 pm, and the offer for both "
        "days comes to you by mail before that, so that you can go through it with your team and "
        "ask whatever is still open.",
    ),
)
_FIRST_CONTACT_AND_SILENT = (_ours(0, "First contact"),)
_STOPS = (_ours(0, "Order ready"), Turn(270, "STOP"))
_STOPS_PERHAPS = (
    _ours(0, "Missed your call"),
    Turn(380, "Please stop ringing me at work, write me a mail instead."),
)
_UNCONFIRMED = (_ours(0, "First contact", LOST),)
_UNREAD = (Turn(0, "One more question: do you train on Saturdays, too?"),)

#: What is drawn for contacts and for leads, and how often of a hundred.
_OF_CONTACTS: tuple[tuple[int, _Turns], ...] = (
    (30, _READY),
    (16, _READY_AND_SILENT),
    (18, _MISSED_CALL),
    (16, _REPAIR),
    (12, _RUNNING_LATE),
    (5, _UNREACHED),
    (3, _SWITCHED_OFF),
)
_OF_LEADS: tuple[tuple[int, _Turns], ...] = ((70, _FIRST_CONTACT), (30, _FIRST_CONTACT_AND_SILENT))


def draw_weeks(
    begins: datetime,
    ends: datetime,
    zone: ZoneInfo,
    people: Sequence[Acquaintance],
    *,
    dice_seed: int,
) -> Iterator[Conversation]:
    """What was written from ``begins`` to ``ends``, oldest first; the same for the same seed."""
    day = begins.astimezone(zone).date()
    while day <= ends.astimezone(zone).date():
        # Each day has dice of its own: a longer past is the same past and more.
        dice = Random(f"texts {dice_seed} {day}")  # noqa: S311 - repeatable, not secret
        for one in _draw_day(dice, people, day, zone):
            if begins <= one.starts and one.starts + timedelta(seconds=one.turns[-1].after) < ends:
                yield one
        day += timedelta(days=1)


def _draw_day(
    dice: Random, people: Sequence[Acquaintance], day: date, zone: ZoneInfo
) -> Iterator[Conversation]:
    usual = _CONVERSATIONS_OF_DAY[day.weekday()]
    count = usual and dice.randint(usual - 1, usual + 1)
    midnight = datetime.combine(day, time(), zone)
    hours = sorted(dice.uniform(*_OPEN) for _ in range(count))
    for hour, who in zip(hours, dice.sample(list(people), count), strict=True):
        choices = _OF_LEADS if who.sobject == "Lead" else _OF_CONTACTS
        (turns,) = dice.choices(
            [turns for _, turns in choices], weights=[share for share, _ in choices]
        )
        by = dice.choice((MARKETER, MARKETER, SMS_ADMIN))
        yield Conversation(midnight + timedelta(hours=hour), who, by, turns)


def recall_last_day(now: datetime, people: Sequence[Acquaintance]) -> list[Conversation]:
    """A day with everything in it that is worth a look, oldest first."""
    contacts = [one for one in people if one.sobject == "Contact"]
    leads = [one for one in people if one.sobject == "Lead"]
    return [
        Conversation(now - timedelta(minutes=ago), (leads if is_lead else contacts)[at], by, turns)
        for ago, is_lead, at, by, turns in _LAST_DAY
    ]


#: Minutes ago, whether a lead's, which of them, who wrote, and what. Two and a half hours ago the
#: next record is refused (``integrations.demo.office_life``): that is a call's. No more than shows
#: each case once: whoever starts the demo waits for this day.
_LAST_DAY: tuple[tuple[int, bool, int, str, _Turns], ...] = (
    (1430, False, 0, SMS_ADMIN, _UNREACHED),
    (330, True, 0, MARKETER, _FIRST_CONTACT),
    (275, False, 1, MARKETER, _STOPS),
    (215, False, 2, SMS_ADMIN, _STOPS_PERHAPS),
    (115, True, 1, MARKETER, _UNCONFIRMED),
    (50, False, 3, MARKETER, _RUNNING_LATE),
    (14, True, 0, MARKETER, _UNREAD),
)
