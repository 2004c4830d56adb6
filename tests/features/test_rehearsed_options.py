"""What the options page foretells is what other options really do (PLUS-02)."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from calls.models import Call
from integrations import inbox
from integrations.models import CrmWrite
from integrations.options import active_options
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_member
from tests.features.company import Company

CALLS = 500
NUMBERS = (
    seed.ONE_CONTACT_NUMBER,
    seed.TWO_CONTACTS_NUMBER,
    seed.NOBODY_NUMBER,
    seed.CONTACT_ACCOUNT_LEAD_NUMBER,
    "202",
)
MORNING = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=9)
#: The options of both days: with the second some records appear, some change, some vanish.
BEFORE = {"record_unanswered": "none", "save_internal_calls": True, "multi_match": "ask"}
AFTER = {"record_unanswered": "one", "save_internal_calls": False, "multi_match": "precedence"}


def recorded_day(name: str) -> Iterator[dict[str, Any]]:
    """One event a call, as if all before it had been lost: the last snapshot tells everything."""
    for number in range(CALLS):
        started_at = MORNING + timedelta(minutes=number)
        known: dict[str, Any] = {"answered_at": started_at + timedelta(seconds=5)}
        if number % 7 == 0:
            known = {"end_cause": "no_answer"}
        known |= {"started_at": started_at, "ended_at": started_at + timedelta(seconds=65)}
        yield {
            "type": "call.ended",
            "occurred_at": known["ended_at"].isoformat(),
            "call_key": f"{name}-{number}",
            "leg_key": "leg-1",
            "data": {
                "direction": "outbound" if number % 3 == 0 else "inbound",
                "external_raw": NUMBERS[number % len(NUMBERS)],
                "extension": "201",
            }
            | {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in known.items()
            },
        }


def live_through(company: Company, name: str, **options: Any) -> dict[str, dict[str, Any]]:
    """The day under these options; by number of the call what stands in Salesforce of it."""
    company.choose(**options)
    with workspace_scope(company.workspace):
        for payload in recorded_day(name):
            body = json.dumps(payload).encode()
            key = payload["call_key"]
            inbox.receive(company.phone_system, handler="calls", dedupe_key=key, body=body)
    calls = Call.unscoped.filter(call_key__startswith=f"{name}-")
    while calls.filter(planned_version__gt=0).count() < CALLS:
        company.work_on_what_arrived()
    company.file()
    keys = dict(calls.values_list("pk", "call_key"))
    writes = CrmWrite.unscoped.filter(subject_id__in=keys)
    assert {write.state for write in writes} == {"done"}
    return {
        keys[write.subject_id or 0].removeprefix(f"{name}-"): dict(write.fields) for write in writes
    }


@pytest.mark.feature("PLUS-02")
def test_the_predicted_difference_is_that_of_a_day_really_lived_twice(company: Company) -> None:
    now = live_through(company, "today", **BEFORE)
    review = _review(company, AFTER)
    [rehearsal] = review.context["rehearsals"]

    other = live_through(company, "again", **AFTER)
    assert rehearsal.examined == CALLS
    assert rehearsal.appearing == len(other.keys() - now.keys()) > 0
    assert rehearsal.vanishing == len(now.keys() - other.keys()) > 0
    assert rehearsal.changing == sum(now[key] != other[key] for key in now.keys() & other) > 0
    assert rehearsal.requests == len(other) - len(now)
    told = " ".join(review.content.decode().split())
    assert f"writes to Salesforce fewer in {rehearsal.days} days" in told


def _review(company: Company, wanted: Mapping[str, Any]) -> Any:
    """Look at what saving these options would do."""
    client = Client()
    client.force_login(make_member(company.workspace).user)
    with workspace_scope(company.workspace):
        options = active_options()
    page = f"/w/{company.workspace.slug}/salesforce/options/review/"
    switches = {
        key: value
        for key, value in {**options.values, **wanted}.items()
        if value is not False and not isinstance(value, list)
    }
    offered = {"offered": list(wanted), "based_on": options.number}
    answer = client.post(page, {**{k: switches[k] for k in wanted if k in switches}, **offered})
    assert answer.status_code == 200, answer.content
    return answer
