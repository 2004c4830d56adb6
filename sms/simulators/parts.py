"""Splitting a text as a gateway does. Not shared with the console, which must agree by itself."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")


def needs_unicode(text: str) -> bool:
    """Whether a character is in neither GSM table."""
    return not _BASIC.union(_EXTENSION).issuperset(text)


def split_text(text: str, *, is_unicode: bool) -> list[str]:
    """The parts that go on the air, filled one after the other; pairs of units stay together."""

    def width(character: str) -> int:
        if is_unicode:
            return 2 if ord(character) > 0xFFFF else 1
        return 2 if character in _EXTENSION else 1

    single, joined = (70, 67) if is_unicode else (160, 153)
    if sum(map(width, text)) <= single:
        return [text]
    parts, room = [""], joined
    for character in text:
        if width(character) > room:
            parts.append("")
            room = joined
        parts[-1] += character
        room -= width(character)
    return parts
