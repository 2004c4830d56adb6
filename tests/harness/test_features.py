"""The rule of feature markers (RULES F15) and the list of rows that no test shows."""

from pathlib import Path

import pytest

from tests.harness.features import ROOT, feature_rows, marker_fault

KNOWN = {"MII-10": "…", "CRC-30": "…", "MIX-19": "…", "PLUS-03": "…"}
JOURNEY = ROOT / "tests" / "features" / "test_smoke.py"
UNIT_TEST = ROOT / "tests" / "calls" / "test_plan.py"


@pytest.mark.parametrize(
    ("path", "ids", "fault"),
    [
        (JOURNEY, ("MII-10",), None),
        (JOURNEY, ("MII-10", "CRC-30", "MIX-19"), None),
        (UNIT_TEST, ("MII-10",), "valid only under tests/features/"),
        (JOURNEY, (), "one to 3 rows, not 0"),
        (JOURNEY, ("MII-10", "CRC-30", "MIX-19", "PLUS-03"), "one to 3 rows, not 4"),
        (JOURNEY, ("MII-99",), "no such row in docs/features.md: MII-99"),
    ],
)
def test_a_marker_names_known_rows_on_a_test_from_outside(
    path: Path, ids: tuple[str, ...], fault: str | None
) -> None:
    found = marker_fault(path, ids, KNOWN)
    assert (found is None) if fault is None else (fault in str(found))


def test_the_rows_of_the_page_are_found() -> None:
    rows = feature_rows()
    assert "MII-10" in rows
    assert all(rows.values())
