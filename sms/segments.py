"""How many segments a text takes, exactly (3GPP TS 23.038 for alphabets, 23.040 for joined parts).

Pure. `sms/static/sms/segments.js` is the twin in the browser; both count exactly the text that they
are given. Every sending path and every text box passes `normalize_text` first.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

#: TS 23.038 clause 6.2.1, in the order of the codes; 0x1B is the escape and no character.
GSM_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: TS 23.038 clause 6.2.1.1: an escape and a code, two septets each.
GSM_EXTENSION = "\f^{}\\[~]|€"

_OUTSIDE_BASIC = re.compile(f"[^{re.escape(GSM_BASIC)}]")
_OUTSIDE_GSM = re.compile(f"[^{re.escape(GSM_BASIC + GSM_EXTENSION)}]")
_EXTENSION = re.compile(f"[{re.escape(GSM_EXTENSION)}]")
_BEYOND_BMP = re.compile("[\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile("\r\n?")


class Encoding(StrEnum):
    """The alphabets in which a text can travel."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Alphabet:
    """How much one message and one part of a joined message hold, in units."""

    single: int
    part: int


#: 140 octets: 160 septets or 70 UTF-16 units; a joined part gives up six octets for its header.
ALPHABETS = {Encoding.GSM_7: Alphabet(160, 153), Encoding.UCS_2: Alphabet(70, 67)}


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """What a text costs.

    ``units`` are septets in GSM-7 (extension characters take two) and UTF-16 code units in UCS-2.
    ``segments`` is 0 for an empty text. ``remaining`` is the room in the last segment, in units.
    """

    encoding: Encoding
    units: int
    segments: int
    remaining: int

    @property
    def limit(self) -> int:
        """What one message holds by itself: 160 or 70."""
        return ALPHABETS[self.encoding].single


def normalize_text(text: str) -> str:
    """The text that is sent and counted: line feeds alone, composed characters, nothing unsendable.

    A form field hands over CR LF for what the browser counts as one. NUL is left out, because
    PostgreSQL cannot store it; half a surrogate pair becomes U+FFFD.
    """
    text = _LINE_END.sub("\n", text).replace("\x00", "")
    return unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", text))


def count_segments(text: str) -> SegmentCount:
    """Count exactly this text; nothing in it is changed.

    Parts are filled greedily, and the two halves of an escape sequence or of a surrogate pair stay
    together: a pair that does not fit begins the next part (TS 23.040 clause 9.2.3.24.1).
    """
    if not _OUTSIDE_BASIC.search(text):
        return _count(Encoding.GSM_7, len(text), [])
    if not _OUTSIDE_GSM.search(text):
        return _count(
            Encoding.GSM_7, len(text), [pair.start() for pair in _EXTENSION.finditer(text)]
        )
    return _count(Encoding.UCS_2, len(text), [pair.start() for pair in _BEYOND_BMP.finditer(text)])


def find_costly_characters(text: str) -> list[tuple[int, str]]:
    """The characters that make the text UCS-2, with their positions in code points."""
    return [(found.start(), found.group()) for found in _OUTSIDE_GSM.finditer(text)]


def _count(encoding: Encoding, characters: int, pairs: list[int]) -> SegmentCount:
    """Count ``characters`` of which those at the positions ``pairs`` take two units."""
    alphabet = ALPHABETS[encoding]
    units = characters + len(pairs)
    if units <= alphabet.single:
        return SegmentCount(encoding, units, 1 if units else 0, alphabet.single - units)
    unused = 0
    for earlier, position in enumerate(pairs):
        # The last unit of a part is left empty where a pair would have to be cut in two.
        if (position + earlier + unused) % alphabet.part == alphabet.part - 1:
            unused += 1
    segments = -(-(units + unused) // alphabet.part)
    return SegmentCount(encoding, units, segments, segments * alphabet.part - units - unused)
