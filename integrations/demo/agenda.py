"""What is to happen in an invented past, each act at its moment on a clock of its own."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

from integrations.demo.clock import SetClock

Act = Callable[[], object]


class Agenda:
    """Acts in the order of their moments; an act may plan others.

    What is planned stays between ``begins`` and ``ends`` but for what follows from it.
    """

    def __init__(self, clock: SetClock, *, begins: datetime, ends: datetime) -> None:
        self.clock = clock
        self.begins = begins
        self.ends = ends
        self._entries: list[tuple[datetime, int, Act]] = []
        self._numbers = itertools.count()

    def plan(self, moment: datetime, act: Act) -> None:
        """Have ``act`` happen at ``moment``, after what was planned for the same moment before."""
        heapq.heappush(self._entries, (moment, next(self._numbers), act))

    def play(self) -> None:
        """Carry everything out."""
        while self._entries:
            moment, _, act = heapq.heappop(self._entries)
            self.clock.move_to(moment)
            act()
