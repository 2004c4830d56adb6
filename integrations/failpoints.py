"""Named places where a test may kill the process (RULES F15).

``PATCHBAY_FAILPOINTS`` is JSON, ``{"outbox.after_claim": 0.02}``: the probability of dying at each
hit. Every death is first appended to ``PATCHBAY_FAILPOINT_LOG``, one name a line, so that a test
can show that each place was really reached. Without the variable every hit is one dictionary look.
"""

import json
import os
import random
import signal
from pathlib import Path

_ACTIVE: dict[str, float] = json.loads(os.environ.get("PATCHBAY_FAILPOINTS", "{}"))
_random = random.SystemRandom()


def hit(name: str) -> None:
    """Die here with the configured probability; do nothing where none is configured."""
    probability = _ACTIVE.get(name, 0.0)
    if not probability or _random.random() >= probability:
        return
    if log := os.environ.get("PATCHBAY_FAILPOINT_LOG"):
        with Path(log).open("a") as lines:
            lines.write(f"{name}\n")
            lines.flush()
    os.kill(os.getpid(), signal.SIGKILL)
