"""Any text survives being put into a query, and cannot end it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.salesforce.soql import escape_term, in_list, quote

_UNESCAPED = {r"\n": "\n", r"\r": "\r", r"\t": "\t", r"\b": "\b", r"\f": "\f"}


def read_literal(literal: str) -> str:
    """The text that Salesforce reads from a literal."""
    assert re.fullmatch(r"'(?:[^'\\]|\\[nrtbf'\\])*'", literal), literal
    return re.sub(r"\\.", lambda found: _UNESCAPED.get(found[0], found[0][1]), literal[1:-1])


@given(st.text())
def test_any_text_comes_back_from_a_literal(text: str) -> None:
    assert read_literal(quote(text)) == text


@given(st.lists(st.text(), min_size=1))
def test_a_list_holds_each_of_its_values(values: list[str]) -> None:
    assert in_list(values) == f"({', '.join(map(quote, values))})"


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        in_list([])


@given(st.text())
def test_no_operator_of_a_search_is_left_bare(text: str) -> None:
    term = escape_term(text)
    if term == text:
        assert text.isdigit()
        return
    assert term[0] == term[-1] == '"'
    assert not re.search(r"(?<!\\)(?:\\\\)*[?&|!{}\[\]()^~*:\"'+-]", term[1:-1])


def test_search_terms_look_as_salesforce_wants_them() -> None:
    assert escape_term("4155551212") == "4155551212"
    assert escape_term("(415) 555-1212") == r'"\(415\) 555\-1212"'
    assert escape_term("OR") == '"OR"'
