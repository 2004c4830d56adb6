"""What happens to a text, by the last four digits of its number (sms.md 10).

Everything follows from the number alone, so tests and people need no clock and no luck.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LONG_TEXT = 3
"""At most as many parts have one of their own in a script; the last step counts for the rest."""


@dataclass(frozen=True)
class Step:
    """One report. `state` is a word of our own that each gateway says in its way."""

    state: str
    times: int = 1
    unknown_id: bool = False
    part: int | None = None
    """Of one part only, counted from 0; None: of each."""
    lost: bool = False
    """The gateway knows it, and its callback got lost: only who asks hears of it."""


_SENT, _DELIVERED = Step("sent"), Step("delivered")
_USUAL = (_SENT, _DELIVERED)


@dataclass(frozen=True)
class Script:
    """How the gateway and the handset treat one text.

    `refusal` names a reason at once. `busy` requests are answered 429 first, `broken` ones 503.
    `loses_answer` takes the text and hangs up. `reports_first` reports before it answers; `waits`
    keeps the reports until `let-days-pass`. `reply` is what the handset writes back.
    """

    refusal: str = ""
    busy: int = 0
    broken: int = 0
    loses_answer: bool = False
    reports_first: bool = False
    waits: bool = False
    reports: Sequence[Step] = _USUAL
    reply: str = ""


SCRIPTS: Mapping[str, Script] = {
    "1001": Script(refusal="bad_number"),
    "1002": Script(refusal="opted_out"),
    "1003": Script(refusal="content"),
    "1004": Script(refusal="balance"),
    "1010": Script(busy=2),
    "1011": Script(broken=1),
    "1012": Script(loses_answer=True),
    "1020": Script(reports=(_SENT, Step("undelivered"))),
    "1021": Script(reports=(_SENT, Step("expired"))),
    "1022": Script(reports=()),
    "1023": Script(waits=True),
    "1024": Script(reports=(Step("blocked"),)),
    "1025": Script(reports=(_SENT, Step("delivered", lost=True))),
    "1030": Script(reports=(_DELIVERED, _SENT)),
    "1031": Script(reports=(Step("sent", times=3), Step("delivered", times=3))),
    "1032": Script(reports_first=True),
    "1033": Script(reports=(Step("delivered", unknown_id=True),)),
    "1034": Script(reports=(Step("puzzled"),)),
    "1040": Script(reports=(_SENT, Step("delivered", part=0), Step("undelivered", part=1))),
    "1050": Script(reply="STOP"),
    "1051": Script(reply="Stop. Thank you"),
    "1052": Script(reply="YES"),
    "1053": Script(reply="HELP"),
}


def script_of(number: str) -> Script:
    """The script of a number; every other one is accepted, sent and delivered."""
    return SCRIPTS.get(number[-4:], Script())
