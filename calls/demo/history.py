"""The calls that the demo's office had before anybody looks, as the phone system will play them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.simulators.salesforce import seed


@dataclass(frozen=True)
class PastCall:
    """One call: who dialled whom, how long ago, and what was done with it.

    Steps are ``(seconds from the start, action, arguments)`` of the phone system simulator.
    """

    minutes_ago: int
    caller: str
    to: str
    steps: Sequence[tuple[int, str, dict[str, str]]]
    caller_name: str | None = None
    withheld: bool = False

    def to_arguments(self, start: datetime) -> dict[str, Any]:
        """The arguments of the simulator's action ``play``."""
        return {
            "from": self.caller,
            "to": self.to,
            "at": start.isoformat(),
            "caller_name": self.caller_name,
            "withheld": self.withheld,
            "steps": [{"after": after, "do": do, **more} for after, do, more in self.steps],
        }


def _talk(answered: int, ended: int, **by: str) -> Sequence[tuple[int, str, dict[str, str]]]:
    return ((answered, "answer", by), (ended, "hangup", {}))


#: Oldest first. Nobody calls from ``seed.ONE_CONTACT_NUMBER``: the smoke test does.
HISTORY: Sequence[PastCall] = (
    PastCall(1510, seed.ONE_ACCOUNT_NUMBER, "600", _talk(9, 310, extension="202")),
    PastCall(1440, seed.TWO_CONTACTS_NUMBER, "202", _talk(6, 127)),
    PastCall(1385, "201", seed.ONE_LEAD_NUMBER, _talk(14, 402)),
    PastCall(290, seed.CONTACT_ACCOUNT_LEAD_NUMBER, "600", _talk(5, 95, extension="201")),
    PastCall(255, seed.PERSON_ACCOUNT_NUMBER, "202", _talk(8, 233)),
    PastCall(230, "+14155550173", "600", ((24, "hangup", {}),), caller_name="Unknown caller"),
    PastCall(
        190,
        seed.ONE_LEAD_NUMBER,
        "201",
        (
            (7, "answer", {}),
            (60, "transfer", {"kind": "blind", "to": "202"}),
            (66, "answer", {}),
            (248, "hangup", {}),
        ),
    ),
    PastCall(150, "202", seed.TWO_CONTACTS_NUMBER, ((30, "hangup", {}),)),
    PastCall(120, "+14155550181", "201", _talk(4, 51), withheld=True),
    PastCall(95, "201", "203", _talk(3, 74)),
    PastCall(
        60,
        seed.ONE_ACCOUNT_NUMBER,
        "600",
        (
            (5, "answer", {"extension": "201"}),
            (40, "consult", {"to": "203"}),
            (46, "answer", {"extension": "203"}),
            (70, "transfer", {"kind": "attended"}),
            (355, "hangup", {}),
        ),
    ),
    PastCall(25, seed.CONVERTED_LEAD_NUMBER, "201", _talk(5, 184)),
)
