"""Named places where a test may kill the process (RULES F15).

``PATCHBAY_FAILPOINTS`` is JSON, ``{"outbox.after_claim": 0.2}``: the probability of dying at each
hit. Every death is first appended to the file ``PATCHBAY_FAILPOINT_LOG``, one name a line, so that
a test can show that each place was really reached; after ``PATCHBAY_FAILPOINT_DEATHS`` of one name
that place is spared. Without the first variable every hit is one look into an empty dictionary.
"""

import json
import os
import random
import signal
from pathlib import Path

_ACTIVE: dict[str, float] = json.loads(os.environ.get("PATCHBAY_FAILPOINTS", "{}"))
_DEATHS = int(os.environ.get("PATCHBAY_FAILPOINT_DEATHS", "1000"))
_random = random.SystemRandom()


def hit(name: str) -> None:
    """Die here with the configured probability; do nothing where none is configured."""
    probability = _ACTIVE.get(name, 0.0)
    if not probability or _random.random() >= probability:
        return
    log = Path(os.environ["PATCHBAY_FAILPOINT_LOG"])
    if log.exists() and log.read_text().splitlines().count(name) >= _DEATHS:
        return
    with log.open("a") as lines:
        lines.write(f"{name}\n")
        lines.flush()
    os.kill(os.getpid(), signal.SIGKILL)
