"""Twilio's door: an account, and its messages (sms.md 2.1, 2.2)."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .callback_fields import TWILIO_WORDS
from .carrier import Carrier
from .door import accept, turn_away
from .parts import needs_unicode, split_text
from .scripts import script_of
from .texts import Text

_ACCOUNT = "/2010-04-01/Accounts/{account}"
_REFUSALS = {
    "bad_number": (21211, "The 'To' number is not a valid phone number."),
    "opted_out": (21610, "Attempt to send to unsubscribed recipient"),
    "content": (30007, "Message filtered"),
    "balance": (30002, "Account suspended"),
}
_PHONE = re.compile(r"\+[1-9]\d{6,14}")


class _Account:
    """The one account, as requests see it."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier

    def find_problem(self, request: Request) -> Response | None:
        config = self.carrier.config
        pair = f"{config.account_sid}:{config.auth_token}".encode()
        if request.headers.get("authorization") != f"Basic {base64.b64encode(pair).decode()}":
            return _refuse(401, 20003, "Authenticate")
        if request.path_params["account"] != config.account_sid:
            return _refuse(404, 20404, "The requested resource was not found")
        return None

    async def show(self, request: Request) -> Response:
        if problem := self.find_problem(request):
            return problem
        sid = self.carrier.config.account_sid
        return JSONResponse({"sid": sid, "status": "active", "friendly_name": "Simulated"})

    async def show_message(self, request: Request) -> Response:
        if problem := self.find_problem(request):
            return problem
        sid = request.path_params["sid"]
        text = next((one for one in self.carrier.texts if one.id == sid), None)
        if text is None:
            return _refuse(404, 20404, "The requested resource was not found")
        return JSONResponse(_resource(self.carrier, text))

    async def send(self, request: Request) -> Response:
        if problem := self.find_problem(request):
            return problem
        form = {name: str(value) for name, value in (await request.form()).items()}
        if wrong := _find_mistake(form):
            return _refuse(400, *wrong)
        handset = form["To"]
        if away := turn_away(self.carrier, handset):
            return away
        if refusal := script_of(handset).refusal:
            return _refuse(400, *_REFUSALS[refusal])
        text = _read_text(self.carrier, form)
        return await accept(self.carrier, text, JSONResponse(_resource(self.carrier, text), 201))


def make_routes(carrier: Carrier) -> list[Route]:
    """The vendor's addresses."""
    account = _Account(carrier)
    return [
        Route(f"{_ACCOUNT}.json", account.show, methods=["GET"]),
        Route(f"{_ACCOUNT}/Messages.json", account.send, methods=["POST"]),
        Route(f"{_ACCOUNT}/Messages/{{sid}}.json", account.show_message, methods=["GET"]),
    ]


def _read_text(carrier: Carrier, form: Mapping[str, str]) -> Text:
    sid = f"SM{carrier.new_id()}"
    is_unicode = needs_unicode(form["Body"])
    return Text(
        id=sid,
        gateway="twilio",
        direction="outbound",
        handset=form["To"],
        our_number=form.get("From") or form["MessagingServiceSid"],
        text=form["Body"],
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        ids=[sid],
        parts=split_text(form["Body"], is_unicode=is_unicode),
        is_unicode=is_unicode,
        report_url=form.get("StatusCallback", ""),
    )


def _find_mistake(form: Mapping[str, str]) -> tuple[int, str] | None:
    mistakes = (
        (not form.get("To"), 21604, "A 'To' phone number is required."),
        (not _PHONE.fullmatch(form.get("To", "")), 21211, "Invalid 'To' Phone Number"),
        (
            not (form.get("From") or form.get("MessagingServiceSid")),
            21603,
            "A 'From' phone number is required.",
        ),
        (not form.get("Body"), 21602, "Message body is required."),
        (len(form.get("Body", "")) > 1600, 21617, "The message body exceeds 1600 characters."),
    )
    return next(((code, words) for is_so, code, words in mistakes if is_so), None)


def _resource(carrier: Carrier, text: Text) -> dict[str, Any]:
    state = text.reports[-1] if text.reports else "queued"
    status, code = TWILIO_WORDS.get(state, (state, ""))
    moment = format_datetime(datetime.fromisoformat(text.at))
    return {
        "sid": text.id,
        "account_sid": carrier.config.account_sid,
        "status": status,
        "to": text.handset,
        "from": text.our_number,
        "body": text.text,
        "num_segments": str(len(text.parts)),
        "direction": "outbound-api",
        "price": None,
        "price_unit": "USD",
        "error_code": int(code) if code else None,
        "error_message": None,
        "date_created": moment,
        "date_updated": moment,
        "api_version": "2010-04-01",
    }


def _refuse(status: int, code: int, words: str) -> Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    answer = {"code": code, "message": words, "more_info": more, "status": status}
    return JSONResponse(answer, status)
