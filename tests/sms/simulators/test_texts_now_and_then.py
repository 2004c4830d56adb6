"""Texts that handsets write by themselves, over real HTTP; their seconds are made short."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from integrations.simulators.server import RunningServer, run_in_thread
from sms.keywords import SUGGESTED_STOP_WORDS, Keywords, Wish
from sms.simulators.app import make_app
from sms.simulators.config import SmsConfig
from sms.simulators.now_and_then import OPENINGS, find_answers

HANDSETS = ["+14155550142", "+14155550143"]
SENDER = "+14155550170"
ASKED = ("It is ready.", "When may I call?", "Our open house is on Friday.", "Really?", "Fine.")
CONFIG = SmsConfig(seed=7, delay_seconds=0, pauses=(0.005, 0.01), answer_pauses=(0.001, 0.002))


@pytest.fixture
def handsets() -> Iterator[RunningServer]:
    with run_in_thread(make_app(CONFIG)) as server:
        yield server


def act(server: RunningServer, **arguments: Any) -> requests.Response:
    return requests.post(f"{server.url}/_sim/actions/now-and-then", json=arguments, timeout=5)


def texts(server: RunningServer, **filters: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{server.url}/_sim/records/messages", params=filters, timeout=5)
    return list(answer.json())


def send(server: RunningServer, to: str, text: str) -> None:
    body = {"from": SENDER[1:], "to": to[1:], "text": text, "type": "GSM"}
    headers = {"X-Mitto-API-Key": CONFIG.product_key}
    answer = requests.post(f"{server.url}/sms", json=body, headers=headers, timeout=5)
    assert answer.json()["responseCode"] == 0


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 5 s"
        time.sleep(0.01)


def test_known_people_write_until_it_is_switched_off(handsets: RunningServer) -> None:
    told = act(handsets, on=True, handsets=HANDSETS, to=SENDER).json()
    assert told == {"on": True, "handsets": 2}
    wait_for(lambda: len(texts(handsets)) > 12)
    assert act(handsets, on=False).json()["on"] is False
    written = texts(handsets)
    assert {one["handset"] for one in written} == set(HANDSETS)
    assert {(one["direction"], one["our_number"]) for one in written} == {("inbound", SENDER)}
    assert {one["text"] for one in written} <= set(OPENINGS)
    time.sleep(0.05)
    assert len(texts(handsets)) == len(written)


def test_they_answer_most_texts_and_nobody_else_does(handsets: RunningServer) -> None:
    slow = SmsConfig(seed=7, delay_seconds=0, pauses=(60, 60), answer_pauses=(0, 0))
    with run_in_thread(make_app(slow)) as quiet:
        send(quiet, HANDSETS[0], "Your order is ready.")
        act(quiet, on=True, handsets=HANDSETS, to=SENDER)
        for _ in range(12):
            send(quiet, HANDSETS[0], "Your order is ready.")
            send(quiet, "+14155550101", "Your order is ready.")
            send(quiet, HANDSETS[1], "Acme: you are unsubscribed.")
        wait_for(lambda: len(texts(quiet, direction="inbound")) >= 6)
        time.sleep(0.05)
        answers = texts(quiet, direction="inbound")
    assert {one["handset"] for one in answers} == {HANDSETS[0]}
    assert 6 <= len(answers) <= 12
    assert {one["text"] for one in answers} <= set(find_answers("Your order is ready."))


def test_nobody_opts_out_or_in_by_themselves() -> None:
    said = {*OPENINGS, *(answer for words in ASKED for answer in find_answers(words))}
    assert len(said) > len(OPENINGS) + 8
    keywords = Keywords(SUGGESTED_STOP_WORDS)
    for words in said:
        assert keywords.understand(words, is_opted_out=True).wish is Wish.NONE, words


def test_the_page_has_a_switch_as_soon_as_somebody_would_write(handsets: RunningServer) -> None:
    assert "now and then" not in requests.get(handsets.url, timeout=5).text
    act(handsets, on=False, handsets=HANDSETS, to=SENDER)
    assert "Let people write now and then" in requests.get(handsets.url, timeout=5).text
    switched = requests.post(f"{handsets.url}/now-and-then", data={"on": "yes"}, timeout=5)
    assert "Stop that" in switched.text
    wait_for(lambda: texts(handsets))
    requests.post(f"{handsets.url}/_sim/reset", timeout=5)
    assert "Let people write now and then" in requests.get(handsets.url, timeout=5).text


def test_nobody_can_write_without_handsets(handsets: RunningServer) -> None:
    refused = act(handsets, on=True)
    assert refused.status_code == 400
    assert "name handsets" in refused.json()["error"]
    pressed = requests.post(f"{handsets.url}/now-and-then", data={"on": "yes"}, timeout=5)
    assert pressed.status_code == 400
    assert "name handsets" in pressed.text


def test_a_hushed_gateway_takes_texts_and_says_nothing(handsets: RunningServer) -> None:
    with run_in_thread(make_app(SmsConfig(is_hushed=True, delay_seconds=0))) as hushed:
        send(hushed, HANDSETS[0], "Hello")
        time.sleep(0.05)
        assert [one["reports"] for one in texts(hushed)] == [[]]
