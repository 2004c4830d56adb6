"""Whether a stored number can ever match a call, and if not, why (PLUS-12). Pure.

A call matches by E.164 after a search for digits (RULES B1). So a text that is no number never
matches, nor one whose digits are spelled with letters, because the search does not find them.
"""

from __future__ import annotations

from enum import StrEnum

from integrations.phones import digits, parse_phone

_FEWEST_DIGITS = 7


class Verdict(StrEnum):
    """What is wrong with a stored number; the values are stored."""

    FINE = ""
    NO_COUNTRY = "no_country"
    LETTERS = "letters"
    GARBAGE = "garbage"


def judge(raw: str, region: str | None) -> tuple[Verdict, str]:
    """The verdict on a text of a phone field, and its E.164 (empty unless it is fine).

    ``region`` is the record's own country, else the workspace's.
    """
    phone = parse_phone(raw, region)
    has_letters = any(character.isalpha() for character in raw)
    if phone.e164:
        if has_letters and phone.national not in digits(raw):
            return Verdict.LETTERS, ""
        return Verdict.FINE, phone.e164
    if has_letters:
        return Verdict.LETTERS, ""
    is_national = len(digits(raw)) >= _FEWEST_DIGITS and not raw.strip().startswith("+")
    if is_national and not _is_placeholder(digits(raw)):
        return Verdict.NO_COUNTRY, ""
    return Verdict.GARBAGE, ""


def _is_placeholder(only_digits: str) -> bool:
    return len(set(only_digits)) == 1 or only_digits in "01234567890123456789"
