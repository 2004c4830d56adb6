"""The find term of SOSL: reading it, and looking it up in the index."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedInput
from lark.exceptions import VisitError

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.search_index import tokens_of
from integrations.simulators.salesforce.values import Column

_GRAMMAR = Path(__file__).with_name("find_term.lark").read_text()
_PARSER = Lark(_GRAMMAR, start="find", parser="lalr")
_WILDCARD = re.compile(r"(?<!\\)[*?]")

Ids = set[str]


def malformed_search(message: str) -> SalesforceError:
    """400 for a search that cannot be read."""
    return SalesforceError("MALFORMED_SEARCH", message)


def find_ids(org: Org, term: str, kinds: Collection[str]) -> Ids:
    """The ids of records whose indexed fields of these kinds match a find term with operators.

    Raises `SalesforceError` (MALFORMED_SEARCH, INVALID_SEARCH).
    """
    if len(_unescape(term).strip(' "')) < 2:
        message = f"search term must be longer than one character: {term}"
        raise SalesforceError("INVALID_SEARCH", message)
    try:
        tree = _PARSER.parse(term)
        found: Ids = _Lookup(org, kinds).transform(tree)
    except UnexpectedInput as error:
        message = f"line {error.line}:{error.column} unexpected character in the search term"
        raise malformed_search(message) from None
    except VisitError as error:
        raise error.orig_exc from None
    return found


def find_words(org: Org, text: str, kinds: Collection[str]) -> Ids:
    """The ids of records that hold every word of a plain text without operators."""
    lookup = _Lookup(org, kinds)
    words = [lookup.sequence(tokens_of(word)) for word in text.split()]
    return set.intersection(*words) if words else set()


def _unescape(term: str) -> str:
    return re.sub(r"\\(.)", r"\1", term)


class _Lookup(Transformer[Token, Ids]):
    """Each node of the tree becomes the set of ids that match it."""

    def __init__(self, org: Org, kinds: Collection[str]) -> None:
        super().__init__()
        self._org = org
        self._kinds = list(kinds)

    def any_of(self, parts: list[Ids]) -> Ids:
        return parts[0] | parts[1]

    def all_of(self, parts: list[Ids]) -> Ids:
        return parts[0] & parts[1]

    def but_not(self, parts: list[Ids]) -> Ids:
        return parts[0] - parts[1]

    def phrase(self, items: list[Token]) -> Ids:
        return self.sequence(tokens_of(_unescape(items[0][1:-1])))

    def word(self, items: list[Token]) -> Ids:
        word = str(items[0])
        wildcard = _WILDCARD.search(word)
        if wildcard is None:
            return self.sequence(tokens_of(_unescape(word)))
        if wildcard.start() == 0:
            raise malformed_search("a wildcard cannot begin a search term")
        parts = re.findall(r"(?:[^\W_]|[*?])+", _unescape(word).lower())
        operators = ["GLOB" if _WILDCARD.search(part) else "=" for part in parts]
        conditions = [f"t{number}.token {one} ?" for number, one in enumerate(operators)]
        return self._find(conditions, list(parts))

    def sequence(self, tokens: list[str]) -> Ids:
        """Records with these tokens side by side in one field."""
        if not tokens:
            return set()
        conditions = [f"t{number}.token = ?" for number in range(len(tokens))]
        return self._find(conditions, list(tokens))

    def _find(self, conditions: list[str], values: list[Column]) -> Ids:
        joins = "".join(
            f" JOIN sim_search t{number} ON t{number}.record_id = t0.record_id "
            f"AND t{number}.field = t0.field AND t{number}.place = t0.place + {number} "
            f"AND t{number}.visible_from = t0.visible_from AND t0.place >= 0"
            for number in range(1, len(conditions))
        )
        now = self._org.now().timestamp()
        kinds = ", ".join("?" * len(self._kinds))
        rows = self._org.store.rows(
            f"SELECT DISTINCT t0.record_id FROM sim_search t0{joins} "  # noqa: S608
            f"WHERE {' AND '.join(conditions)} AND t0.kind IN ({kinds}) "
            "AND t0.visible_from <= ? AND coalesce(t0.visible_until, ?) >= ?",
            [*values, *self._kinds, now, now + 1, now],
        )
        return {str(row["record_id"]) for row in rows}
