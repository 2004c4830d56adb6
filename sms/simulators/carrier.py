"""What is behind the gateways: texts on the air, reports of them, and handsets that answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from integrations.simulators.control import Action, ControlError

from .callback_fields import inbound_fields, report_fields
from .callbacks import Caller, sign
from .config import SmsConfig
from .now_and_then import NowAndThen, parse_handsets
from .scripts import Step, script_of
from .texts import Text, make_id, with_plus

GATEWAYS = ("mitto", "twilio")


class Carrier:
    """Holds the texts and carries out the actions of `POST /_sim/actions/<name>`.

    | action          | arguments (optional ones in brackets)                              |
    | --------------- | ------------------------------------------------------------------ |
    | `reply`         | from, text, [to, gateway, forged, media]: a handset writes         |
    | `send-elsewhere` | from (our number), to, text, [gateway]: copied to us, not sent by us |
    | `report`        | message (its id), state, [part, times, forged]: one more report    |
    | `send-raw`      | gateway, url, fields, [headers, forged]: any callback at all       |
    | `let-days-pass` | the reports that number 1023 keeps back are sent                   |
    | `point-at`      | gateway, inbound_url: where replies go from now on                 |
    | `now-and-then`  | on, [handsets: numbers, to: our number]: texts by themselves       |

    `forged` signs with a wrong key, or drops the secret from the address. States are `sent`,
    `delivered`, `undelivered`, `expired`, `blocked`; any other goes out as a word of its own.
    """

    def __init__(self, config: SmsConfig) -> None:
        self.config = config
        self.caller = Caller()
        self.texts: list[Text] = []
        self.now_and_then = NowAndThen(config, self.reply)
        self._start_over()

    def _start_over(self) -> None:
        self.texts.clear()
        self.attempts: dict[str, int] = {}
        self._held: list[Text] = []
        self._numbers = itertools.count(1)
        self.inbound_urls = {
            "mitto": self.config.mitto_inbound_url,
            "twilio": self.config.twilio_inbound_url,
        }

    def reset(self) -> None:
        """No texts, nothing on its way, ids from the beginning."""
        self.caller.reset()
        self.now_and_then.switch(on=False)
        self._start_over()

    @property
    def actions(self) -> Mapping[str, Action]:
        """By name, as the controls offer them."""
        return {
            "reply": self.reply,
            "send-elsewhere": self._send_elsewhere,
            "report": self._report_again,
            "send-raw": self._send_raw,
            "let-days-pass": self._let_days_pass,
            "point-at": self._point_at,
            "now-and-then": self._write_now_and_then,
        }

    def list_records(self, name: str, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """What it holds: `messages` or `deliveries`."""
        lists: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "messages": lambda: [text.to_json() for text in self.texts],
            "deliveries": lambda: [each.to_json() for each in self.caller.deliveries],
            "account": lambda: [{**asdict(self.config), "inbound_urls": self.inbound_urls}],
        }
        if name not in lists:
            raise ControlError(f"no such records; there are: {', '.join(sorted(lists))}", 404)
        return [
            entry
            for entry in lists[name]()
            if all(str(entry.get(key)) == value for key, value in filters.items())
        ]

    # ---- Outbound ---------------------------------------------------------------------------

    def new_id(self) -> str:
        """The next id, before any prefix of a vendor's own."""
        return make_id(self.config.seed, next(self._numbers))

    def take(self, text: Text) -> None:
        """A gateway has accepted a text: it is reported on and perhaps answered, later."""
        self.texts.append(text)
        script = script_of(text.handset)
        if script.waits:
            self._held.append(text)
        elif not script.reports_first:
            self.caller.spawn(self.run(text))

    async def run(self, text: Text) -> None:
        """Report as the number's script says, then let the handset answer."""
        if self.config.is_hushed:
            return
        script = script_of(text.handset)
        for step in script.reports:
            await asyncio.sleep(self.config.delay_seconds)
            await self._report(text, step)
        if script.reply:
            await asyncio.sleep(self.config.reply_seconds)
            self.reply(
                {
                    "from": text.handset,
                    "to": text.our_number,
                    "text": script.reply,
                    "gateway": text.gateway,
                }
            )
        else:
            self.caller.spawn(self.now_and_then.answer(text))

    async def _report(self, text: Text, step: Step, *, forged: bool = False) -> None:
        for _ in range(step.times):
            for position, identity in enumerate(text.ids):
                # A script that tells of one part only means it for texts that have several.
                is_meant = step.part in (None, position) or len(text.ids) == 1
                if not is_meant:
                    continue
                text.reports.append(step.state)
                if step.lost:
                    continue
                known = make_id(0, "unknown", identity) if step.unknown_id else identity
                fields = report_fields(
                    text,
                    step.state,
                    known,
                    account_sid=self.config.account_sid,
                    is_unknown=step.unknown_id,
                )
                url = text.report_url
                if step.unknown_id:
                    url = url.partition("?")[0]
                await self._call(text.gateway, "report", url, fields, forged=forged)

    # ---- Callbacks --------------------------------------------------------------------------

    async def _call(
        self, gateway: str, kind: str, url: str, fields: Mapping[str, str], *, forged: bool = False
    ) -> None:
        headers = {}
        if gateway == "twilio":
            token = "a wrong token" if forged else self.config.auth_token
            headers = {
                "User-Agent": "TwilioProxy/1.1",
                "X-Twilio-Signature": sign(url, fields, token),
                "I-Twilio-Idempotency-Token": self.new_id(),
            }
        elif forged:
            before, _, after = url.rstrip("/").rpartition("/")
            url = f"{before.rpartition('/')[0]}/cbs_a-wrong-secret-of-somebody-else/{after}/"
        await self.caller.call(gateway, kind, url, fields, headers)

    def reply(self, arguments: Mapping[str, Any]) -> object:
        """A handset writes; to the gateway and number that wrote to it last, unless told."""
        handset, words = with_plus(_text(arguments, "from")), str(arguments.get("text", ""))
        last = next((one for one in reversed(self.texts) if one.handset == handset), None)
        gateway = arguments.get("gateway") or (last.gateway if last else "mitto")
        to = arguments.get("to") or (last.our_number if last else "")
        if gateway not in GATEWAYS or not to:
            raise ControlError("say which gateway and number to write to")
        text = self._new_text(gateway, "inbound", handset, with_plus(str(to)), words)
        self.texts.append(text)
        media = str(arguments.get("media", 0))
        fields = self._inbound_fields(text, media)
        url = self.inbound_urls[gateway]
        forged = bool(arguments.get("forged"))
        self.caller.spawn(self._call(gateway, "inbound", url, fields, forged=forged))
        return text.to_json()

    def _send_elsewhere(self, arguments: Mapping[str, Any]) -> object:
        """Somebody texts from our number with another program, and the gateway copies that."""
        gateway = arguments.get("gateway", "mitto")
        ours, handset = with_plus(_text(arguments, "from")), with_plus(_text(arguments, "to"))
        text = self._new_text(gateway, "elsewhere", ours, handset, _text(arguments, "text"))
        self.texts.append(text)
        fields, url = self._inbound_fields(text, "0"), self.inbound_urls[gateway]
        self.caller.spawn(self._call(gateway, "inbound", url, fields))
        return text.to_json()

    def _new_text(self, gateway: str, direction: str, handset: str, ours: str, words: str) -> Text:
        identity = self.new_id() if gateway == "mitto" else f"SM{self.new_id()}"
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        return Text(identity, gateway, direction, handset, ours, words, at)

    def _inbound_fields(self, text: Text, media: str) -> dict[str, str]:
        return inbound_fields(text, account_sid=self.config.account_sid, media=media)

    def _report_again(self, arguments: Mapping[str, Any]) -> object:
        identity = _text(arguments, "message")
        text = next((one for one in self.texts if one.id == identity), None)
        if text is None:
            raise ControlError("no such message", 404)
        part = arguments.get("part")
        step = Step(
            _text(arguments, "state"),
            times=int(arguments.get("times", 1)),
            part=None if part is None else int(part),
        )
        self.caller.spawn(self._report(text, step, forged=bool(arguments.get("forged"))))
        return text.to_json()

    def _send_raw(self, arguments: Mapping[str, Any]) -> object:
        gateway, url = _text(arguments, "gateway"), _text(arguments, "url")
        fields = {name: str(value) for name, value in arguments.get("fields", {}).items()}
        forged = bool(arguments.get("forged"))
        self.caller.spawn(self._call(gateway, "raw", url, fields, forged=forged))
        return {"url": url}

    def _let_days_pass(self, arguments: Mapping[str, Any]) -> object:
        held, self._held = self._held, []
        for text in held:
            self.caller.spawn(self.run(text))
        return {"messages": len(held)}

    def _point_at(self, arguments: Mapping[str, Any]) -> object:
        gateway = _text(arguments, "gateway")
        if gateway not in GATEWAYS:
            raise ControlError(f"gateway is one of {', '.join(GATEWAYS)}")
        self.inbound_urls[gateway] = _text(arguments, "inbound_url")
        return self.inbound_urls

    def _write_now_and_then(self, arguments: Mapping[str, Any]) -> object:
        if "handsets" in arguments:
            self.now_and_then.handsets = parse_handsets(arguments["handsets"])
            self.now_and_then.our_number = with_plus(_text(arguments, "to"))
        self.now_and_then.switch(on=bool(arguments.get("on", True)))
        return {"on": self.now_and_then.is_on, "handsets": len(self.now_and_then.handsets)}


def _text(arguments: Mapping[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value:
        raise ControlError(f"{name} is missing")
    return value
