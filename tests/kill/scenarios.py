"""A thousand believable calls, made by a seed: who rings whom, who answers, who transfers."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.models import Connection
from integrations.simulators.salesforce.seed import (
    CONTACT_ACCOUNT_LEAD_NUMBER,
    NOBODY_NUMBER,
    ONE_ACCOUNT_NUMBER,
    ONE_CONTACT_NUMBER,
    ONE_LEAD_NUMBER,
    PERSON_ACCOUNT_NUMBER,
    TWO_CONTACTS_NUMBER,
)
from tests.deliveries import PhoneCall

NUMBERS = (
    ONE_CONTACT_NUMBER,
    ONE_ACCOUNT_NUMBER,
    ONE_LEAD_NUMBER,
    TWO_CONTACTS_NUMBER,
    CONTACT_ACCOUNT_LEAD_NUMBER,
    PERSON_ACCOUNT_NUMBER,
    NOBODY_NUMBER,
    "anonymous",
    "204",
)
FIRST_CALL = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)

Delivery = tuple[str, dict[str, Any]]  # event id, payload


@dataclass(frozen=True)
class Scenario:
    """One call: its events in order, and how many records the rules ask for (A2, A3)."""

    key: str
    kind: str
    deliveries: tuple[Delivery, ...]
    records: int


def make_scenarios(phone_system: Connection, count: int, *, prefix: str) -> Iterator[Scenario]:
    """``count`` calls; the same for every phone system and prefix but for their keys."""
    for number in range(count):
        dice = random.Random(number)
        call = PhoneCall(
            phone_system,
            key=f"{prefix}{number}",
            external=dice.choice(NUMBERS),
            direction=dice.choice(("inbound", "inbound", "outbound")),
            started_at=FIRST_CALL + timedelta(minutes=number),
        )
        kind = dice.choice(("talk", "talk", "hold", "group", "blind", "attended", "missed"))
        events, records = _PLAYS[kind](call, dice)
        yield Scenario(
            key=call.key,
            kind=kind,
            deliveries=tuple(
                (f"{call.key}-{index}", payload) for index, payload in enumerate(events)
            ),
            records=records,
        )


def _talk(call: PhoneCall, dice: random.Random) -> tuple[list[dict[str, Any]], int]:
    end = 10 + dice.randint(1, 600)
    return [
        call.payload("ringing", 0),
        call.payload("answered", 5, answered_at=5),
        call.payload("ended", end, answered_at=5, ended_at=end, end_cause="normal"),
    ], 1


def _hold(call: PhoneCall, dice: random.Random) -> tuple[list[dict[str, Any]], int]:
    events, records = _talk(call, dice)
    events[2:2] = [
        call.payload("held", 6, answered_at=5),
        call.payload("resumed", 9, answered_at=5),
    ]
    return events, records


def _group(call: PhoneCall, dice: random.Random) -> tuple[list[dict[str, Any]], int]:
    events, records = _talk(call, dice)
    for leg, extension in (("leg-2", "202"), ("leg-3", "203")):
        at = {"leg": leg, "extension": extension}
        events.insert(1, call.payload("ringing", 0, **at))
        events.append(call.payload("ended", 5, ended_at=5, end_cause="answered_elsewhere", **at))
    return events, records


def _blind(call: PhoneCall, dice: random.Random) -> tuple[list[dict[str, Any]], int]:
    end = 60 + dice.randint(1, 300)
    second = {"leg": "leg-2", "extension": "202"}
    return [
        call.payload("ringing", 0),
        call.payload("answered", 5, answered_at=5),
        call.payload(
            "transferred", 40, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"}
        ),
        call.payload("ended", 40, answered_at=5, ended_at=40, end_cause="transferred"),
        call.payload("ringing", 41, **second),
        call.payload("answered", 45, answered_at=45, **second),
        call.payload("ended", end, answered_at=45, ended_at=end, end_cause="normal", **second),
    ], 2


def _attended(call: PhoneCall, dice: random.Random) -> tuple[list[dict[str, Any]], int]:
    end = 90 + dice.randint(1, 300)
    consult = {"leg": "leg-2", "extension": "202", "direction": "internal", "external_raw": "201"}
    consult |= {"external": ""}
    taken_over = {"leg": "leg-2", "extension": "202"}
    return [
        call.payload("ringing", 0),
        call.payload("answered", 5, answered_at=5),
        call.payload("held", 30, answered_at=5),
        call.payload("ringing", 31, **consult),
        call.payload("answered", 35, answered_at=35, **consult),
        call.payload(
            "transferred", 60, answered_at=5, transfer={"kind": "attended", "to_leg_key": "leg-2"}
        ),
        call.payload("ended", 60, answered_at=5, ended_at=60, end_cause="transferred"),
        call.payload("ended", end, answered_at=35, ended_at=end, end_cause="normal", **taken_over),
    ], 2


def _missed(call: PhoneCall, dice: random.Random) -> tuple[list[dict[str, Any]], int]:
    return [
        call.payload("ringing", 0),
        call.payload("ended", 20, ended_at=20, end_cause="no_answer"),
    ], 1


_PLAYS = {
    "talk": _talk,
    "hold": _hold,
    "group": _group,
    "blind": _blind,
    "attended": _attended,
    "missed": _missed,
}


def in_chaos(scenarios: list[Scenario], *, window: int = 40) -> Iterator[Delivery]:
    """Every event at least once: out of order within a window of calls, one in five repeated."""
    dice = random.Random(4711)
    for first in range(0, len(scenarios), window):
        deliveries = [
            delivery
            for scenario in scenarios[first : first + window]
            for delivery in scenario.deliveries
        ]
        deliveries += dice.sample(deliveries, k=len(deliveries) // 5)
        dice.shuffle(deliveries)
        yield from deliveries
