"""Each error of Salesforce in plain words, from a body as it stands on the wire (PLUS-09)."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from integrations.errors import PatchbayError
from integrations.salesforce.answers import read_answer, read_results
from integrations.salesforce.errors import ERROR_RULES, Verdict, classify
from integrations.salesforce.remedies import CAUSES, as_sentence, remedy_for

#: Code → status and body, in the shapes of salesforce.md 5.1: an answer to a collections request of
#: one record, or to the whole request.
BODIES: dict[str, Any] = json.loads((Path(__file__).parent / "error_bodies.json").read_text())


def arrive(code: str) -> tuple[str, str]:
    """What the client makes of the fixture: code and text."""
    response = requests.Response()
    response.status_code = BODIES[code]["status"]
    response._content = json.dumps(BODIES[code]["body"]).encode()
    response.url = "https://acme.my.salesforce.com/services/data/v51.0/composite/sobjects"
    try:
        (result,) = read_results(read_answer(response, is_write=True), count=1)
    except PatchbayError as error:
        return error.code, error.message
    return result.error_code, result.error_message


def test_there_are_forty_and_more() -> None:
    assert len(BODIES) >= 40


@pytest.mark.parametrize("code", BODIES)
def test_an_error_from_the_wire_is_told_with_cause_own_words_and_what_to_do(code: str) -> None:
    arrived, message = arrive(code)
    remedy = remedy_for(arrived, message)

    assert arrived == code
    assert remedy.happened == f"{CAUSES[code]} Salesforce said: {as_sentence(message)}"
    assert remedy.to_do.endswith((".", ")."))
    if classify(arrived, message) in (Verdict.TARGET_GONE, Verdict.LIMIT, Verdict.INACTIVE_OWNER):
        assert remedy.going_on


def test_every_error_that_the_client_knows_has_a_cause_and_a_remedy() -> None:
    assert set(ERROR_RULES) - set(CAUSES) == set()
    assert [code for code in ERROR_RULES if not remedy_for(code).to_do] == []


def test_an_error_that_nobody_knows_is_shown_in_salesforces_own_words() -> None:
    remedy = remedy_for("NEW_IN_THE_NEXT_RELEASE", "The flux “Ñ” is <not> aligned.")

    assert remedy.happened == "Salesforce did not take it: The flux “Ñ” is <not> aligned."
    assert (remedy.going_on, remedy.to_do) == ("", "")


def test_what_nobody_can_find_out_any_more_says_where_to_look() -> None:
    assert "Look in Salesforce" in remedy_for("SENDER_DISCONNECTED", "The answer was lost.").to_do
