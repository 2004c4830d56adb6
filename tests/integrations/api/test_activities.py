"""Reporting activities: what is taken on, what is refused, and for how long it is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.api_keys import make_key
from integrations.api_scopes import ApiScope
from integrations.models import ReportedActivity, Workspace
from integrations.retention import prune
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db

MEETING = {
    "kind": "meeting_confirmed",
    "email": "ana@fern.test",
    "startsAt": "2026-11-23T10:00:00Z",
    "endsAt": "2026-11-23T10:30:00Z",
}


@pytest.fixture
def acme() -> Workspace:
    return make_workspace()


def key_of(workspace: Workspace, *scopes: ApiScope) -> str:
    with workspace_scope(workspace):
        return make_key(make_member(workspace), "Mailer", scopes or list(ApiScope))[1]


def report(key: str, **body: Any) -> tuple[int, dict[str, Any]]:
    response = Client().post(
        "/api/v1/activities/",
        {"kind": "message_sent", "email": "ana@fern.test"} | body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}"},
    )
    return response.status_code, response.json()


def test_all_that_is_said_is_kept_before_the_answer(acme: Workspace) -> None:
    ben = make_member(acme)
    status, receipt = report(
        key_of(acme),
        **MEETING,
        subject="Demo",
        text="Bring slides",
        location="Room 4",
        phone="(415) 555-0101",
        name="Ana Fern",
        recordId="003000000000001AAA",
        relatedToId="006000000000001",
        memberEmail=str(ben.user.email).upper(),
    )
    activity = ReportedActivity.unscoped.get()
    assert (status, receipt) == (201, {"id": activity.pk, "state": "waiting"})
    assert (activity.workspace, activity.membership) == (acme, ben)
    assert (activity.person_email, activity.phone_e164) == ("ana@fern.test", "+14155550101")
    assert (activity.subject, activity.text, activity.location) == (
        "Demo",
        "Bring slides",
        "Room 4",
    )
    assert activity.ends_at is not None
    assert activity.reported_by is not None
    assert activity.reported_by.name == "Mailer"
    assert activity.plan_due_at is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "call"}, "kind"),
        ({"kind": "fax_shredded"}, "kind"),
        ({"email": "ana"}, "email"),
        ({"phone": "hello"}, "phone"),
        ({"recordId": "003"}, "recordId"),
        ({"recordId": "005000000000001AAA"}, "recordId"),
        ({"relatedToId": "003000000000001AAA"}, "relatedToId"),
        ({"recordId": "001000000000001", "relatedToId": "006000000000001"}, "relatedToId"),
        ({"email": ""}, "recordId"),
        ({"memberEmail": "nobody@fern.test"}, "memberEmail"),
        ({"occurredAt": "0001-01-01T00:00:00Z"}, "occurredAt"),
        ({"occurredAt": "yesterday"}, "occurredAt"),
        ({"startsAt": "2026-11-23T10:00:00Z"}, "startsAt"),
        (MEETING | {"endsAt": "2026-11-23T09:00:00Z"}, "endsAt"),
        (MEETING | {"endsAt": "2026-12-24T09:00:00Z"}, "endsAt"),
        ({"kind": "meeting_confirmed"}, "startsAt"),
        ({"text": "x" * 30_001}, "text"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_the_name_of_its_field(
    acme: Workspace, body: dict[str, Any], field: str
) -> None:
    status, problem = report(key_of(acme), **body)
    assert (status, [fault["name"] for fault in problem["faults"]]) == (400, [field])
    assert not ReportedActivity.unscoped.exists()


def test_a_member_of_another_workspace_is_nobody_here(acme: Workspace) -> None:
    stranger = make_member(make_workspace("Globex"))
    assert report(key_of(acme), memberEmail=stranger.user.email)[0] == 400


def test_reading_and_reporting_are_two_permissions_and_each_workspace_sees_its_own(
    acme: Workspace,
) -> None:
    assert report(key_of(acme, ApiScope.READ_ACTIVITIES))[0] == 403
    _, receipt = report(key_of(acme))
    readers = {
        200: key_of(acme, ApiScope.READ_ACTIVITIES),
        403: key_of(acme, ApiScope.REPORT_ACTIVITIES),
        404: key_of(make_workspace("Globex")),
    }
    for status, key in readers.items():
        address = f"/api/v1/activities/{receipt['id']}/"
        response = Client().get(address, headers={"Authorization": f"Bearer {key}"})
        assert response.status_code == status


def test_what_it_said_is_blanked_after_a_month_and_its_row_kept_for_400_days(
    acme: Workspace,
) -> None:
    report(key_of(acme), text="Bring slides")
    for days, left in ((29, ["Bring slides"]), (31, [""]), (401, [])):
        ReportedActivity.unscoped.update(created_at=timezone.now() - timedelta(days=days))
        prune()
        assert list(ReportedActivity.unscoped.values_list("text", flat=True)) == left
