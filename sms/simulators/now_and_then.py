"""Texts that handsets write by themselves, now and then, so that a demo lives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from integrations.simulators.control import ControlError

from .config import SmsConfig
from .texts import Text, with_plus

#: What people write first.
OPENINGS = (
    "Hi, is my order ready yet?",
    "Good morning, are you open on Saturday?",
    "We are running 15 minutes late, sorry.",
    "Could somebody ring me back today? After 3 would be best.",
    "Did you get the papers that I sent on Monday?",
    "Can we move our meeting to next week?",
    "How long does a repair take at the moment?",
    "Thank you for the quick help yesterday!",
)
#: What they answer: if one of these words stands in what they got, one of these answers.
_ANSWERS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("ready",), ("Great, I will come by this afternoon.", "Thanks! Until when are you open?")),
    (("call", "ring"), ("Tomorrow after 10 is fine.", "Any time before noon, thank you.")),
    (("friday", "open house"), ("Sounds good, see you there.", "I cannot make it, sorry.")),
    (("?",), ("Yes, please.", "Let me check and get back to you.", "Thursday suits me best.")),
)
_OTHER_ANSWERS = ("Thank you!", "Perfect, thanks.", "All right, see you then.")
#: The other texts stay without an answer, as in life.
_SHARE_OF_ANSWERS = 0.75


@dataclass
class NowAndThen:
    """One opening at a time, with a pause before each, and answers to what the console sends.

    Only the ``handsets`` do (E.164), by Mitto, to ``our_number``; nobody of them ever says stop.
    ``write`` is the action `reply` of the carrier.
    """

    config: SmsConfig
    write: Callable[[Mapping[str, str]], object]
    handsets: Sequence[str] = ()
    our_number: str = ""
    _dice: random.Random = field(init=False, repr=False)
    _loop: asyncio.Task[None] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.config.seed)  # noqa: S311 - repeatable, not secret

    @property
    def is_on(self) -> bool:
        """Whether texts come by themselves."""
        return self._loop is not None

    def switch(self, *, on: bool) -> None:
        """Begin or stop; on the event loop."""
        if on and not self.handsets:
            raise ControlError("nobody would write: name handsets first")
        if on and self._loop is None:
            self._loop = asyncio.get_running_loop().create_task(self._run())
        elif not on and self._loop is not None:
            self._loop.cancel()
            self._loop = None

    async def answer(self, text: Text) -> None:
        """Perhaps answer a text that was sent, after a while; by then nobody may want it."""
        is_theirs = self.is_on and text.handset in self.handsets
        if not is_theirs or "unsubscribed" in text.text or self._dice.random() > _SHARE_OF_ANSWERS:
            return
        words = self._dice.choice(find_answers(text.text))
        await asyncio.sleep(self._dice.uniform(*self.config.answer_pauses))
        if self.is_on:
            self.write(
                {
                    "from": text.handset,
                    "to": text.our_number,
                    "text": words,
                    "gateway": text.gateway,
                }
            )

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._dice.uniform(*self.config.pauses))
            self.write(
                {
                    "from": self._dice.choice(self.handsets),
                    "to": self.our_number,
                    "text": self._dice.choice(OPENINGS),
                    "gateway": "mitto",
                }
            )


def find_answers(words: str) -> Sequence[str]:
    """What somebody might answer to these words."""
    folded = words.casefold()
    for hints, answers in _ANSWERS:
        if any(hint in folded for hint in hints):
            return answers
    return _OTHER_ANSWERS


def parse_handsets(given: object) -> list[str]:
    """From JSON: a list of numbers."""
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise ControlError("handsets must be a list of numbers")
    return [with_plus(one) for one in given]
