"""Parts of the machine that some tests need: a browser, PostgreSQL, Node (RULES F12).

A missing part skips its tests with the reason. ``PATCHBAY_REQUIRE=browser,postgres,node`` turns
those skips into failures; CI sets it.
"""

import os
from typing import Literal, NoReturn

import pytest

Part = Literal["browser", "postgres", "node"]


def required_parts() -> frozenset[str]:
    """What ``PATCHBAY_REQUIRE`` names."""
    names = os.environ.get("PATCHBAY_REQUIRE", "").split(",")
    return frozenset(name.strip() for name in names if name.strip())


def unavailable(part: Part, reason: str) -> NoReturn:
    """End the running test: skipped, or failed where the part is required."""
    if part in required_parts():
        pytest.fail(f"{part} is required (PATCHBAY_REQUIRE), but {reason}", pytrace=False)
    pytest.skip(reason)
