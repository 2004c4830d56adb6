"""What a counter under a text box says (MIT-32 to MIT-36, MIT-47). Pure.

`sms/static/sms/counter.js` says the same while somebody types; this is what the page opens with.
"""

from dataclasses import dataclass

from sms.merge import read_template
from sms.segments import SegmentCount, count_segments


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a text costs. ``is_approximate``: it has fields, each of which counts ten characters."""

    counted: SegmentCount
    is_approximate: bool


def reckon(text: str) -> Reckoning:
    """The estimate for a text with fields, the exact count for one without."""
    template = read_template(text)
    return Reckoning(count_segments(template.estimate()), bool(template.fields))


def show_count(counted: SegmentCount, recipients: int = 1) -> str:
    """``172 / 160 [2] 84``: characters / limit of one SMS [number of SMS] total messages.

    Characters are units: one of the extension table takes two of them, as it does on its way.
    """
    total = counted.segments * recipients
    return f"{counted.units} / {counted.limit} [{counted.segments}] {total}"
