"""Finding rows of large lists by the words of a name, or by the beginning of a number.

On PostgreSQL a word is looked up in a GIN index of ``words_of``; in SQLite, whose databases are
small, by reading the rows. Both find rows in which each word that was typed begins a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.db import connections, models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.tenancy import current_workspace_id

#: Up to so many rows are fetched by their keys, once they are known; lists count no further.
MANY = 2_000
#: A word begins after one of these; they are part of the indexes.
_SEPARATORS = ' ()[]{}<>"-–/,;:.@_#'
_TO_SPACES = str.maketrans(_SEPARATORS, " " * len(_SEPARATORS))
_WORD_BEGINS = r'(^|[] ()[{}<>"\-–/,;:.@_#])'
#: Characters of a word that are looked at, as many as a name may have.
_LONGEST = 255

#: What a list that is searched by both says about it.
NAME_OR_NUMBER = _(
    'A number or its beginning, or how the words of a name begin: "smi" and "an smi" find '
    "Ana Smith."
)

#: A lookup, what stands before a word there, and how the word is written.
_Way = tuple[str, str, Callable[[str], str]]
RowsT = TypeVar("RowsT", bound="models.QuerySet[Any]")


def find_by_name(rows: RowsT, term: str, *columns: str) -> RowsT:
    """Rows of the workspace in scope with names that ``term`` begins: "smi" and "an smi" find Anna
    Smith. On PostgreSQL ``columns`` are those of the index, in its order."""
    words = term.translate(_TO_SPACES).split()
    if not words:
        return rows.none()
    if connections[rows.db].vendor == "postgresql":
        # Read row by row, a pattern costs a tenth of making the words again.
        walked = _each_begins(columns, words, [("iregex", _WORD_BEGINS, re.escape)])
        with transaction.atomic(using=rows.db), connections[rows.db].cursor() as cursor:
            # With less, a frequent word's rows are kept by page, and each is read again.
            cursor.execute("SET LOCAL work_mem = '64MB'")
            indexed = _BeginWords(*columns, words=words, workspace=current_workspace_id())
            return _narrow(rows, indexed, walked)
    ways: list[_Way] = [("icontains", separator, str) for separator in _SEPARATORS]
    wanted = _each_begins(columns, words, [("istartswith", "", str), *ways])
    return _narrow(rows, wanted, wanted)


def find_by_number(rows: RowsT, column: str, prefix: str) -> RowsT:
    """Rows whose number begins so, as E.164. A range, which an index answers under any collation:
    its upper end counts the prefix up by one, +4158 for +4157, +42 for +419."""
    wanted = Q(**{f"{column}__startswith": prefix, f"{column}__gte": prefix})
    head = prefix.rstrip("9")
    if head[-1:].isdigit():
        wanted &= Q(**{f"{column}__lt": f"{head[:-1]}{int(head[-1]) + 1}"})
    return _narrow(rows, wanted, wanted)


def _each_begins(columns: Sequence[str], words: Sequence[str], ways: Sequence[_Way]) -> Q:
    """Each word in one of the columns, in one of these ways."""
    wanted = Q()
    for word in words:
        begun = Q()
        for column in columns:
            for lookup, before, written in ways:
                begun |= Q(**{f"{column}__{lookup}": before + written(word)})
        wanted &= begun
    return wanted


def _narrow(rows: RowsT, indexed: Any, walked: Any) -> RowsT:
    """Rows that are wanted, so that sorting and counting them stays fast whatever comes out.

    A planner that expects many walks the newest rows until a page is full, which reads the whole
    table where there are few. So a first look, unsorted, finds out: few are fetched by their keys;
    where there are many, the newest of them are soon found on that walk, and need no counting.
    """
    found = list(rows.order_by().filter(indexed).values_list("pk", flat=True)[: MANY + 1])
    if len(found) <= MANY:
        return rows.filter(pk__in=found)
    many = rows.filter(walked)
    many.query.are_many = True  # type: ignore[attr-defined]
    return many


def words_of(workspace: str, *names: str) -> str:
    """The SQL of a row's words, each behind its workspace, so that a search never meets the words
    of another; the arguments are SQL themselves.

    The migrations hold its text, and ``tests/integrations/test_row_search.py`` sees that searches
    are answered by their indexes.
    """
    tag, text = f"{workspace}::text || ':'", " || ' ' || ".join(names)
    spaced = f"translate({text}, '{_SEPARATORS}', repeat(' ', {len(_SEPARATORS)}))"
    tagged = f"{tag} || replace(upper({spaced}), ' ', ' ' || {tag})"
    return f"array_to_tsvector(string_to_array({tagged}, ' '))"


class _BeginWords(models.Func):
    """Whether each of ``words`` begins a word of the columns; PostgreSQL."""

    output_field = models.BooleanField()

    def __init__(self, *columns: str, words: Sequence[str], workspace: int) -> None:
        super().__init__("workspace_id", *columns)
        lexemes = (f"{workspace}:{word[:_LONGEST]}" for word in words)
        self._sought = " & ".join(f"{_quote(lexeme)}:*" for lexeme in lexemes)

    def as_sql(
        self,
        compiler: Any,
        connection: Any,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        **extra_context: Any,
    ) -> tuple[str, tuple[str | int, ...]]:
        columns = [compiler.compile(column)[0] for column in self.get_source_expressions()]
        return f"{words_of(*columns)} @@ upper(%s)::tsquery", (self._sought,)


def _quote(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
