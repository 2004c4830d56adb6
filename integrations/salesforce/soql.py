"""Putting values into SOQL and SOSL texts (salesforce.md 3.4, 3.5). Pure.

Names of objects and fields never come from people; values always pass through here.
"""

from collections.abc import Iterable

_SOQL_ESCAPES = str.maketrans(
    {
        "\\": r"\\",
        "'": r"\'",
        "\n": r"\n",
        "\r": r"\r",
        "\t": r"\t",
        "\b": r"\b",
        "\f": r"\f",
    }
)
#: Operators of SOSL; reserved even between double quotes.
_SOSL_RESERVED = "?&|!{}[]()^~*:\\\"'+-"
_SOSL_ESCAPES = str.maketrans({character: f"\\{character}" for character in _SOSL_RESERVED})


def quote(text: str) -> str:
    """``text`` as a SOQL string literal, quotes included."""
    return f"'{text.translate(_SOQL_ESCAPES)}'"


def like_start(text: str) -> str:
    """A SOQL literal for LIKE that fits what begins with ``text``."""
    start = quote(text).removesuffix("'").replace("%", r"\%").replace("_", r"\_")
    return f"{start}%'"


def in_list(values: Iterable[str]) -> str:
    """``values`` as the right side of IN; raises ValueError for none, which SOQL cannot say."""
    quoted = [quote(value) for value in values]
    if not quoted:
        raise ValueError("IN needs at least one value.")
    return f"({', '.join(quoted)})"


def escape_term(text: str) -> str:
    """``text`` as one SOSL phrase, to stand between the braces of FIND.

    Digits stay bare; everything else becomes a quoted phrase, else OR would be an operator.
    """
    if text.isascii() and text.isdigit():
        return text
    return f'"{text.translate(_SOSL_ESCAPES)}"'
