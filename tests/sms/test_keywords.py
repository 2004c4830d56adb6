"""Replies that stop, start, ask for help, or only look like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.keywords import SUGGESTED_STOP_WORDS, Keywords, Wish, fold

keywords = Keywords(SUGGESTED_STOP_WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "“STOP”",
        "stop!!! 🛑",
        "Stop. Thank you",
        "stop texting me please",
        "STOPALL",
        "stop all",
        "opt-out",
        "Opt Out",
        "optout",
        "ＳＴＯＰ",
        "ſtop",
        "s t o p",
        "STOP\u200b",
        "İptal",
        "ıptal",
        "стоп",
        "Arrêt",
        "ΣΤΟΠ",
        "στοπ",
        "No más",
        "unsubscribe",
    ],
)
def test_a_stop_word_with_nothing_but_courtesy_stops(text: str) -> None:
    assert keywords.understand(text).wish is Wish.STOP


@pytest.mark.parametrize(
    "text",
    [
        "We have got to STOP this bill",
        "STOP 12345",
        "stop by tomorrow at five",
        "please do not cancel my appointment",
        "is this the end?",
    ],
)
def test_a_stop_word_inside_other_text_is_only_a_suggestion(text: str) -> None:
    assert keywords.understand(text).wish is Wish.PERHAPS_STOP


@pytest.mark.parametrize("text", ["", "…", "stopwatch", "unstoppable", "Thanks!", "ok", "👍", "1"])
def test_other_replies_ask_for_nothing(text: str) -> None:
    assert keywords.understand(text).wish is Wish.NONE


def test_yes_means_start_only_where_the_person_is_opted_out() -> None:
    assert keywords.understand("Yes!").wish is Wish.NONE
    assert keywords.understand("Yes!", is_opted_out=True).wish is Wish.START
    assert keywords.understand("start").wish is Wish.START
    assert keywords.understand("UNSTOP").wish is Wish.START


def test_help_asks_for_help() -> None:
    assert keywords.understand("Help?").wish is Wish.HELP


def test_the_keyword_is_told_as_the_workspace_wrote_it() -> None:
    own = Keywords(["Genug Jetzt"])
    assert own.understand("genug-jetzt!").keyword == "Genug Jetzt"
    assert own.understand("das ist genug jetzt, oder").keyword == "Genug Jetzt"


def test_without_keywords_nothing_ever_stops() -> None:
    assert Keywords([]).understand("STOP").wish is Wish.NONE
    assert Keywords(["", "!!"]).understand("STOP").wish is Wish.NONE


@given(st.sampled_from(SUGGESTED_STOP_WORDS), st.booleans())
def test_case_never_matters(word: str, upper: bool) -> None:
    assert keywords.understand(word.upper() if upper else word.lower()).wish is Wish.STOP


@given(st.text(max_size=200))
def test_any_text_is_understood_and_folding_is_stable(text: str) -> None:
    assert keywords.understand(text).wish in Wish
    assert fold(fold(text)) == fold(text)
