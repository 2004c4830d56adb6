"""Where a call and its names came from, ready to be shown (CRC-80, CRC-90, CRC-91)."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls.models import Call

_DIALLED: dict[str, Any] = {
    "dial field": gettext_lazy("In the softphone’s dial field"),
    "click to dial": gettext_lazy("By a click on the number"),
    "handset": gettext_lazy("On the telephone, or by another program"),
    "elsewhere": gettext_lazy("By another program"),
}


@dataclass(frozen=True)
class ShownHint:
    """A name that came with the call, under the source that said it."""

    label: str
    name: str


def dialled_how(call: Call) -> str:
    """How an outbound call was dialled; empty where that is not known."""
    return str(_DIALLED.get(call.dial_source, ""))


def name_hints(call: Call) -> list[ShownHint]:
    """The names that came with a call, each with its source; none of them is a match."""
    return [
        ShownHint(
            _("Hint from %(source)s") % {"source": one["source"] or _("the phone system")},
            one["name"],
        )
        for one in call.name_hints or ()
    ]
