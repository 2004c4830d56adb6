"""Cells of CSV files that a spreadsheet will open (RULES F8). Pure."""

from typing import Any

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutralise(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula, as the text that it is.

    Names come from strangers. Telephone numbers begin with ``+`` and get the apostrophe too.
    """
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_BEGINS_A_FORMULA):
        return f"'{cell}"
    return cell
