"""Why a call has no record: one of a fixed set of causes, with what to do about it (CRC-78)."""

from typing import Any

import pytest
from django.test import Client

from calls.explanation import NO_RECORD_CAUSES
from calls.models import Call
from integrations.api_keys import make_key
from integrations.api_scopes import ApiScope
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_member
from tests.features.company import SECOND_AGENT, Company


def told(company: Company, call: Call) -> str:
    """What the API says about a call."""
    with workspace_scope(company.workspace):
        _, key = make_key(make_member(company.workspace), "Why", [ApiScope.READ_CALLS])
    answer = Client().get(f"/api/v1/calls/{call.pk}/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    return str(answer.json()["noRecordBecause"])


@pytest.mark.feature("CRC-66", "CRC-78", "PLUS-04")
@pytest.mark.parametrize(
    ("options", "number", "cause", "words"),
    [
        ({"activity_history": False}, seed.ONE_CONTACT_NUMBER, "activity_history_off", "An admin"),
        ({"log_without_panel": False}, seed.ONE_CONTACT_NUMBER, "no_panel", "Open the softphone"),
        ({"save_internal_calls": False}, "202", "internal_calls_not_saved", "An admin can switch"),
        ({}, seed.ONE_CONTACT_NUMBER, "", "The whole call"),
    ],
)
def test_the_first_precondition_that_failed_is_named(
    company: Company, options: dict[str, Any], number: str, cause: str, words: str
) -> None:
    company.hire_user("202", SECOND_AGENT)
    company.choose(**options)
    call = company.take(number)

    assert told(company, call) == cause
    assert bool(company.tasks()) is (cause == "")
    assert words in company.page_of(call)
    assert cause in {"", *NO_RECORD_CAUSES.values()}


@pytest.mark.feature("CRC-78")
def test_a_call_that_nobody_answered_names_its_cause(company: Company) -> None:
    company.choose(record_unanswered="none")
    missed = company.call(seed.ONE_CONTACT_NUMBER)
    missed.send("ringing", 0)
    missed.send("ended", 20, ended_at=20, end_cause="no_answer")

    assert told(company, company.work(missed)) == "not_answered"
