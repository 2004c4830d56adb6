"""Cells that a spreadsheet would run (RULES F8)."""

from typing import Any

import pytest

from integrations.csv_cells import neutralise


@pytest.mark.parametrize(
    "text", ["=1+1", "+14155550101", "-1", "@SUM(A1)", "\t=1", " =1+1", "\r=1"]
)
def test_a_text_that_begins_a_formula_is_kept_as_text(text: str) -> None:
    assert neutralise(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["Ana Ito", "", "a=b", 60, -60, None])
def test_everything_else_is_left_alone(cell: Any) -> None:
    assert neutralise(cell) == cell
