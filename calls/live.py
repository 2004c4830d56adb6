"""``/live/``: what happens on a softphone panel, as it happens (RULES F9).

The panel reads server-sent events by fetch, with its token in a header: first the state after the
event number that it names, or all of it, then every change. A stream holds no database connection
and no thread while nothing happens; after 15 minutes it ends, and the panel comes again.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext as _
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from calls.live_hub import POLL_SECONDS, Hub, Watch
from calls.models import PanelSession
from calls.panel import read_panel
from calls.panel_sessions import find_session
from calls.panel_words import describe_panel
from integrations.options import options_read_once
from integrations.tenancy import workspace_scope

#: A stream ends after so long, and the membership is checked when the panel comes again.
LONGEST_SECONDS = 15 * 60
#: Something is said so often, so that no proxy takes a quiet stream for a dead one.
QUIET_SECONDS = 15.0
#: Threads, each with at most one database connection, however many streams there are.
_READERS = 4

Read = TypeVar("Read")


class LivePanels:
    """The streams of one process, and the few threads that read the database for them."""

    def __init__(self, *, poll_seconds: float, longest_seconds: float) -> None:
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="panel")
        self._longest_seconds = longest_seconds
        self.hub = Hub(self._read_sequences, poll_seconds=poll_seconds)

    async def answer(self, request: Request) -> Response:
        """The stream for the bearer of a token, else 401."""
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else ""
        session = await self._read(find_session, bearer)
        if session is None:
            detail = _("This panel is signed out. Sign in to open it again.")
            return JSONResponse({"detail": detail}, status_code=401)
        after = request.query_params.get("after", "")
        if after and not (after.isascii() and after.isdigit() and len(after) < 19):
            return JSONResponse({"detail": "after is the number of an event."}, status_code=400)
        return StreamingResponse(
            self._tell(session, int(after) if after else None),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    async def _tell(self, session: PanelSession, after: int | None) -> AsyncIterator[str]:
        """The events of one stream: ``panel`` with a state, at last ``end`` with the reason."""
        ends_at = asyncio.get_running_loop().time() + self._longest_seconds
        with self.hub.watching(session.pk, session.membership_id) as watch:
            while True:
                panel = await self._read(_read_state, session.pk, after)
                if panel is None:
                    yield _event("end", {"reason": "signed_out"})
                    return
                if after is None or panel["is_whole"] or panel["sequence"] > after:
                    yield _event("panel", panel)
                watch.sequence = after = panel["sequence"]
                while not await _wait(watch, ends_at):
                    if asyncio.get_running_loop().time() >= ends_at:
                        yield _event("end", {"reason": "come_again"})
                        return
                    yield ": still here\n\n"

    async def _read_sequences(self, session_ids: Collection[int]) -> Mapping[int, int]:
        return await self._read(_read_sequences, session_ids)

    async def _read(self, function: Callable[..., Read], *arguments: Any) -> Read:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: _alone(function, *arguments))

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def _wait(watch: Watch, ends_at: float) -> bool:
    """Wait for news; False when it has been quiet for a while, or the stream is over."""
    left = ends_at - asyncio.get_running_loop().time()
    try:
        await asyncio.wait_for(watch.news.wait(), timeout=max(0.0, min(left, QUIET_SECONDS)))
    except TimeoutError:
        return False
    watch.news.clear()
    return True


def _alone(function: Callable[..., Read], *arguments: Any) -> Read:
    """Run in a thread that keeps no connection longer than ``CONN_MAX_AGE`` says."""
    close_old_connections()
    try:
        return function(*arguments)
    finally:
        close_old_connections()


def _read_sequences(session_ids: Collection[int]) -> Mapping[int, int]:
    """One query for all streams: which sessions are open, and where their members stand."""
    open_sessions = PanelSession.unscoped.open(timezone.now()).filter(pk__in=session_ids)
    return dict(open_sessions.values_list("pk", "membership__panel_feed__sequence"))


def _read_state(session_id: int, after: int | None) -> dict[str, Any] | None:
    session = (
        PanelSession.unscoped.open(timezone.now())
        .filter(pk=session_id)
        .select_related("membership__user", "membership__workspace")
        .first()
    )
    if session is None:
        return None
    with workspace_scope(session.workspace_id), options_read_once():
        return describe_panel(read_panel(session, after=after))


def _event(name: str, data: Mapping[str, Any]) -> str:
    """One server-sent event; JSON has no line breaks of its own."""
    return f"event: {name}\ndata: {json.dumps(data, cls=DjangoJSONEncoder)}\n\n"


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok\n")


def make_live_app(
    *, poll_seconds: float = POLL_SECONDS, longest_seconds: float = LONGEST_SECONDS
) -> Starlette:
    """The ASGI application. Only the console's own origin may read it: the panel's page."""
    live = LivePanels(poll_seconds=poll_seconds, longest_seconds=longest_seconds)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(live.hub.keep_looking()),
            asyncio.create_task(live.hub.keep_listening(settings.REDIS_URL)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            live.close()

    cors = Middleware(
        CORSMiddleware,
        allow_origins=[settings.PUBLIC_URL],
        allow_methods=["GET"],
        allow_headers=["Authorization"],
    )
    return Starlette(
        routes=[Route("/live/", live.answer), Route("/live/healthz", _healthz)],
        middleware=[cors],
        lifespan=lifespan,
    )
