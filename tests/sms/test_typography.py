"""What stands for a typographic character: plain, shorter in money, and the same in the browser."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.segments import GSM_BASIC, GSM_EXTENSION, Encoding, count_segments
from sms.typography import REPLACEMENTS, replace_typography, suggest_replacement

_PLAIN = set(GSM_BASIC + GSM_EXTENSION)


def test_every_replacement_is_plain_and_stands_for_what_is_not() -> None:
    assert {one for one in REPLACEMENTS if one in _PLAIN} == set()
    assert {one for one in REPLACEMENTS if unicodedata.normalize("NFC", one) != one} == set()
    assert {plain for plain in REPLACEMENTS.values() if not set(plain) <= _PLAIN} == set()


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("don’t", "don't"),
        ("“Hi” – it’s … new", '"Hi" - it\'s ... new'),
        ("20\u00a0€", "20 €"),
        ("• one", "- one"),
        ("ＡＢＣ１２３", "ABC123"),
        ("zero\u200bwidth", "zerowidth"),
        ("`code`", "'code'"),
    ],
)
def test_typography_becomes_plain(typed: str, plain: str) -> None:
    assert replace_typography(typed) == plain
    assert count_segments(plain).encoding is Encoding.GSM_7


@pytest.mark.parametrize("letter", [*"áçşжα漢", "😀", "\u200d"])
def test_letters_and_emoji_are_left_alone(letter: str) -> None:
    assert suggest_replacement(letter) is None
    assert replace_typography(letter) == letter


@given(st.text(alphabet=st.sampled_from([*REPLACEMENTS, *GSM_BASIC, *GSM_EXTENSION])))
def test_a_text_of_typography_alone_becomes_regular(text: str) -> None:
    plain = replace_typography(text)
    assert count_segments(plain).encoding is Encoding.GSM_7
    assert replace_typography(plain) == plain
