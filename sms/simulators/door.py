"""What both gateways do with a text before they say yes."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from integrations.simulators.asgi import hang_up

from .carrier import Carrier
from .scripts import script_of
from .texts import Text


class NoAnswer(Response):
    """Closes the connection instead of answering."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await hang_up(scope, receive)


def turn_away(carrier: Carrier, handset: str) -> Response | None:
    """429 or 503, as often as the number's script says; None lets the text in."""
    script = script_of(handset)
    earlier = carrier.attempts.get(handset, 0)
    carrier.attempts[handset] = earlier + 1
    if earlier < script.busy:
        headers = {"Retry-After": "1"}
        return JSONResponse({"code": 20429, "message": "Too many requests"}, 429, headers)
    if earlier < script.busy + script.broken:
        return JSONResponse({"message": "Service unavailable"}, 503)
    return None


async def accept(carrier: Carrier, text: Text, answer: Response) -> Response:
    """Take the text, and answer as its number's script says."""
    script = script_of(text.handset)
    carrier.take(text)
    if script.reports_first:
        await carrier.run(text)
    return NoAnswer() if script.loses_answer else answer
