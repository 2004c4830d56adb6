"""Calls that come by themselves, over real HTTP; their seconds are made short."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from calls.simulators.app import make_app
from calls.simulators.config import PhoneSystemConfig
from integrations.simulators.server import RunningServer, run_in_thread

CALLERS = [{"number": "+14155550142"}, {"number": "+14155550143", "name": "Mo Vale"}]


@pytest.fixture
def phones() -> Iterator[RunningServer]:
    with run_in_thread(make_app(PhoneSystemConfig(seed=7, tempo=0.0002))) as server:
        yield server


def act(phones: RunningServer, **arguments: Any) -> requests.Response:
    return requests.post(f"{phones.url}/_sim/actions/now-and-then", json=arguments, timeout=5)


def calls(phones: RunningServer) -> list[dict[str, Any]]:
    answer = requests.get(f"{phones.url}/_sim/records/calls", timeout=5)
    return list(answer.json())


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 5 s"
        time.sleep(0.01)


def over(phones: RunningServer) -> list[dict[str, Any]]:
    return [call for call in calls(phones) if call["is_over"]]


def test_known_people_call_one_after_the_other_until_it_is_switched_off(
    phones: RunningServer,
) -> None:
    assert act(phones, on=True, callers=CALLERS).json() == {"on": True, "callers": 2}
    wait_for(lambda: len(over(phones)) > 12)
    shown = calls(phones)
    assert sum(not call["is_over"] for call in shown) <= 1
    outside = {leg["external"] for call in shown for leg in call["legs"]} - {None}
    assert outside == {"+14155550142", "+14155550143"}
    assert {leg["extension"] for call in shown for leg in call["legs"]} == {"201", "202", "203"}

    act(phones, on=False)
    wait_for(lambda: len(over(phones)) == len(calls(phones)))
    count = len(calls(phones))
    page = requests.get(phones.url, timeout=5).text
    assert "Nobody calls unless you place a call." in page
    assert len(calls(phones)) == count


def test_the_page_has_a_switch_as_soon_as_somebody_would_call(phones: RunningServer) -> None:
    assert "now and then" not in requests.get(phones.url, timeout=5).text
    act(phones, on=False, callers=CALLERS)
    assert "Let people call now and then" in requests.get(phones.url, timeout=5).text
    switched = requests.post(f"{phones.url}/now-and-then", data={"on": "yes"}, timeout=5)
    assert "Stop that" in switched.text
    wait_for(lambda: over(phones))
    switched = requests.post(f"{phones.url}/now-and-then", data={"on": ""}, timeout=5)
    assert "Let people call now and then" in switched.text


def test_a_reset_ends_it_and_nobody_can_call_without_callers(phones: RunningServer) -> None:
    act(phones, on=True, callers=CALLERS)
    requests.post(f"{phones.url}/_sim/reset", timeout=5)
    assert act(phones, on=False).json()["on"] is False
    refused = act(phones, on=True, callers=[])
    assert refused.status_code == 400
    assert "name callers" in refused.json()["error"]
