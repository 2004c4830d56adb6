"""Telephone numbers: what a raw text means, and how to search for and show a number.

The only module that imports `phonenumbers`. Pure and free of Django, so that simulators may use it.

A number counts when its *length* is possible for its country; allocated ranges are not asked for,
because the bundled tables lag behind new ranges. Placeholders such as `0000000000`, which address
books are full of, are garbage all the same (RULES B1: garbage never matches).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

# What phone systems and networks put in the place of a number that the caller hides.
_WITHHELD_WORDS = frozenset(
    {
        "",
        "anonymous",
        "blocked",
        "caller id blocked",
        "caller withheld",
        "hidden",
        "id withheld",
        "no caller id",
        "no number",
        "none",
        "not available",
        "null",
        "number withheld",
        "out of area",
        "private",
        "private number",
        "restricted",
        "unavailable",
        "unknown",
        "unknown number",
        "withheld",
        "withheld number",
    }
)
_SCHEME = re.compile(r"^(?:tel|callto|sips?):", re.IGNORECASE)
_LEADING_LABEL = re.compile(r"^[^\W\d]+[\s.:]+(?=[+(\d])")
_SAME_DIGIT = re.compile(r"(\d)\1*")
_DIGITS_BEFORE_LABEL = 8
_LONGEST_RAW = 100
_FEWEST_SEARCHABLE_DIGITS = 7
_UNKNOWN_ZONE = "Etc/Unknown"


@dataclass(frozen=True, slots=True)
class Phone:
    """What a raw number means.

    `raw` is the text as it came (stripped), `e164` the number or None for extensions, garbage and
    withheld numbers, `national` the national significant digits (the raw digits when there is no
    number). `national` is for people and extensions; it never takes part in matching (RULES B1).
    """

    raw: str
    e164: str | None
    national: str
    is_withheld: bool


def parse_phone(raw: str | None, region: str | None) -> Phone:
    """Understand `raw` as someone in `region` (ISO 3166 alpha-2) would dial it.

    Never raises: what cannot be a number has `e164` None. Extensions and labels are dropped.
    """
    text = (raw or "").strip()
    if is_withheld(text):
        return Phone(raw=text, e164=None, national="", is_withheld=True)
    number = _parse(text, region)
    if number is None:
        return Phone(raw=text, e164=None, national=digits(text), is_withheld=False)
    return Phone(
        raw=text,
        e164=phonenumbers.format_number(number, PhoneNumberFormat.E164),
        national=phonenumbers.national_significant_number(number),
        is_withheld=False,
    )


def is_withheld(raw: str | None) -> bool:
    """Whether the caller hides the number: nothing, or a word such as "anonymous"."""
    words = _bare_address((raw or "").strip()).casefold()
    return re.sub(r"[\s_<>\"'.-]+", " ", words).strip() in _WITHHELD_WORDS


def digits(raw: str | None) -> str:
    """Only the digits of `raw`, digits of other scripts as ASCII."""
    return phonenumbers.normalize_digits_only(raw or "")


def search_terms(e164: str) -> tuple[str, ...]:
    """Notations under which Salesforce may have indexed a number, for one search (B1).

    Plain texts: quoting and escaping belong to the search language. Empty for what is too short
    to search for. Hits must still be compared by E.164, because a search may find an extension
    or part of a longer number (reference: salesforce.md 3.6).
    """
    number = _parse(e164, None)
    if number is None or len(digits(e164)) < _FEWEST_SEARCHABLE_DIGITS:
        return ()
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    terms = (
        digits(e164),
        phonenumbers.national_significant_number(number),
        digits(national),  # with the trunk 0 where the country has one
        e164,
        national,
        international.partition(" ")[2],  # the groups that also stand inside "+44 20 7946 0123"
    )
    return tuple(dict.fromkeys(term for term in terms if term))


def format_national(e164: str, region: str | None) -> str:
    """`e164` for people in `region`: their own country's numbers as dialled at home, all others
    in the international form. Text that is no number comes back unchanged."""
    number = _parse(e164, None)
    if number is None:
        return e164
    is_at_home = region is not None and number.country_code == phonenumbers.country_code_for_region(
        region.upper()
    )
    layout = PhoneNumberFormat.NATIONAL if is_at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, layout)


def format_local(e164: str) -> str:
    """`e164` as people of its own country write it: (415) 555-2671, 020 7946 0123 (CTM-11, CTM-13).

    Never the layout of another country. Text that is no number comes back unchanged.
    """
    number = _parse(e164, None)
    if number is None:
        return e164
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def e164_prefix(typed: str, region: str | None) -> str | None:
    """The beginning of the E.164 numbers that a partly typed number is part of, for searching.

    `typed` is read as someone in `region` would dial it. None for what is no number, such as a
    name; a whole number gives all of its E.164.
    """
    found = digits(typed)
    if not found or any(character.isalpha() for character in typed):
        return None
    whole = parse_phone(typed, region).e164
    if region is None or typed.strip().startswith("+"):
        return whole or f"+{found}"
    country_code = phonenumbers.country_code_for_region(region.upper())
    trunk_prefix = _trunk_prefix(region.upper())
    # A beginning that has a possible length by chance is read with its trunk prefix in it.
    if whole and not (trunk_prefix and whole.startswith(f"+{country_code}{trunk_prefix}")):
        return whole
    return f"+{country_code}{found.removeprefix(trunk_prefix)}"


def is_same_number(stored_raw: str | None, e164: str, region: str | None) -> bool:
    """Whether a stored text is the number `e164`, read as someone in `region` wrote it."""
    return parse_phone(stored_raw, region).e164 == e164


def is_region(code: str) -> bool:
    """Whether `code` is a region (ISO 3166 alpha-2, any case) whose numbers are known here."""
    return code.upper() in phonenumbers.SUPPORTED_REGIONS


def region_of(e164: str) -> str | None:
    """The region (ISO 3166 alpha-2) that a number belongs to, None where its plan is shared."""
    number = _parse(e164, None)
    if number is None:
        return None
    region = phonenumbers.region_code_for_number(number)
    return region if region and is_region(region) else None


def zones_of(e164: str) -> tuple[str, ...]:
    """The time zones (IANA) in which a number may be; none where its plan does not say.

    They follow the area code: who has moved, or taken the number along, is elsewhere.
    """
    # Its tables are loaded by those alone who plan texts.
    from phonenumbers.timezone import time_zones_for_number

    number = _parse(e164, None)
    if number is None:
        return ()
    return tuple(zone for zone in time_zones_for_number(number) if zone != _UNKNOWN_ZONE)


def _trunk_prefix(region: str) -> str:
    """What stands before national numbers at home: 0 in most countries, 1 in North America."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    return (metadata.national_prefix or "") if metadata else ""


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    cleaned = _without_labels(_bare_address(text[:_LONGEST_RAW]))
    try:
        number = phonenumbers.parse(cleaned, region.upper() if region else None)
    except NumberParseException:
        return None
    number.extension = None
    if not _is_plausible(number):
        return None
    return number if _survives_its_own_e164(number) else None


def _is_plausible(number: PhoneNumber) -> bool:
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return False
    significant = phonenumbers.national_significant_number(number)
    if _SAME_DIGIT.fullmatch(significant):
        return False
    # North American area codes start with 2 to 9; "1234567890" is the other usual placeholder.
    return number.country_code != 1 or significant[0] not in "01"


def _survives_its_own_e164(number: PhoneNumber) -> bool:
    """E.164 is our key, so a text whose key would be read as another number is not a number."""
    key = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    try:
        again = phonenumbers.parse(key, None)
    except NumberParseException:
        return False
    return phonenumbers.format_number(again, PhoneNumberFormat.E164) == key


def _bare_address(text: str) -> str:
    """`sip:+44…@example.com;user=phone` and `tel:+44…` without scheme and host."""
    without_scheme = _SCHEME.sub("", text)
    return without_scheme.partition("@")[0] if "@" in without_scheme else without_scheme


def _without_labels(text: str) -> str:
    """`text` without "Mobile " before the number and "x12" or "/ home" after it.

    `phonenumbers` reads trailing letters as keypad digits, which makes another number of it. Eight
    digits must stand before the cut, because "1-800-555-CALL" is a number to its end.
    """
    unlabelled = _LEADING_LABEL.sub("", text)
    digit_count = 0
    for position, character in enumerate(unlabelled):
        if character.isdigit():
            digit_count += 1
        elif digit_count >= _DIGITS_BEFORE_LABEL and (character.isalpha() or character in "/;,#"):
            return unlabelled[:position].rstrip(" (")
    return unlabelled
