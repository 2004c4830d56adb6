"""The phone system as one thing: its switchboard, its sender, and what people can tell it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.simulators.control import Action, ControlError

from .acts import ACTS, carry_out
from .config import PhoneSystemConfig
from .delivery import Deliverer, Habits
from .legs import PhoneCall
from .now_and_then import NowAndThen, parse_callers
from .switchboard import Switchboard, SwitchboardError

Clock = Callable[[], datetime]
Arguments = Mapping[str, Any]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class PhoneSystem:
    """Carries out the actions of `POST /_sim/actions/<name>`; arguments are JSON objects.

    | action          | arguments (optional ones in brackets)                                    |
    | --------------- | ------------------------------------------------------------------------ |
    | `place-call`    | from, to, [caller_name, withheld]                                        |
    | `answer`        | call, [extension]                                                        |
    | `hold` `resume` | call, [extension]                                                        |
    | `transfer`      | call, kind: blind or attended, to (blind), [extension]                   |
    | `consult`       | call, to, [extension]: what an attended transfer completes               |
    | `hangup`        | call, [extension, cause]; without an extension the other side hangs up   |
    | `play`          | from, to, [at, ...], steps: a list of {do, after: seconds, ...arguments} |
    | `replay`        | webhook_id: the same id and body once more                               |
    | `send-raw`      | body, [webhook_id, headers]: anything at all, sent once                  |
    | `misbehave`     | the fields of `delivery.Habits`; those left out go back to behaving      |
    | `point-at`      | hook_url, secret: where to send from now on                              |
    | `now-and-then`  | on, [callers: {number, name}]: calls that come by themselves             |

    Each act of a call takes `at` too (ISO 8601 with an offset): when it happened, by default now.
    Answers are the call or the delivery as `GET /_sim/records/` shows them.
    """

    def __init__(self, config: PhoneSystemConfig, clock: Clock = _utc_now) -> None:
        self.config = config
        self.clock = clock
        self.deliverer = Deliverer(config)
        self._open_switchboard()
        self.now_and_then = NowAndThen(config, lambda: self.switchboard, self._handle, clock)

    def _open_switchboard(self) -> None:
        self.switchboard = Switchboard(self.config, self.deliverer.submit_event)

    def reset(self) -> None:
        """Back to how it started: no calls, nothing on its way, ids from the beginning."""
        self.now_and_then.switch(on=False)
        self.deliverer.reset()
        self._open_switchboard()

    @property
    def calls(self) -> list[PhoneCall]:
        """Every call, oldest first."""
        return list(self.switchboard.calls.values())

    def list_records(self, name: str, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """What it holds: `calls`, `deliveries` or `extensions`."""
        lists: dict[str, Callable[[], list[dict[str, Any]]]] = {
            "calls": lambda: [call.to_json() for call in self.calls],
            "deliveries": lambda: [entry.to_json() for entry in self.deliverer.deliveries],
            "extensions": lambda: [asdict(entry) for entry in self.config.extensions],
        }
        if name not in lists:
            raise ControlError(f"no such records; there are: {', '.join(sorted(lists))}", 404)
        return [
            entry
            for entry in lists[name]()
            if all(str(entry.get(key)) == value for key, value in filters.items())
        ]

    @property
    def actions(self) -> dict[str, Action]:
        """What can be done, by name."""
        acts: dict[str, Action] = {
            "place-call": self._place_call,
            "play": self._play,
            "replay": self._replay,
            "send-raw": self._send_raw,
            "misbehave": self._misbehave,
            "point-at": self._point_at,
            "now-and-then": self._call_now_and_then,
        }
        for name in ACTS:
            acts[name] = self._handling(name)
        return {name: _explaining(act) for name, act in acts.items()}

    # ---- Calls ------------------------------------------------------------------------------

    def _place_call(self, arguments: Arguments) -> object:
        call = self.switchboard.place_call(
            caller=_text(arguments, "from"),
            to=_text(arguments, "to"),
            at=self._moment(arguments),
            caller_name=arguments.get("caller_name"),
            withheld=bool(arguments.get("withheld", False)),
        )
        return call.to_json()

    def _handling(self, name: str) -> Action:
        def handle(arguments: Arguments) -> object:
            call = self.switchboard.calls.get(_text(arguments, "call"))
            if call is None:
                raise ControlError("no such call", 404)
            self._handle(call, name, arguments)
            return call.to_json()

        return handle

    def _handle(self, call: PhoneCall, name: str, arguments: Arguments) -> None:
        carry_out(self.switchboard, call, name, arguments, self._moment(arguments))

    def _play(self, arguments: Arguments) -> object:
        start = self._moment(arguments)
        self._place_call({**arguments, "at": start.isoformat()})
        call = self.calls[-1]
        for step in arguments.get("steps", ()):
            at = start + timedelta(seconds=float(step.get("after", 0)))
            self._handle(call, _text(step, "do"), {**step, "at": at.isoformat()})
        return call.to_json()

    def _call_now_and_then(self, arguments: Arguments) -> object:
        if "callers" in arguments:
            self.now_and_then.callers = parse_callers(arguments["callers"])
        self.now_and_then.switch(on=bool(arguments.get("on", True)))
        return {"on": self.now_and_then.is_on, "callers": len(self.now_and_then.callers)}

    # ---- Deliveries -------------------------------------------------------------------------

    def _replay(self, arguments: Arguments) -> object:
        webhook_id = _text(arguments, "webhook_id")
        for delivery in self.deliverer.deliveries:
            if delivery.webhook_id == webhook_id:
                return self.deliverer.repeat(delivery).to_json()
        raise ControlError("no such delivery", 404)

    def _send_raw(self, arguments: Arguments) -> object:
        body = arguments.get("body", "")
        text = body if isinstance(body, str) else json.dumps(body)
        delivery = self.deliverer.submit_raw(
            text.encode(),
            webhook_id=arguments.get("webhook_id"),
            headers={name.lower(): value for name, value in arguments.get("headers", {}).items()},
        )
        return delivery.to_json()

    def _misbehave(self, arguments: Arguments) -> object:
        numbers = {name: float(value) for name, value in arguments.items()}
        self.deliverer.habits = Habits(**numbers)
        return asdict(self.deliverer.habits)

    def _point_at(self, arguments: Arguments) -> object:
        self.deliverer.hook_url = _text(arguments, "hook_url")
        self.deliverer.secret = _text(arguments, "secret")
        return {"hook_url": self.deliverer.hook_url}

    def _moment(self, arguments: Arguments) -> datetime:
        if "at" not in arguments:
            return self.clock()
        moment = datetime.fromisoformat(_text(arguments, "at"))
        if moment.tzinfo is None:
            raise ControlError("at needs an offset from UTC")
        return moment


def _text(arguments: Arguments, name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str) or not value:
        raise ControlError(f"{name} is missing")
    return value


def _explaining(act: Action) -> Action:
    """Turn what cannot be done into an answer."""

    def explained(arguments: Arguments) -> object:
        try:
            return act(arguments)
        except (SwitchboardError, ValueError, TypeError, AttributeError) as error:
            raise ControlError(str(error)) from error

    return explained
