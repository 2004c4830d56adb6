"""Salesforce record ids: 15 case-sensitive characters, or those with a 3-character check suffix."""

from __future__ import annotations

import hashlib
import string

SUFFIX_ALPHABET = string.ascii_uppercase + "012345"
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_ALPHANUMERIC = frozenset(string.ascii_letters + string.digits)


class MalformedIdError(ValueError):
    """Not a record id at all."""


def suffix(id15: str) -> str:
    """The check suffix: for each group of five, the bits of its capital letters (reference 3.1)."""
    groups = (id15[start : start + 5] for start in (0, 5, 10))
    return "".join(
        SUFFIX_ALPHABET[sum(1 << bit for bit, char in enumerate(group) if char in BASE62[10:36])]
        for group in groups
    )


def to_18(record_id: str) -> str:
    """The 18-character form of a 15- or 18-character id. Raises `MalformedIdError`.

    The long form is case-insensitive: its suffix says which letters are capitals.
    """
    if not set(record_id) <= _ALPHANUMERIC or len(record_id) not in (15, 18):
        raise MalformedIdError(record_id)
    if len(record_id) == 15:
        return record_id + suffix(record_id)
    check = record_id[15:].upper()
    if not set(check) <= set(SUFFIX_ALPHABET):
        raise MalformedIdError(record_id)
    id15 = "".join(
        char.upper() if SUFFIX_ALPHABET.index(check[place // 5]) >> place % 5 & 1 else char.lower()
        for place, char in enumerate(record_id[:15])
    )
    return id15 + check


def base62(number: int, width: int) -> str:
    """A number in base 62, zero-padded."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return digits.rjust(width, "0")


def instance_code(org_name: str) -> str:
    """Two characters that tell the ids of one org from those of another."""
    return base62(int(hashlib.sha256(org_name.encode()).hexdigest(), 16) % 62**2, 2)


def make_id(prefix: str, instance: str, number: int) -> str:
    """The id (18 characters) of the `number`-th record of an object in an org."""
    id15 = f"{prefix}{instance}0{base62(number, 9)}"
    return id15 + suffix(id15)


def number_of(record_id: str) -> int:
    """The number that `make_id` made an id of. Raises `MalformedIdError`."""
    number = 0
    for char in to_18(record_id)[6:15]:
        number = number * 62 + BASE62.index(char)
    return number
