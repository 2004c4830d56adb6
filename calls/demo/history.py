"""The calls that Acme's office had before anybody looks: weeks by lot, the last day by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from calls.simulators.config import Extension, PhoneSystemConfig
from calls.simulators.scripts import Caller, CallScript, ScriptWriter, Step, talk
from integrations.simulators.salesforce import seed

#: How many calls a day of the week has, Monday first, give or take a third.
_CALLS_OF_DAY = (14, 12, 11, 12, 9, 2, 1)
#: When people call, by the hour of the day in the office: little before nine and around noon.
_CALLS_OF_HOUR = {8: 3, 9: 9, 10: 12, 11: 10, 12: 5, 13: 7, 14: 10, 15: 9, 16: 7, 17: 3}
_TALK_SECONDS = 150.0
#: After a call nobody takes the next one at once.
_BREATH = timedelta(seconds=20)
#: Numbers that match nobody, and people who hide theirs.
_STRANGERS = (
    Caller("+14155550173", "Wren Foley"),
    Caller("+12065550190"),
    Caller("+442079460900"),
    Caller("+14155550181", withheld=True),
)
#: Numbers that several records have.
_AMBIGUOUS = (Caller(seed.TWO_CONTACTS_NUMBER), Caller(seed.CONTACT_ACCOUNT_LEAD_NUMBER))


@dataclass(frozen=True)
class PastCall:
    """One call and when it was placed (aware)."""

    starts: datetime
    script: CallScript

    @property
    def over(self) -> datetime:
        """When the last of it has happened."""
        return self.starts + timedelta(seconds=self.script.seconds)


def draw_weeks(
    begins: datetime, ends: datetime, zone: ZoneInfo, callers: Sequence[Caller], *, dice_seed: int
) -> Iterator[PastCall]:
    """Calls of every day from ``begins`` to ``ends``, oldest first; the same for the same seed."""
    everybody = (*callers, *_STRANGERS, *_AMBIGUOUS)
    config = PhoneSystemConfig()
    day = begins.astimezone(zone).date()
    while day <= ends.astimezone(zone).date():
        # Each day has dice of its own: a longer past is the same past and more.
        dice = Random(f"{dice_seed} {day}")  # noqa: S311 - repeatable, not secret
        writer = ScriptWriter(dice, config, everybody, talk_seconds=_TALK_SECONDS)
        for call in _draw_day(dice, writer, config.extensions, day, zone):
            if begins <= call.starts and call.over < ends:
                yield call
        day += timedelta(days=1)


def _draw_day(
    dice: Random,
    writer: ScriptWriter,
    extensions: Sequence[Extension],
    day: date,
    zone: ZoneInfo,
) -> Iterator[PastCall]:
    usual = _CALLS_OF_DAY[day.weekday()]
    free_from = dict.fromkeys(extensions, datetime.combine(day, time(), zone))
    for starts in sorted(_draw_moments(dice, usual, day, zone)):
        script = writer.draw([one for one, moment in free_from.items() if moment <= starts])
        if script is None:
            continue
        call = PastCall(starts, script)
        free_from |= {one: call.over + _BREATH for one in extensions if _takes_part(one, script)}
        yield call


def _draw_moments(dice: Random, usual: int, day: date, zone: ZoneInfo) -> list[datetime]:
    count = max(1, round(dice.uniform(usual * 2 / 3, usual * 4 / 3)))
    hours = dice.choices(list(_CALLS_OF_HOUR), weights=list(_CALLS_OF_HOUR.values()), k=count)
    midnight = datetime.combine(day, time(), zone)
    return [midnight + timedelta(hours=hour, seconds=dice.uniform(0, 3600)) for hour in hours]


def _takes_part(extension: Extension, script: CallScript) -> bool:
    mentioned = {script.caller, script.to}.union(
        *(step.arguments.values() for step in script.steps)
    )
    return extension.number in mentioned


def _step(after: float, do: str, **arguments: str) -> Step:
    return Step(after, do, arguments)


def recall_last_day(now: datetime) -> list[PastCall]:
    """A day with everything in it that is worth a look, oldest first.

    Nobody calls from ``seed.ONE_CONTACT_NUMBER``: the smoke test does.
    """
    return [PastCall(now - timedelta(minutes=ago), script) for ago, script in _LAST_DAY]


_LAST_DAY: tuple[tuple[int, CallScript], ...] = (
    (1510, CallScript(seed.ONE_ACCOUNT_NUMBER, "600", talk(9, 310, extension="202"))),
    (1440, CallScript(seed.TWO_CONTACTS_NUMBER, "202", talk(6, 127))),
    (1385, CallScript("201", seed.ONE_LEAD_NUMBER, talk(14, 402))),
    (290, CallScript(seed.CONTACT_ACCOUNT_LEAD_NUMBER, "600", talk(5, 95, extension="201"))),
    (255, CallScript(seed.PERSON_ACCOUNT_NUMBER, "202", talk(8, 233))),
    (
        230,
        CallScript("+14155550173", "600", (_step(24, "hangup"),), caller_name="Unknown caller"),
    ),
    (
        190,
        CallScript(
            seed.ONE_LEAD_NUMBER,
            "201",
            (
                _step(7, "answer"),
                _step(60, "transfer", kind="blind", to="202"),
                _step(66, "answer"),
                _step(248, "hangup"),
            ),
        ),
    ),
    (150, CallScript("202", seed.TWO_CONTACTS_NUMBER, (_step(30, "hangup"),))),
    (120, CallScript("+14155550181", "201", talk(4, 51), withheld=True)),
    (95, CallScript("201", "203", talk(3, 74))),
    (
        60,
        CallScript(
            seed.ONE_ACCOUNT_NUMBER,
            "600",
            (
                _step(5, "answer", extension="201"),
                _step(40, "consult", to="203"),
                _step(46, "answer", extension="203"),
                _step(70, "transfer", kind="attended"),
                _step(355, "hangup"),
            ),
        ),
    ),
    (25, CallScript(seed.CONVERTED_LEAD_NUMBER, "201", talk(5, 184))),
)
