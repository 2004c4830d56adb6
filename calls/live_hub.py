"""Who waits for news of which panel, in a process that streams (RULES F9).

One query every three seconds asks for all open streams at once; a nudge by Redis only makes it
sooner. So a nudge that is lost costs three seconds, and a panel that ended is noticed as soon.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from calls.panel_feed import CHANNEL

log = structlog.get_logger()

POLL_SECONDS = 3.0
_HEALTH_SECONDS = 30

#: By session that is still open, the number of its member's last event; of those that were asked.
ReadSequences = Callable[[Collection[int]], Awaitable[Mapping[int, int]]]


@dataclass(eq=False)
class Watch:
    """One stream: `news` is set when it should look, `sequence` is what it has told."""

    session_id: int
    membership_id: int
    sequence: int = -1
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """The streams of this process. Used in one event loop only."""

    def __init__(
        self, read_sequences: ReadSequences, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        self._read_sequences = read_sequences
        self._poll_seconds = poll_seconds
        self._watches: set[Watch] = set()

    @contextlib.contextmanager
    def watching(self, session_id: int, membership_id: int) -> Iterator[Watch]:
        """Be told of news until the block ends."""
        watch = Watch(session_id, membership_id)
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    def nudge(self, membership_ids: Collection[int]) -> None:
        """Somebody says that these members' panels have news."""
        for watch in self._watches:
            if watch.membership_id in membership_ids:
                watch.news.set()

    async def look(self) -> None:
        """Ask for all streams at once, and wake those that have news or have ended."""
        watches = list(self._watches)
        if not watches:
            return
        sequences = await self._read_sequences({watch.session_id for watch in watches})
        for watch in watches:
            latest = sequences.get(watch.session_id)
            if latest is None or latest > watch.sequence:
                watch.news.set()

    async def keep_looking(self) -> None:
        """Look every three seconds, for ever; a database that is away is asked again."""
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("panel_look_failed")
            await asyncio.sleep(self._poll_seconds)

    async def keep_listening(self, redis_url: str) -> None:
        """Pass on what Redis says, for ever; without it the looking goes on."""
        while True:
            try:
                await self._listen(redis_url)
            except (RedisError, OSError, ValueError) as error:
                log.warning("panel_nudges_away", error=type(error).__name__)
            await asyncio.sleep(self._poll_seconds)

    async def _listen(self, redis_url: str) -> None:
        # Asking whether the other side is there finds a connection that died without a word.
        client = Redis.from_url(redis_url, health_check_interval=_HEALTH_SECONDS)
        async with client, client.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe(CHANNEL)
            while True:
                message = await channel.get_message(timeout=_HEALTH_SECONDS)
                if message is not None:
                    self.nudge({int(one) for one in message["data"].split(b",")})
