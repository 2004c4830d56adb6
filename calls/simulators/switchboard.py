"""What people do with their phones, and the events that follow. No network, no clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from .config import Extension, PhoneSystemConfig
from .legs import Leg, PhoneCall, build_event

Emit = Callable[[dict[str, Any]], object]
WITHHELD = "anonymous"


class SwitchboardError(Exception):
    """Nobody can do that with a phone now; the message says why."""


class Switchboard:
    """The calls of one phone system. `emit` takes each event (RULES A1) as it happens."""

    def __init__(self, config: PhoneSystemConfig, emit: Emit) -> None:
        self.config = config
        self.emit = emit
        self.calls: dict[str, PhoneCall] = {}

    # ---- Making calls -----------------------------------------------------------------------

    def place_call(
        self,
        *,
        caller: str,
        to: str,
        at: datetime,
        caller_name: str | None = None,
        withheld: bool = False,
    ) -> PhoneCall:
        """Somebody dials. Extensions on one end or both decide what kind of call it is."""
        own = self.config.find_extension(caller)
        rung = self.config.rung_by(to)
        if own is None and rung is None:
            raise SwitchboardError(f"neither {caller!r} nor {to!r} is an extension or ring group")
        if own is None:
            return self._ring_in(caller, to, rung or [], at, caller_name, withheld)
        if rung is None:
            return self._dial_out(own, to, at)
        return self._dial_inside(own, to, rung, at)

    def _ring_in(
        self,
        caller: str,
        to: str,
        rung: list[Extension],
        at: datetime,
        caller_name: str | None,
        withheld: bool,
    ) -> PhoneCall:
        call = self._open_call("inbound", did=self.config.main_number, caller_name=caller_name)
        group = next((entry for entry in self.config.ring_groups if entry.number == to), None)
        call.queue = group.name if group else None
        shown = WITHHELD if withheld else caller
        for extension in rung:
            self._ring(call, extension, "inbound", shown, at)
        return call

    def _dial_out(self, own: Extension, to: str, at: datetime) -> PhoneCall:
        call = self._open_call("outbound", did=self.config.main_number)
        self._ring(call, own, "outbound", to, at)
        return call

    def _dial_inside(
        self, own: Extension, to: str, rung: list[Extension], at: datetime
    ) -> PhoneCall:
        call = self._open_call("internal")
        self._ring(call, own, "internal", to, at)
        for extension in rung:
            if extension.number != own.number:
                self._ring(call, extension, "internal", own.number, at)
        return call

    # ---- Handling calls ---------------------------------------------------------------------

    def answer(self, call: PhoneCall, *, at: datetime, extension: str | None = None) -> None:
        """A ringing phone is picked up; the others that rang with it fall silent."""
        # The first leg of an internal call is the caller's own phone: nobody picks that up.
        rung = call.legs[1:] if call.direction == "internal" else call.legs
        leg = self._pick(rung, extension, "ringing")
        silenced = [other for other in rung if other.state == "ringing" and other is not leg]
        talking = [leg]
        if call.legs[0].state == "ringing" and call.direction == "internal":
            talking.insert(0, call.legs[0])
        for answered in talking:
            answered.state, answered.answered_at = "answered", at
            self._tell("call.answered", call, answered, at)
        for other in silenced:
            self._end(call, other, "answered_elsewhere", at)

    def hold(self, call: PhoneCall, *, at: datetime, extension: str | None = None) -> None:
        """A talking user puts the other side on hold."""
        leg = self._pick(call.legs, extension, "answered")
        leg.state = "held"
        self._tell("call.held", call, leg, at)

    def resume(self, call: PhoneCall, *, at: datetime, extension: str | None = None) -> None:
        """Back from hold."""
        leg = self._pick(call.legs, extension, "held")
        leg.state = "answered"
        self._tell("call.resumed", call, leg, at)

    def transfer_blind(
        self, call: PhoneCall, *, to: str, at: datetime, extension: str | None = None
    ) -> None:
        """Hand the other side over without asking: the target rings, the user is out."""
        leg = self._pick(call.legs, extension, "answered", "held")
        targets = self._targets(to, leg)
        rung = [
            self._add_leg(call, target, leg.direction, leg.external_raw, at) for target in targets
        ]
        # Which phone of a ring group takes over is not known yet.
        to_leg_key = rung[0].key if len(rung) == 1 else None
        leg.transfer = {"kind": "blind", "to_leg_key": to_leg_key, "to_extension": to}
        self._tell("call.transferred", call, leg, at)
        self._end(call, leg, "transferred", at)
        for ringing in rung:
            self._tell("call.ringing", call, ringing, at)

    def consult(
        self, call: PhoneCall, *, to: str, at: datetime, extension: str | None = None
    ) -> None:
        """Ask a colleague first: the other side is held while the colleague's phone rings."""
        leg = self._pick(call.legs, extension, "answered", "held")
        target = self._targets(to, leg)[0]
        if leg.state == "answered":
            self.hold(call, at=at, extension=leg.extension)
        consult = self._add_leg(call, target, "internal", leg.extension, at)
        consult.consulted_by = leg.key
        self._tell("call.ringing", call, consult, at)

    def transfer_attended(
        self, call: PhoneCall, *, at: datetime, extension: str | None = None
    ) -> None:
        """Complete a consultation: the colleague goes on with the other side (RULES A3)."""
        consult = next((leg for leg in call.in_state("answered") if leg.consulted_by), None)
        if consult is None:
            raise SwitchboardError("no colleague is being consulted")
        leg = next(leg for leg in call.legs if leg.key == consult.consulted_by)
        if extension not in (None, leg.extension):
            raise SwitchboardError(f"{extension} consults nobody")
        leg.transfer = {
            "kind": "attended",
            "to_leg_key": consult.key,
            "to_extension": consult.extension,
        }
        self._tell("call.transferred", call, leg, at)
        self._end(call, leg, "transferred", at)
        consult.consulted_by = None
        consult.direction = leg.direction
        consult.external, consult.external_raw = leg.external, leg.external_raw

    def hang_up(
        self,
        call: PhoneCall,
        *,
        at: datetime,
        extension: str | None = None,
        cause: str | None = None,
    ) -> None:
        """One extension hangs up, or (without one) the other side does and all is over.

        A colleague who was only consulted may leave; the call goes on.
        """
        leaving = list(call.in_state("ringing", "answered", "held"))
        if not leaving:
            raise SwitchboardError("the call is over")
        if extension is not None:
            leg = self._pick(leaving, extension, "ringing", "answered", "held")
            if not self._carries_the_call(call, leg, leaving):
                leaving = [leg]
        for leg in leaving:
            self._end(call, leg, cause or self._likely_cause(call, leg, extension), at)

    # ---- Parts ------------------------------------------------------------------------------

    @staticmethod
    def _carries_the_call(call: PhoneCall, leg: Leg, open_legs: list[Leg]) -> bool:
        """Whether nobody is left to talk with once this leg is gone."""
        if leg.consulted_by is not None:
            return False
        others = [other for other in open_legs if other is not leg]
        return call.direction == "internal" or all(other.consulted_by for other in others)

    @staticmethod
    def _likely_cause(call: PhoneCall, leg: Leg, extension: str | None) -> str:
        if leg.answered_at:
            return "hangup"
        if call.direction == "inbound":
            return "rejected" if extension else "caller_hangup"
        return "cancelled" if extension else "no_answer"

    def _open_call(self, direction: str, **facts: Any) -> PhoneCall:
        key = f"call-{self.config.seed}-{len(self.calls) + 1:04}"
        call = self.calls[key] = PhoneCall(key, direction, **facts)
        return call

    def _add_leg(
        self, call: PhoneCall, extension: Extension, direction: str, other: str, at: datetime
    ) -> Leg:
        leg = Leg(
            key=f"{call.key}.{len(call.legs) + 1}",
            extension=extension.number,
            email=extension.email,
            direction=direction,
            external=_international(other) if direction != "internal" else None,
            external_raw=other,
            started_at=at,
        )
        call.legs.append(leg)
        return leg

    def _ring(
        self, call: PhoneCall, extension: Extension, direction: str, other: str, at: datetime
    ) -> None:
        leg = self._add_leg(call, extension, direction, other, at)
        self._tell("call.ringing", call, leg, at)

    def _end(self, call: PhoneCall, leg: Leg, cause: str, at: datetime) -> None:
        leg.state, leg.ended_at, leg.end_cause = "ended", at, cause
        self._tell("call.ended", call, leg, at)

    def _tell(self, event_type: str, call: PhoneCall, leg: Leg, at: datetime) -> None:
        self.emit(build_event(event_type, call, leg, at))

    def _targets(self, to: str, leg: Leg) -> list[Extension]:
        rung = [entry for entry in self.config.rung_by(to) or [] if entry.number != leg.extension]
        if not rung:
            raise SwitchboardError(f"{to!r} is no other extension or ring group")
        return rung

    @staticmethod
    def _pick(legs: Iterable[Leg], extension: str | None, *states: str) -> Leg:
        for leg in legs:
            if extension in (None, leg.extension) and leg.state in states:
                return leg
        who = f"extension {extension}" if extension else "any phone"
        raise SwitchboardError(f"{who} is not {' or '.join(states)} in this call")


def _international(number: str) -> str | None:
    """What the phone system itself knows as E.164: only a number that begins with +."""
    digits = re.sub(r"[^\d+]", "", number)
    return digits if re.fullmatch(r"\+\d{6,15}", digits) else None
