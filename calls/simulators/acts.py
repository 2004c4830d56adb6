"""What people do with a call, by the names that controls and scripts use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from .legs import PhoneCall
from .switchboard import Switchboard, SwitchboardError

ACTS = ("answer", "hold", "resume", "transfer", "consult", "hangup")


def carry_out(
    board: Switchboard, call: PhoneCall, name: str, arguments: Mapping[str, Any], at: datetime
) -> None:
    """Do one of ``ACTS``. Raises SwitchboardError where that is not possible now."""
    if name == "transfer":
        name = f"{arguments.get('kind', 'blind')} transfer"
    acts: dict[str, tuple[Callable[..., None], str | None]] = {
        "answer": (board.answer, None),
        "hold": (board.hold, None),
        "resume": (board.resume, None),
        "hangup": (board.hang_up, "cause"),
        "consult": (board.consult, "to"),
        "blind transfer": (board.transfer_blind, "to"),
        "attended transfer": (board.transfer_attended, None),
    }
    if name not in acts:
        raise SwitchboardError(f"nobody can {name!r} a call")
    act, further = acts[name]
    given = {key: arguments.get(key) for key in ("extension", further) if key}
    act(call, at=at, **given)
