"""Which numbers are internal (RULES A6, CRC-30, CRC-31, CRC-68). Pure.

The rule looks at the number as the phone system shows it, before any country is applied: made into
an E.164 number, extension 2014 would look like a subscriber somewhere (K-07).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from integrations.phones import is_withheld

DEFAULT_INTERNAL_LENGTH = 5
_SEPARATORS = str.maketrans("", "", " -.()\u00a0")
# "911" or "112" dialled without the outside line keeps all its digits.
_FEWEST_DIGITS_BEHIND_PREFIX = 3


def is_internal_number(
    raw: str | None,
    *,
    internal_length: int = DEFAULT_INTERNAL_LENGTH,
    internal_prefixes: Sequence[str] = (),
) -> bool:
    """Whether `raw` is an extension by its form.

    1 to `internal_length` digits without `+` and, where `internal_prefixes` are given, starting
    with one of them. A withheld number is external.
    """
    if is_withheld(raw):
        return False
    number = _bare(raw)
    if not (number.isascii() and number.isdigit()) or len(number) > internal_length:
        return False
    return not internal_prefixes or number.startswith(tuple(internal_prefixes))


def is_internal_call(
    far_end: str | None,
    near_end: str | None,
    *,
    extensions: Collection[str] = (),
    internal_length: int = DEFAULT_INTERNAL_LENGTH,
    internal_prefixes: Sequence[str] = (),
) -> bool:
    """Whether a call between `near_end` (a member's extension) and `far_end` (raw) is internal.

    Either both are known `extensions`, whatever their length, or the far end has their form.
    """
    if _bare(far_end) in extensions and _bare(near_end) in extensions:
        return True
    return is_internal_number(
        far_end, internal_length=internal_length, internal_prefixes=internal_prefixes
    )


def strip_outside_prefix(raw: str, prefix: str) -> str:
    """An outbound number as dialled, without the digits that only ask for an outside line.

    A number with `+` was not dialled on a keypad and stays as it is.
    """
    number = raw.strip()
    behind = number.removeprefix(prefix)
    if not prefix or number.startswith("+") or len(_bare(behind)) < _FEWEST_DIGITS_BEHIND_PREFIX:
        return number
    return behind.strip()


def _bare(raw: str | None) -> str:
    return (raw or "").translate(_SEPARATORS)
