"""Mitto's door: `POST /sms` (sms.md 1.1 to 1.3)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .carrier import Carrier
from .door import accept, turn_away
from .parts import needs_unicode, split_text
from .scripts import script_of
from .texts import Text, with_plus

#: Codes beyond 8 are not public; these stand for whatever it says then.
_REFUSALS = {
    "bad_number": (8, "Receiver is not valid"),
    "opted_out": (61, "Receiver is blocked"),
    "content": (62, "Content is not allowed"),
    "balance": (63, "Insufficient balance"),
}


def make_routes(carrier: Carrier) -> list[Route]:
    """The vendor's addresses."""

    async def send(request: Request) -> Response:
        if request.headers.get("x-mitto-api-key") != carrier.config.product_key:
            return JSONResponse({"message": "Unauthorized"}, 401)
        try:
            asked = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"message": "Bad request"}, 400)
        if problem := _find_problem(asked):
            return _refuse(*problem)
        handset = with_plus(str(asked["to"]))
        if asked.get("test") is True:
            return JSONResponse(_success(str(asked["text"])) | {"test": True})
        if away := turn_away(carrier, handset):
            return away
        if refusal := script_of(handset).refusal:
            return _refuse(*_REFUSALS[refusal])
        text = _read_text(carrier, asked, handset)
        answer = _success(text.text) | {"id": text.id}
        return await accept(carrier, text, JSONResponse(answer))

    return [Route("/sms", send, methods=["POST"]), Route("/sms.json", send, methods=["POST"])]


def _read_text(carrier: Carrier, asked: Mapping[str, Any], handset: str) -> Text:
    words = str(asked["text"])
    is_unicode = str(asked.get("type", "GSM")).casefold() == "unicode"
    parts = split_text(words, is_unicode=is_unicode)
    ids = [carrier.new_id() for _ in parts]
    return Text(
        # Only the first part's id is told.
        id=ids[0],
        gateway="mitto",
        direction="outbound",
        handset=handset,
        our_number=with_plus(str(asked["from"])),
        text=words,
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        ids=ids,
        parts=parts,
        is_unicode=is_unicode,
        reference=str(asked.get("reference", "")),
        report_url=str(asked.get("callback", "")),
    )


def _find_problem(asked: Mapping[str, Any]) -> tuple[int, str] | None:
    kind, words = str(asked.get("type", "GSM")).casefold(), str(asked.get("text", ""))
    sender, receiver = str(asked.get("from", "")), str(asked.get("to", ""))
    problems = (
        (kind not in ("gsm", "unicode", "binary", "auto"), 2, "Unknown type"),
        (not words, 3, "Text is empty"),
        (kind == "gsm" and needs_unicode(words), 4, "Text is not GSM"),
        (not sender, 5, "Sender is missing"),
        (not _is_sender(sender), 6, "Sender is not valid"),
        (not receiver, 7, "Receiver is missing"),
        (not re.fullmatch(r"[1-9]\d{6,14}", receiver), 8, "Receiver is not valid"),
    )
    return next(((code, words) for is_so, code, words in problems if is_so), None)


def _is_sender(sender: str) -> bool:
    return bool(re.fullmatch(r"\d{3,15}|[A-Za-z0-9 ._-]{3,11}", sender))


def _success(words: str) -> dict[str, Any]:
    # Seven digits behind the second and a text length with a space, as the vendor's examples have.
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return {
        "timestamp": f"{moment}0Z",
        "responseCode": 0,
        "textLength": f" {len(words)}",
        "responseText": "SMS sent",
    }


def _refuse(code: int, words: str) -> Response:
    return JSONResponse({"responseCode": code, "responseText": words})
