"""Segments of a text: the tables and laws of TS 23.038 and 23.040, and the same answer in both."""

import json
import random
import subprocess
from pathlib import Path

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from sms.segments import (
    ALPHABETS,
    GSM_BASIC,
    GSM_EXTENSION,
    Encoding,
    SegmentCount,
    count_segments,
    find_costly_characters,
    normalize_text,
)

TWIN = Path(__file__).parent / "count_in_node.mjs"
#: Characters near every border: basic, extension, UCS-2 of one and of two units, what is composed.
ALPHABET = GSM_BASIC + GSM_EXTENSION + "çáÀŞ`’“”…–\u00a0\u200b\x1b\tЖ漢😀👨🏽🇩\u0301\u200d"
texts = st.text(alphabet=st.sampled_from(ALPHABET), max_size=700) | st.text(max_size=300)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments", "remaining"),
    [
        ("", "GSM-7", 0, 0, 160),
        ("a", "GSM-7", 1, 1, 159),
        ("a" * 160, "GSM-7", 160, 1, 0),
        ("a" * 161, "GSM-7", 161, 2, 145),
        ("a" * 306, "GSM-7", 306, 2, 0),
        ("a" * 307, "GSM-7", 307, 3, 152),
        ("€", "GSM-7", 2, 1, 158),
        ("€" * 80, "GSM-7", 160, 1, 0),
        ("€" * 81, "GSM-7", 162, 2, 143),
        # 612 units are four times 153, but the pair at the edge begins the fourth part.
        ("a" * 458 + "|" + "b" * 152, "GSM-7", 612, 5, 152),
        ("a" * 457 + "|" + "b" * 153, "GSM-7", 612, 4, 0),
        ("ç", "UCS-2", 1, 1, 69),
        ("ж" * 70, "UCS-2", 70, 1, 0),
        ("ж" * 71, "UCS-2", 71, 2, 63),
        # In UCS-2 an extension character takes one unit, not two.
        ("ж" + "€" * 69, "UCS-2", 70, 1, 0),
        ("😀" * 35, "UCS-2", 70, 1, 0),
        ("ж" * 66 + "😀" + "ж" * 66, "UCS-2", 134, 3, 66),
        ("\x1b", "UCS-2", 1, 1, 69),
        ("`", "UCS-2", 1, 1, 69),
    ],
)
def test_counts_at_every_border(
    text: str, encoding: str, units: int, segments: int, remaining: int
) -> None:
    assert count_segments(text) == SegmentCount(Encoding(encoding), units, segments, remaining)


def test_the_alphabet_has_the_characters_of_the_standard() -> None:
    assert len(set(GSM_BASIC)) == len(GSM_BASIC) == 127
    assert len(set(GSM_EXTENSION)) == len(GSM_EXTENSION) == 10
    assert not set(GSM_BASIC) & set(GSM_EXTENSION)
    inside, outside = "èéùìòàäöüñåøæÄÖÜÑÅØÆÉÇß¡¿§¤£¥ΔΦΓΛΩΠΨΣΘΞ", "çáíóúâêîôûãõëïÈÀœ°©•—‘»\tαΑЖ"
    assert all(count_segments(letter).encoding is Encoding.GSM_7 for letter in inside)
    assert all(count_segments(letter).encoding is Encoding.UCS_2 for letter in outside)


def _parts_filled_one_by_one(text: str) -> list[int]:
    """Units of each part, by the rule itself: what does not fit begins the next."""
    is_gsm = set(text) <= set(GSM_BASIC + GSM_EXTENSION)
    widths = [
        1 + (letter in GSM_EXTENSION) if is_gsm else 1 + (ord(letter) > 0xFFFF) for letter in text
    ]
    alphabet = ALPHABETS[Encoding.GSM_7 if is_gsm else Encoding.UCS_2]
    capacity = alphabet.single if sum(widths) <= alphabet.single else alphabet.part
    parts = [0]
    for width in widths:
        if parts[-1] + width > capacity:
            parts.append(0)
        parts[-1] += width
    return [part for part in parts if part]


@given(texts)
def test_parts_are_filled_greedily_and_cut_no_pair(text: str) -> None:
    counted, parts = count_segments(text), _parts_filled_one_by_one(text)
    assert counted.units == sum(parts)
    assert counted.segments == len(parts)
    capacity = counted.limit if len(parts) <= 1 else ALPHABETS[counted.encoding].part
    assert counted.remaining == capacity - (parts[-1] if parts else 0)


@given(texts)
def test_costly_characters_are_exactly_those_whose_removal_saves_the_alphabet(text: str) -> None:
    costly = find_costly_characters(text)
    assert bool(costly) == (count_segments(text).encoding is Encoding.UCS_2)
    assert all(text[position] == character for position, character in costly)
    positions = {position for position, _ in costly}
    rest = "".join(letter for at, letter in enumerate(text) if at not in positions)
    assert count_segments(rest).encoding is Encoding.GSM_7


def test_a_text_is_normalised_to_what_travels() -> None:
    assert normalize_text("one\r\ntwo\rthree") == "one\ntwo\nthree"
    assert normalize_text("e\u0301") == "é"
    assert normalize_text("nul\x00 and half \ud83d a pair") == "nul and half \ufffd a pair"


@given(texts)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalize_text(normalize_text(text)) == normalize_text(text)


def test_the_browser_counts_a_hundred_thousand_texts_alike(node: str, tmp_path: Path) -> None:
    dice = random.Random(20261121)
    lengths = (1, 20, 69, 71, 133, 135, 159, 162, 305, 308, 460)
    sample = [
        "".join(dice.choices(_mostly(dice), k=max(0, dice.choice(lengths) + dice.randint(-2, 2))))
        for _ in range(100_000)
    ]
    handed_over = tmp_path / "texts.json"
    handed_over.write_text(json.dumps(sample))
    answers = subprocess.run(
        [node, str(TWIN), str(handed_over)], capture_output=True, text=True, check=True
    ).stdout
    counted = [count_segments(text) for text in sample]
    assert json.loads(answers) == [
        [one.encoding, one.units, one.segments, one.remaining, len(find_costly_characters(text))]
        for one, text in zip(counted, sample, strict=True)
    ]
    assert {one.encoding for one in counted} == set(Encoding)


def _mostly(dice: random.Random) -> str:
    """An alphabet to draw from: plain, with extension characters, or with anything."""
    return dice.choice((GSM_BASIC, GSM_BASIC[16:] + GSM_EXTENSION * 3, ALPHABET))


@given(texts.filter(lambda text: text and "\x1b" not in text))
def test_another_library_counts_alike(text: str) -> None:
    """But for no text and a bare escape character, which smsutil counts in the other alphabet."""
    split, counted = smsutil.split(text), count_segments(text)
    assert len(split.parts) == counted.segments
    assert (split.encoding == "gsm0338") == (counted.encoding is Encoding.GSM_7)
