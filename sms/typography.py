"""Typographic characters and what can stand for them in the GSM alphabet (sms.md 3.7). Pure.

One curly quote turns a text of 160 characters into three messages of 70. What is listed here reads
the same when it is replaced; letters with accents are not, because other words come of them. The
browser is handed this same table, so there is one list.
"""

from collections.abc import Mapping

_LOOKALIKES = {
    '"': "“”„‟«»ʺˮ❝❞〝〞＂",
    "'": "‘’‛‚´`ʹʻʼʽˈˊˋ′❛❜＇｀",
    "-": "–—―‐‑‒−⁃•‣●▪◦﹣⎼⎽",
    ".": "。｡﹒",
    "...": "…",
    "..": "‥",
    ",": "﹐、､",
    ";": "﹔",
    ":": "﹕︰∶",
    "?": "﹖",
    "!": "﹗",
    "!!": "‼",
    "(": "﹙",
    ")": "﹚",
    "<": "‹﹤",
    ">": "›﹥",
    "/": "÷⁄∕",
    "|": "∣",
    "_": "‗",
    "1/4": "¼",
    "1/2": "½",
    "3/4": "¾",
    "(c)": "©",
    "(R)": "®",
    "TM": "™",
    # Spaces: no-break, en, em, thin, hair, figure, ideographic and their kin; a tab is one too.
    " ": "\t\u00a0\u1680\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
    "\n": "\u2028\u2029\x0b\x85",
    # What nobody sees. The joiner of emoji (U+200D) is not among them.
    "": "\u200b\u200c\u2060\ufeff\u00ad\u200e\u200f",
}
#: Full-width forms of ASCII stand in the same order, at a fixed distance.
_FULL_WIDTH = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if chr(code) != "`"}

#: Character → what can stand for it; a few stand for nothing at all.
REPLACEMENTS: Mapping[str, str] = {
    **_FULL_WIDTH,
    **{character: plain for plain, characters in _LOOKALIKES.items() for character in characters},
}
_TABLE = str.maketrans(dict(REPLACEMENTS))


def suggest_replacement(character: str) -> str | None:
    """What can stand for a character that makes a text Unicode; None where nothing can."""
    return REPLACEMENTS.get(character)


def replace_typography(text: str) -> str:
    """The text with everything replaced that can be. It may become longer."""
    return text.translate(_TABLE)
