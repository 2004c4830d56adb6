"""Which failures have one cause, so that one act heals them all (PLUS-08). Pure.

"The 312 that this rule refused": the same code and the same text, but for what differs from record
to record: ids, numbers, and what stands in quotation marks.
"""

from __future__ import annotations

import re

_LONGEST = 200
_RECORD_ID = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\b")
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_NUMBER = re.compile(r"\d+")


def error_class(code: str, message: str) -> str:
    """The class of an error: its code and the part of its text that all of its kind share."""
    text = _NUMBER.sub("#", _QUOTED.sub("“…”", _RECORD_ID.sub("…", message)))
    return f"{code}: {' '.join(text.split())}"[:_LONGEST] if code or text else ""


def error_columns(code: str, message: str) -> dict[str, str]:
    """The columns of a write that say what went wrong; empty ones for nothing."""
    return {
        "error_code": code[:80],
        "error_message": message,
        "error_class": error_class(code[:80], message),
    }
