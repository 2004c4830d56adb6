"""Faults as a client meets them."""

import time

import pytest
import requests

from tests.integrations.simulators.org_client import OrgClient


def _create(org: OrgClient) -> requests.Response:
    return org.create("Task", Subject="Faulty")


def _subjects(org: OrgClient) -> int:
    return len(org.records("Task", Subject="Faulty"))


def test_before_drops_the_connection_and_does_nothing(org: OrgClient) -> None:
    org.break_next(fault="before", times=1)
    with pytest.raises(requests.ConnectionError, match="RemoteDisconnected"):
        _create(org)
    assert _subjects(org) == 0
    assert _create(org).status_code == 201


def test_after_carries_out_and_loses_the_answer(org: OrgClient) -> None:
    org.break_next(fault="after", method="POST", path="/sobjects/Task$", times=1)
    with pytest.raises(requests.ConnectionError, match="RemoteDisconnected"):
        _create(org)
    assert _subjects(org) == 1
    (line,) = [one for one in org.log() if one["fault"]]
    assert (line["status"], line["carried_out"], line["api_requests"]) == (None, 201, 1)


def test_late_loses_the_answer_at_once_and_carries_out_afterwards(org: OrgClient) -> None:
    org.break_next(fault="late", seconds=0.2, times=1)
    with pytest.raises(requests.ConnectionError):
        _create(org)
    assert _subjects(org) == 0
    deadline = time.monotonic() + 3
    while _subjects(org) == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _subjects(org) == 1


def test_reset_forgets_what_was_to_come_late(org: OrgClient) -> None:
    org.break_next(fault="late", seconds=0.05, times=1)
    with pytest.raises(requests.ConnectionError):
        _create(org)
    org.control("POST", "reset")
    time.sleep(0.1)
    assert _subjects(org) == 0


def test_delay_carries_out_at_once_and_answers_later(org: OrgClient) -> None:
    org.break_next(fault="delay", seconds=0.2, times=2)
    started = time.monotonic()
    assert _create(org).status_code == 201
    assert time.monotonic() - started >= 0.2
    with pytest.raises(requests.ReadTimeout):
        org.session.post(f"{org.data}/sobjects/Task", json={"Subject": "Faulty"}, timeout=0.05)
    assert _subjects(org) == 2


def test_cut_sends_headers_and_half_of_the_body(org: OrgClient) -> None:
    org.break_next(fault="cut", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        _create(org)
    assert _subjects(org) == 1


def test_status_answers_without_carrying_out(org: OrgClient) -> None:
    org.break_next(fault="status", status=503, body="<html>maintenance</html>", times=1)
    answer = _create(org)
    assert (answer.status_code, answer.text) == (503, "<html>maintenance</html>")
    assert answer.headers["content-type"].startswith("text/html")
    error = [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain access"}]
    org.break_next(fault="status", status=429, body=error, headers={"Retry-After": "3"}, times=1)
    answer = _create(org)
    assert (answer.status_code, answer.json()) == (429, error)
    assert answer.headers["retry-after"] == "3"
    assert _subjects(org) == 0


def test_faults_match_by_method_and_path_and_are_used_up(org: OrgClient) -> None:
    org.break_next(fault="status", method="post", path="/sobjects/Event$", times=1)
    assert _create(org).status_code == 201
    assert org.create("Event").status_code == 503
    assert org.create("Event").status_code == 400
    assert org.control("GET", "faults").json()[0]["hits"] == 1


def test_a_share_strikes_about_as_often_and_repeatably(org: OrgClient) -> None:
    def statuses() -> list[int]:
        org.control("DELETE", "faults")
        org.break_next(fault="status", path="limits", share=0.2)
        return [org.call("GET", "limits").status_code for _ in range(60)]

    first = statuses()
    assert 3 <= first.count(503) <= 25
    assert statuses() == first


def test_lifting_faults_ends_them(org: OrgClient) -> None:
    org.break_next(fault="before")
    assert org.control("DELETE", "faults").status_code == 204
    assert _create(org).status_code == 201


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"fault": "explode"}, "fault must be one of"),
        ({"fault": "before", "path": "("}, "unterminated subpattern"),
        ({"fault": "before", "times": 1, "share": 0.5}, "exclude each other"),
        ({"fault": "before", "tims": 1}, "unknown keys: tims"),
        ({"fault": "before", "times": "soon"}, "invalid literal"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(
    org: OrgClient, fault: dict[str, object], reason: str
) -> None:
    answer = org.control("POST", "faults", json=fault)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]


def test_controls_are_never_broken_or_logged(org: OrgClient) -> None:
    org.break_next(fault="before")
    assert org.control("GET", "faults").status_code == 200
    assert org.log() == []
