"""The activity log: whose rows, how far back, how each stands, and trying again."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.addresses import console_url
from integrations.admin.write_stories import tell_story
from integrations.models import (
    AuditEntry,
    Connection,
    CrmWrite,
    CrmWriteAttempt,
    Membership,
    Workspace,
    WriteState,
)
from tests.factories import make_call, make_member, make_salesforce_connection, make_workspace

pytestmark = pytest.mark.django_db

_numbers = count(1)


@pytest.fixture
def acme(db: None) -> Workspace:
    workspace = make_workspace(default_region="US")
    make_salesforce_connection(workspace)
    return workspace


def make_write(owner: Membership, **fields: Any) -> CrmWrite:
    number = next(_numbers)
    values: dict[str, Any] = {
        "subject_kind": "call",
        "subject_id": number,
        "owner": owner,
        "connection": Connection.unscoped.get(workspace=owner.workspace, backend="salesforce"),
        "label": f"Inbound Call {number}",
        "phone_e164": "+14155550123",
        "feature": "activity_history",
        "target_key": f"call:{number}",
        "wire_key": f"pb-{number}",
        "operation": "create",
        "sobject": "Task",
        "fields": {"Subject": "Inbound Call"},
        "payload": {"Subject": "Inbound Call"},
    }
    if fields.get("state") == WriteState.DONE:
        values["salesforce_record_id"] = "00T000000000001AAA"
    return CrmWrite.unscoped.create(workspace=owner.workspace, **values | fields)


def client_of(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def address(write: CrmWrite, act: str = "change") -> str:
    return console_url(write.workspace, f"integrations_crmwrite_{act}", write.pk)


def listed(member: Membership, /, **query: str) -> str:
    response = client_of(member).get(
        console_url(member.workspace, "integrations_crmwrite_changelist"), query
    )
    assert response.status_code == 200
    return response.content.decode()


def page_of(member: Membership, write: CrmWrite) -> str:
    response = client_of(member).get(address(write))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", ["member", "call_agent", "call_manager", "marketer"])
def test_members_read_their_own_rows_only(acme: Workspace, role: str) -> None:
    member, other = make_member(acme, (role,)), make_member(acme, (role,))
    mine = make_write(member, label="Call with Ana")
    theirs = make_write(other, label="Call with Bo")

    text = listed(member)

    assert "Call with Ana" in text
    assert "Call with Bo" not in text
    assert "By member" not in text
    assert "Inbound Call" in page_of(member, mine)
    assert client_of(member).get(address(theirs)).status_code == 404


def test_admins_read_everybodys_rows_and_filter_by_member(acme: Workspace) -> None:
    admin, one, two = make_member(acme), make_member(acme, ()), make_member(acme, ())
    make_write(one, label="Call with Ana")
    make_write(two, label="Call with Bo")

    assert "Call with Ana" in listed(admin)
    assert "Call with Bo" in listed(admin)
    only_one = listed(admin, member=str(one.pk))
    assert "Call with Ana" in only_one
    assert "Call with Bo" not in only_one
    assert "Call with Ana" in listed(admin, member="nobody")


def test_the_log_reaches_back_fifteen_days(acme: Workspace) -> None:
    admin, now = make_member(acme), timezone.now()
    seen = make_write(admin, label="Young", created_at=now - timedelta(days=14, hours=23))
    gone = make_write(admin, label="Old", created_at=now - timedelta(days=15, hours=1))

    text = listed(admin)

    assert "Young" in text
    assert "Old" not in text
    assert client_of(admin).get(address(seen)).status_code == 200
    assert client_of(admin).get(address(gone)).status_code == 404


@pytest.mark.parametrize("state", list(WriteState))
def test_every_state_has_a_status_and_a_story(acme: Workspace, state: WriteState) -> None:
    admin = make_member(acme)
    write = make_write(admin, state=state)

    story = tell_story(write)

    assert story.happened
    assert write.activity_status in ("Not Synced", "Synced", "Errors")
    assert f">{write.activity_status}</span>" in page_of(admin, write)
    assert write.label in listed(admin, status=write.activity_status)
    others = {"Not Synced", "Synced", "Errors"} - {write.activity_status}
    assert all(write.label not in listed(admin, status=other) for other in others)


def test_tasks_and_events_can_be_told_apart(acme: Workspace) -> None:
    admin = make_member(acme)
    make_write(admin, label="A task")
    make_write(admin, label="An event", sobject="Event")

    text = listed(admin, type="Event")

    assert "An event" in text
    assert "A task" not in text


@pytest.mark.parametrize(
    "term",
    ["Ana", "ito", "(415) 555-0123", "+1 415 555", "00T000000000007", "00T000000000007AAA"],
)
def test_rows_are_found_by_name_number_and_record_id(acme: Workspace, term: str) -> None:
    admin = make_member(acme)
    make_write(admin, label="Call (Ana Ito)", salesforce_record_id="00T000000000007AAA")
    make_write(admin, label="Call (Bo Berg)", phone_e164="+12125550140")

    text = listed(admin, q=term)

    assert "Ana Ito" in text
    assert "Bo Berg" not in text


def test_a_kind_that_nobody_knows_does_not_crash_the_log(acme: Workspace) -> None:
    admin = make_member(acme)
    write = make_write(admin, subject_kind="fax", activity="fax_shredded")

    assert "Fax shredded" in listed(admin)
    assert "Fax shredded" in page_of(admin, write)


def test_the_person_is_that_of_the_call_and_its_page_is_linked_for_who_may_open_it(
    acme: Workspace,
) -> None:
    admin, member = make_member(acme), make_member(acme, ("member",))
    call = make_call(acme, contact_name="Ana Ito")
    write = make_write(member, subject_id=call.pk)
    link = f'href="{console_url(acme, "calls_call_change", call.pk)}"'

    assert "Ana Ito" in listed(member)
    assert link in page_of(admin, write)
    assert link not in page_of(member, write)


def test_the_number_of_queries_does_not_grow_with_the_log(
    acme: Workspace,
) -> None:
    admin = make_member(acme)
    counts = []
    for more in (3, 27):
        for _ in range(more):
            make_write(make_member(acme, ()), subject_id=make_call(acme).pk)
        with CaptureQueriesContext(connection) as captured:
            listed(admin)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] < 30, "signing in included"


def refused(owner: Membership) -> CrmWrite:
    write = make_write(
        owner,
        state=WriteState.NEEDS_ATTENTION,
        error_code="REQUIRED_FIELD_MISSING",
        error_message="Required fields are missing: [Purpose__c]",
        attempts=1,
    )
    CrmWriteAttempt.unscoped.create(
        workspace=owner.workspace,
        write=write,
        number=1,
        claim_token="00000000-0000-0000-0000-000000000001",
        sent_at=timezone.now(),
        request={"Subject": "Inbound Call", "access_token": "very-secret"},
        outcome="refused",
        http_status=200,
        answer={"errors": [{"message": "Bearer abcdefgh12345678 refused"}]},
        error_code="REQUIRED_FIELD_MISSING",
    )
    return write


def test_the_page_shows_request_and_answer_without_secrets_and_what_to_do(acme: Workspace) -> None:
    member = make_member(acme, ("member",))
    text = page_of(member, refused(member))

    assert "Required fields are missing: [Purpose__c]" in text
    assert "give it a default in Salesforce" in text
    assert "(HTTP 200)" in text
    assert "[hidden]" in text
    assert "very-secret" not in text
    assert "abcdefgh12345678" not in text


def test_members_retry_their_own_rows_and_the_audit_says_so(acme: Workspace) -> None:
    member = make_member(acme, ("member",))
    write = refused(member)

    response = client_of(member).post(address(write, "retry"))

    assert response.status_code == 302
    write.refresh_from_db()
    assert (write.state, write.attempts) == (WriteState.PLANNED, 0)
    entry = AuditEntry.unscoped.get(workspace=acme)
    assert (entry.action, entry.actor) == ("crm_write.retried", member.user)
    assert entry.before == {"state": "needs_attention", "error": "REQUIRED_FIELD_MISSING"}


def test_asking_to_retry_changes_nothing_until_it_is_confirmed(acme: Workspace) -> None:
    member = make_member(acme, ("member",))
    write = refused(member)

    assert client_of(member).get(address(write, "retry")).status_code == 200

    write.refresh_from_db()
    assert write.state == WriteState.NEEDS_ATTENTION


def test_nobody_retries_the_rows_of_others_without_the_capability(acme: Workspace) -> None:
    member, other = make_member(acme, ("member",)), make_member(acme, ("member",))
    write = refused(other)
    client = client_of(member)

    assert client.post(address(write, "retry")).status_code == 404
    client.post(
        console_url(acme, "integrations_crmwrite_changelist"),
        {"action": "retry_ticked", "_selected_action": [write.pk]},
    )

    write.refresh_from_db()
    assert write.state == WriteState.NEEDS_ATTENTION


def test_ticked_rows_are_retried_together_and_others_are_left(acme: Workspace) -> None:
    admin = make_member(acme)
    failed, done = refused(admin), make_write(admin, state=WriteState.DONE)

    client_of(admin).post(
        console_url(acme, "integrations_crmwrite_changelist"),
        {"action": "retry_ticked", "_selected_action": [failed.pk, done.pk]},
    )

    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.state, done.state) == (WriteState.PLANNED, WriteState.DONE)


def test_what_waits_or_is_done_offers_no_retry(acme: Workspace) -> None:
    admin = make_member(acme)
    write = make_write(admin, state=WriteState.DONE)

    assert address(write, "retry") not in page_of(admin, write)
    assert client_of(admin).post(address(write, "retry")).status_code == 404


def test_an_empty_log_says_what_will_stand_there(acme: Workspace) -> None:
    assert "Nothing to show of the last 15 days." in listed(make_member(acme))
