"""Requests that may come again: one effect for one key, and the first answer for every repeat."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from integrations.api.idempotency import KeyReused, answer_once
from integrations.models import ApiAnswer, Team, Workspace
from integrations.retention import prune
from integrations.tenancy import workspace_scope
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db


def _post(body: dict[str, Any], key: str | None = None, path: str = "/api/v1/teams/") -> Request:
    headers = {} if key is None else {"Idempotency-Key": key}
    bare = APIRequestFactory().post(path, body, format="json", headers=headers)
    return Request(bare, parsers=[JSONParser()])


def _make_team(workspace: Workspace, name: str = "North") -> Callable[[], Response]:
    def carry_out() -> Response:
        team = Team.objects.create(workspace=workspace, name=f"{name} {Team.objects.count()}")
        return Response({"id": team.pk}, status=201)

    return carry_out


def test_a_repeat_has_no_second_effect_and_the_first_answer() -> None:
    acme = make_workspace()
    with workspace_scope(acme):
        first = answer_once(_post({"a": 1, "b": 2}, "order-7"), _make_team(acme))
        # The same in another order is the same; so is the key in the body.
        again = answer_once(_post({"b": 2, "a": 1}, "order-7"), _make_team(acme))
        third = answer_once(_post({"a": 1, "b": 2}), _make_team(acme), key="order-7")
        assert [each.status_code for each in (first, again, third)] == [201] * 3
        assert first.data == again.data == third.data
        assert "Idempotent-Replayed" not in first
        assert again["Idempotent-Replayed"] == "true"
        assert Team.objects.count() == 1


def test_another_request_under_the_same_key_is_refused() -> None:
    acme = make_workspace()
    with workspace_scope(acme):
        answer_once(_post({"a": 1}, "order-7"), _make_team(acme))
        for other in (_post({"a": 2}, "order-7"), _post({"a": 1}, "order-7", "/api/v1/others/")):
            with pytest.raises(KeyReused):
                answer_once(other, _make_team(acme))
        assert Team.objects.count() == 1


def test_keys_belong_to_one_workspace_and_requests_without_one_are_new_each_time() -> None:
    for workspace in (make_workspace(), make_workspace("Globex")):
        with workspace_scope(workspace):
            for key in ("order-7", None, None):
                answer_once(_post({}, key), _make_team(workspace))
            assert Team.objects.count() == 3


def test_what_was_refused_may_be_sent_again_under_its_key() -> None:
    acme = make_workspace()

    def refuse() -> Response:
        Team.objects.create(workspace=acme, name="Half done")
        raise ValidationError({"to": "Not a number."})

    with workspace_scope(acme):
        with pytest.raises(ValidationError):
            answer_once(_post({"to": "x"}, "order-7"), refuse)
        assert not Team.objects.exists()
        assert answer_once(_post({"to": "y"}, "order-7"), _make_team(acme)).status_code == 201


@pytest.mark.parametrize("key", ["k" * 121, "tab\tin it"])
def test_a_key_that_cannot_be_kept_is_refused(key: str) -> None:
    acme = make_workspace()
    with workspace_scope(acme), pytest.raises(ValidationError):
        answer_once(_post({}, key), _make_team(acme))


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_time_have_one_effect() -> None:
    acme = make_workspace()
    answers: list[Response] = []
    together = threading.Barrier(4)

    def ask() -> None:
        try:
            with workspace_scope(acme):
                together.wait()
                answers.append(answer_once(_post({"a": 1}, "order-7"), _make_team(acme)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.data["id"] for answer in answers}) == 1
    assert len(answers) == 4
    with workspace_scope(acme):
        assert Team.objects.count() == 1


def test_keys_are_kept_for_400_days() -> None:
    acme = make_workspace()
    with workspace_scope(acme):
        answer_once(_post({}, "order-7"), _make_team(acme))
        for days, left in ((399, 1), (401, 0)):
            ApiAnswer.objects.update(created_at=timezone.now() - timedelta(days=days))
            prune()
            assert ApiAnswer.objects.count() == left
