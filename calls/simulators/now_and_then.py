"""Calls that the phone system places by itself, now and then, so that a demo lives."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.simulators.control import ControlError

from .config import Extension, PhoneSystemConfig
from .legs import PhoneCall
from .scripts import Caller, CallScript, ScriptWriter
from .switchboard import Switchboard, SwitchboardError

Act = Callable[[PhoneCall, str, Mapping[str, Any]], None]

TALK_SECONDS = 35.0
"""People who look at a demo do not want to wait for the end of a call."""


@dataclass
class NowAndThen:
    """One call at a time, with a pause before each; nobody who is in a call gets another.

    `act` carries out one step of a call. A person may take part in these calls as in any other:
    a step that is no longer possible is left out.
    """

    config: PhoneSystemConfig
    switchboard: Callable[[], Switchboard]
    act: Act
    clock: Callable[[], datetime]
    callers: Sequence[Caller] = ()
    _loop: asyncio.Task[None] | None = field(default=None, repr=False)
    _calls: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    @property
    def is_on(self) -> bool:
        """Whether calls come by themselves."""
        return self._loop is not None

    def switch(self, *, on: bool) -> None:
        """Begin or stop; on the event loop. A call that was placed already goes on when stopped."""
        if on and not self.callers:
            raise ControlError("nobody would call: name callers first")
        if on and self._loop is None:
            self._loop = asyncio.get_running_loop().create_task(self._run())
        elif not on and self._loop is not None:
            self._loop.cancel()
            self._loop = None

    async def _run(self) -> None:
        dice = random.Random(self.config.seed)  # noqa: S311 - repeatable, not secret
        writer = ScriptWriter(dice, self.config, self.callers, talk_seconds=TALK_SECONDS)
        while True:
            await self._pass(dice.uniform(*self.config.pauses))
            script = writer.draw(self._free())
            if script is not None:
                call = asyncio.get_running_loop().create_task(self._play(script))
                self._calls.add(call)  # the loop itself keeps only a weak reference
                call.add_done_callback(self._calls.discard)
                # Shielded: whoever switches this off does not cut a call in two.
                await asyncio.shield(call)

    async def _play(self, script: CallScript) -> None:
        call = self.switchboard().place_call(
            caller=script.caller,
            to=script.to,
            at=self.clock(),
            caller_name=script.caller_name,
            withheld=script.withheld,
        )
        passed = 0.0
        for step in script.steps:
            await self._pass(step.after - passed)
            passed = step.after
            try:
                self.act(call, step.do, step.arguments)
            except SwitchboardError:
                continue  # somebody was faster on the page

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds * self.config.tempo)

    def _free(self) -> list[Extension]:
        busy = {
            leg.extension
            for call in self.switchboard().calls.values()
            for leg in call.in_state("ringing", "answered", "held")
        }
        return [one for one in self.config.extensions if one.number not in busy]


def parse_callers(given: object) -> list[Caller]:
    """From JSON: objects with `number` and, if the network shows one, `name`."""
    if not isinstance(given, list):
        raise ControlError("callers must be a list")
    try:
        return [
            Caller(str(one["number"]), one.get("name"), bool(one.get("withheld"))) for one in given
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ControlError("each caller needs a number") from error
