"""The phone system simulator over real HTTP, with a receiver that stands for the console."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook

from calls.simulators.app import make_app
from calls.simulators.config import PhoneSystemConfig
from integrations.simulators.server import RunningServer, run_in_thread
from tests.factories import SIGNING_SECRET


class Receiver:
    """Keeps what was posted to it and answers the prepared statuses, then 202."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append((headers, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 202)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
                """Stay quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/calls/key/"

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.received]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


@pytest.fixture
def phones(receiver: Receiver) -> Iterator[RunningServer]:
    config = PhoneSystemConfig(
        hook_url=receiver.url, secret=SIGNING_SECRET, seed=7, retry_delays=(0.01, 0.01, 0.01)
    )
    with run_in_thread(make_app(config)) as server:
        yield server


def act(phones: RunningServer, name: str, **arguments: Any) -> Any:
    answer = requests.post(f"{phones.url}/_sim/actions/{name}", json=arguments, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def list_records(phones: RunningServer, name: str, **filters: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{phones.url}/_sim/records/{name}", params=filters, timeout=5)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 5 s"
        time.sleep(0.01)


def place_inbound(phones: RunningServer, **arguments: Any) -> str:
    placed = act(phones, "place-call", **{"from": "+14155550142", "to": "201"}, **arguments)
    return str(placed["call_key"])


def test_what_it_sends_is_accepted_by_the_standard_webhooks_library(
    phones: RunningServer, receiver: Receiver
) -> None:
    place_inbound(phones)
    wait_for(lambda: receiver.received)
    headers, body = receiver.received[0]
    event = Webhook(SIGNING_SECRET).verify(body, headers)
    assert (event["type"], event["call_key"]) == ("call.ringing", "call-7-0001")
    assert headers["webhook-id"] == "evt-7-000001"


def test_a_call_is_reported_in_the_order_in_which_it_happened(
    phones: RunningServer, receiver: Receiver
) -> None:
    call = place_inbound(phones)
    act(phones, "answer", call=call)
    act(phones, "hold", call=call)
    act(phones, "resume", call=call)
    act(phones, "hangup", call=call)
    wait_for(lambda: len(receiver.received) == 5)
    assert [json.loads(body)["type"].split(".")[1] for _, body in receiver.received] == [
        "ringing",
        "answered",
        "held",
        "resumed",
        "ended",
    ]


def test_a_refused_event_comes_again_under_the_same_id_and_signed_anew(
    phones: RunningServer, receiver: Receiver
) -> None:
    receiver.statuses = [503, 500]
    place_inbound(phones)
    wait_for(lambda: list_records(phones, "deliveries", state="delivered"))
    assert receiver.ids == ["evt-7-000001"] * 3
    (delivery,) = list_records(phones, "deliveries")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [503, 500, 202]
    for headers, body in receiver.received:
        Webhook(SIGNING_SECRET).verify(body, headers)


def test_a_console_that_is_away_gets_the_event_once_it_is_back(
    phones: RunningServer, receiver: Receiver
) -> None:
    act(phones, "point-at", hook_url="http://127.0.0.1:9/", secret=SIGNING_SECRET)
    place_inbound(phones)
    wait_for(lambda: list_records(phones, "deliveries")[0]["attempts"])
    act(phones, "point-at", hook_url=receiver.url, secret=SIGNING_SECRET)
    wait_for(lambda: receiver.received or list_records(phones, "deliveries", state="given up"))
    (delivery,) = list_records(phones, "deliveries")
    assert delivery["attempts"][0]["status"] is None
    assert "refused" in delivery["attempts"][0]["answer"]


def test_an_event_is_given_up_after_the_last_attempt(
    phones: RunningServer, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 9
    place_inbound(phones)
    wait_for(lambda: list_records(phones, "deliveries", state="given up"))
    assert len(receiver.received) == 4


def test_replay_sends_the_same_id_and_body_once_more(
    phones: RunningServer, receiver: Receiver
) -> None:
    place_inbound(phones)
    wait_for(lambda: receiver.received)
    act(phones, "replay", webhook_id="evt-7-000001")
    wait_for(lambda: len(receiver.received) == 2)
    assert receiver.ids == ["evt-7-000001"] * 2
    assert receiver.received[0][1] == receiver.received[1][1]


def test_anything_at_all_can_be_sent_for_tests_of_bad_input(
    phones: RunningServer, receiver: Receiver
) -> None:
    receiver.statuses = [400]
    act(phones, "send-raw", body="not json", headers={"webhook-signature": ""})
    wait_for(lambda: list_records(phones, "deliveries", state="given up"))
    headers, body = receiver.received[0]
    assert body == b"not json"
    assert "webhook-signature" not in headers
    assert len(receiver.received) == 1


def test_a_sender_can_be_told_to_repeat_itself(phones: RunningServer, receiver: Receiver) -> None:
    act(phones, "misbehave", duplicate=1)
    place_inbound(phones)
    wait_for(lambda: len(receiver.received) == 2)
    assert receiver.ids == ["evt-7-000001"] * 2


def test_a_sender_can_be_told_to_be_late(phones: RunningServer, receiver: Receiver) -> None:
    act(phones, "misbehave", late=1, late_seconds=0.15)
    call = place_inbound(phones)
    act(phones, "misbehave")
    act(phones, "answer", call=call)
    wait_for(lambda: len(receiver.received) == 2)
    assert receiver.ids == ["evt-7-000002", "evt-7-000001"]


def test_a_whole_call_of_the_past_is_played_in_one_go(
    phones: RunningServer, receiver: Receiver
) -> None:
    steps = [{"do": "answer", "after": 8}, {"do": "hangup", "after": 95}]
    played = act(
        phones,
        "play",
        **{"from": "+14155550142", "to": "201", "at": "2026-11-16T09:00:00+00:00", "steps": steps},
    )
    assert played["legs"][0]["answered_at"] == "2026-11-16T09:00:08.000Z"
    assert played["legs"][0]["ended_at"] == "2026-11-16T09:01:35.000Z"
    wait_for(lambda: len(receiver.received) == 3)


def test_reset_begins_the_ids_anew(phones: RunningServer, receiver: Receiver) -> None:
    first = place_inbound(phones)
    wait_for(lambda: receiver.received)
    assert requests.post(f"{phones.url}/_sim/reset", timeout=5).status_code == 204
    assert list_records(phones, "calls") == []
    assert place_inbound(phones) == first


@pytest.mark.parametrize(
    ("action", "arguments", "reason"),
    [
        ("place-call", {"from": "+14155550142"}, "to is missing"),
        ("place-call", {"from": "1", "to": "2"}, "neither"),
        ("answer", {"call": "call-7-0099"}, "no such call"),
        ("transfer", {"call": "call-7-0001", "kind": "warm"}, "nobody can"),
        ("place-call", {"from": "1", "to": "201", "at": "2026-11-16T09:00:00"}, "offset"),
        ("place-call", {"from": "1", "to": "201", "at": "noon"}, "isoformat"),
        ("misbehave", {"rudeness": 1}, "rudeness"),
        ("replay", {"webhook_id": "evt-0"}, "no such delivery"),
    ],
)
def test_a_request_that_makes_no_sense_is_explained(
    phones: RunningServer, action: str, arguments: dict[str, Any], reason: str
) -> None:
    place_inbound(phones)
    answer = requests.post(f"{phones.url}/_sim/actions/{action}", json=arguments, timeout=5)
    assert answer.status_code in (400, 404)
    assert reason in answer.json()["error"]


def test_a_person_can_play_the_office_on_the_page(
    phones: RunningServer, receiver: Receiver
) -> None:
    form = {"from": "+1 415 555 0142", "to": "600", "caller_name": "<b>Ada</b>"}
    page = requests.post(f"{phones.url}/calls", data=form, timeout=5)
    assert page.status_code == 200
    assert "Answer 201" in page.text
    address = f"{phones.url}/calls/call-7-0001"
    page = requests.post(f"{address}/answer", data={"extension": "202"}, timeout=5)
    assert "Hold 202" in page.text
    page = requests.post(f"{address}/consult", data={"to": "203"}, timeout=5)
    assert "(consulted)" in page.text
    page = requests.post(f"{address}/answer", data={"extension": "203"}, timeout=5)
    assert "Complete the transfer" in page.text
    page = requests.post(f"{address}/transfer", data={"kind": "attended"}, timeout=5)
    assert "Hold 203" in page.text
    page = requests.post(f"{address}/hangup", timeout=5)
    assert "Hang up" not in page.text
    assert "<b>Ada</b>" not in page.text


def test_the_page_says_why_something_is_not_possible(phones: RunningServer) -> None:
    page = requests.post(f"{phones.url}/calls", data={"from": "<i>1", "to": "2"}, timeout=5)
    assert page.status_code == 400
    assert "neither" in page.text
    assert "<i>" not in page.text


def test_it_knows_nothing_of_django() -> None:
    script = "import sys, calls.simulators.app; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
