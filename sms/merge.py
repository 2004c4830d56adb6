"""Merge fields of a template: ``Hi {{FirstName|there}}`` (RULES D5).

Pure. A template is text and fields, nothing else: there are no expressions, loops or filters, so a
template can execute nothing, and values are put in as they are, without markup.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sms.segments import normalize_text

#: What every merge field counts in the estimate, whatever it will hold.
ESTIMATED_FIELD_CHARACTERS = 10
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?")
_TOKEN = re.compile(r"\{\{(?P<inside>[^{}]*)\}\}")
_BRACES = re.compile(r"\{\{|\}\}")


@dataclass(frozen=True, slots=True)
class MergeField:
    """One field of the record, and what stands for it where the record has nothing."""

    name: str
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a template that cannot be understood, at a position in code points."""

    position: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template that was read: its pieces in order, and what is wrong with it."""

    pieces: tuple[str | MergeField, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def fields(self) -> tuple[MergeField, ...]:
        """The fields, each as often as it stands there."""
        return tuple(piece for piece in self.pieces if isinstance(piece, MergeField))

    @property
    def names(self) -> frozenset[str]:
        """The names of the fields."""
        return frozenset(field.name for field in self.fields)

    def render(self, values: Mapping[str, object]) -> str:
        """The text for one record; ``values`` are its fields by name, empty where unknown."""
        return normalize_text("".join(_as_text(piece, values) for piece in self.pieces))

    def estimate(self) -> str:
        """A text as long as the source document's estimate: each field is ten characters."""
        return normalize_text(
            "".join(
                piece if isinstance(piece, str) else "x" * ESTIMATED_FIELD_CHARACTERS
                for piece in self.pieces
            )
        )

    def empty_fields(self, values: Mapping[str, object]) -> tuple[str, ...]:
        """The fields that leave a hole for this record: no value, and no fallback."""
        return tuple(
            dict.fromkeys(field.name for field in self.fields if not _as_text(field, values))
        )


def read_template(text: str) -> Template:
    """Read a template. Faults are told, and stand in the text as they were written."""
    pieces: list[str | MergeField] = []
    faults: list[Fault] = []
    for position, piece in _split(normalize_text(text)):
        if isinstance(piece, str):
            pieces.append(piece)
            faults.extend(_stray_braces(position, piece))
            continue
        name, _, fallback = piece["inside"].partition("|")
        if _NAME.fullmatch(name.strip()):
            pieces.append(MergeField(name.strip(), fallback.strip()))
        else:
            pieces.append(piece.group())
            faults.append(Fault(position, piece.group(), "no field has such a name"))
    return Template(tuple(pieces), tuple(faults))


def unknown_fields(template: Template, allowed: Sequence[str]) -> tuple[str, ...]:
    """The fields that this kind of template may not use, in order of their first use."""
    return tuple(
        dict.fromkeys(field.name for field in template.fields if field.name not in allowed)
    )


def _split(text: str) -> Iterator[tuple[int, str | re.Match[str]]]:
    done = 0
    for token in _TOKEN.finditer(text):
        if token.start() > done:
            yield done, text[done : token.start()]
        yield token.start(), token
        done = token.end()
    if done < len(text):
        yield done, text[done:]


def _stray_braces(position: int, text: str) -> Iterator[Fault]:
    for braces in _BRACES.finditer(text):
        yield Fault(
            position + braces.start(), braces.group(), "double braces open and close one field"
        )


def _as_text(piece: str | MergeField, values: Mapping[str, object]) -> str:
    if isinstance(piece, str):
        return piece
    value = values.get(piece.name)
    return (str(value).strip() if value is not None else "") or piece.fallback
