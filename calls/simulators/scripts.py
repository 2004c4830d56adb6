"""Drawing believable calls by lot: who rings whom, and what people then do with their phones. Pure.

The same dice draw the same calls. Used for calls that the phone system places by itself and for
those of an invented past.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from .config import Extension, PhoneSystemConfig


@dataclass(frozen=True)
class Caller:
    """Somebody outside: a number in E.164, and the name that the network shows, if it does."""

    number: str
    name: str | None = None
    withheld: bool = False


@dataclass(frozen=True)
class Step:
    """What somebody does, seconds after the call was placed: an act of `PhoneSystem`."""

    after: float
    do: str
    arguments: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """As the action `play` takes it."""
        return {"after": self.after, "do": self.do, **self.arguments}


@dataclass(frozen=True)
class CallScript:
    """One call from the first ring to the end."""

    caller: str
    to: str
    steps: tuple[Step, ...]
    caller_name: str | None = None
    withheld: bool = False

    @property
    def seconds(self) -> float:
        """How long it keeps people busy."""
        return self.steps[-1].after

    def to_arguments(self) -> dict[str, Any]:
        """The arguments of `place-call`."""
        return {
            "from": self.caller,
            "to": self.to,
            "caller_name": self.caller_name,
            "withheld": self.withheld,
        }


def talk(answered: float, ended: float, **by: str) -> tuple[Step, ...]:
    """Somebody answers, they talk, the other side hangs up."""
    return Step(answered, "answer", by), Step(ended, "hangup", {})


class ScriptWriter:
    """Draws calls for one office. `talk_seconds` is the usual length of a talk."""

    def __init__(
        self,
        dice: Random,
        config: PhoneSystemConfig,
        callers: Sequence[Caller],
        *,
        talk_seconds: float,
    ) -> None:
        self._dice = dice
        self._config = config
        self._callers = callers
        self._talk_seconds = talk_seconds
        #: How many of a hundred calls go which way; the first needs one free user, the last two.
        self._ways: tuple[tuple[int, int, Callable[[Sequence[Extension]], CallScript]], ...] = (
            (46, 1, self._answered),
            (20, 1, self._dialled),
            (6, 1, self._dialled_in_vain),
            (10, 1, self._missed),
            (6, 2, self._internal),
            (6, 2, self._transferred_blind),
            (6, 2, self._transferred_after_asking),
        )

    def draw(self, free: Sequence[Extension]) -> CallScript | None:
        """A call that only users take part in who are `free`; None while nobody is."""
        possible = [way for way in self._ways if way[1] <= len(free)]
        if not possible or not self._callers:
            return None
        (chosen,) = self._dice.choices(possible, weights=[share for share, _, _ in possible])
        shuffled = self._dice.sample(list(free), len(free))
        return chosen[2](shuffled)

    def _answered(self, free: Sequence[Extension]) -> CallScript:
        answered = self._seconds(3, 14)
        ended = answered + self._talk()
        steps = [Step(answered, "answer", {"extension": free[0].number})]
        if self._dice.random() < 0.25:
            held = answered + (ended - answered) * self._dice.uniform(0.2, 0.5)
            resumed = held + min(self._seconds(6, 50), (ended - held) / 2)
            steps += [Step(round(held, 1), "hold", {}), Step(round(resumed, 1), "resume", {})]
        return self._rings_in(free[0], (*steps, Step(ended, "hangup", {})))

    def _missed(self, free: Sequence[Extension]) -> CallScript:
        return self._rings_in(free[0], (Step(self._seconds(12, 34), "hangup", {}),))

    def _dialled(self, free: Sequence[Extension]) -> CallScript:
        answered = self._seconds(6, 20)
        steps = talk(answered, answered + self._talk())
        return CallScript(free[0].number, self._known_number(), steps)

    def _dialled_in_vain(self, free: Sequence[Extension]) -> CallScript:
        steps = (Step(self._seconds(18, 40), "hangup", {}),)
        return CallScript(free[0].number, self._known_number(), steps)

    def _internal(self, free: Sequence[Extension]) -> CallScript:
        answered = self._seconds(2, 9)
        steps = talk(answered, answered + self._talk() / 2)
        return CallScript(free[0].number, free[1].number, steps)

    def _transferred_blind(self, free: Sequence[Extension]) -> CallScript:
        first, second = free[:2]
        answered = self._seconds(3, 12)
        handed_over = answered + self._seconds(15, 45)
        taken = handed_over + self._seconds(3, 10)
        steps = (
            Step(answered, "answer", {"extension": first.number}),
            Step(handed_over, "transfer", {"kind": "blind", "to": second.number}),
            Step(taken, "answer", {"extension": second.number}),
            Step(taken + self._talk(), "hangup", {}),
        )
        return self._rings_in(first, steps)

    def _transferred_after_asking(self, free: Sequence[Extension]) -> CallScript:
        first, second = free[:2]
        answered = self._seconds(3, 12)
        asked = answered + self._seconds(15, 45)
        taken = asked + self._seconds(3, 9)
        handed_over = taken + self._seconds(8, 25)
        steps = (
            Step(answered, "answer", {"extension": first.number}),
            Step(asked, "consult", {"to": second.number}),
            Step(taken, "answer", {"extension": second.number}),
            Step(handed_over, "transfer", {"kind": "attended"}),
            Step(handed_over + self._talk(), "hangup", {}),
        )
        return self._rings_in(first, steps)

    def _rings_in(self, rung: Extension, steps: tuple[Step, ...]) -> CallScript:
        caller = self._dice.choice(self._callers)
        groups = [one.number for one in self._config.ring_groups if rung.number in one.members]
        to = self._dice.choice(groups) if groups and self._dice.random() < 0.6 else rung.number
        return CallScript(caller.number, to, steps, caller.name, caller.withheld)

    def _known_number(self) -> str:
        return self._dice.choice([one for one in self._callers if not one.withheld]).number

    def _seconds(self, least: float, most: float) -> float:
        return round(self._dice.uniform(least, most), 1)

    def _talk(self) -> float:
        """Most talks are short, and some are very long."""
        seconds = self._dice.lognormvariate(0, 0.7) * self._talk_seconds
        return round(min(max(seconds, self._talk_seconds / 8), self._talk_seconds * 6), 1)
