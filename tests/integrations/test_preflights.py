"""The preflight against a simulated org: what was taken away is named, and nothing is left."""

from typing import Any

import pytest

from integrations import preflights
from integrations.jobs import check_connection, run_preflight
from integrations.models import Connection, CrmWrite, Membership, Notice, Preflight, WriteState
from integrations.options import publish_revision
from integrations.salesforce.proofs import Finding, PreflightReport, Result
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)

SYNC = "sync@acme.test"


@pytest.fixture
def connection(salesforce_org: SalesforceOrg) -> Connection:
    connection = salesforce_org.connect(make_workspace())
    with workspace_scope(connection.workspace_id):
        publish_revision({"activity_history": True}, based_on=0, actor=None)
    return connection


def prove(connection: Connection, **options: Any) -> PreflightReport:
    with workspace_scope(connection.workspace_id):
        return preflights.preflight(connection, **options)


def named(findings: tuple[Finding, ...]) -> set[tuple[str, str, str]]:
    return {(one.sobject, one.operation, one.field) for one in findings}


def test_an_administrator_of_an_untouched_org_lacks_nothing(connection: Connection) -> None:
    report = prove(connection)
    assert report.missing == ()
    assert report.is_ready_for_activity_history
    assert named(report.unproven) == {("Task", "rehearse", "")}
    assert named(report.advice) == {("Task", "key_field", "Patchbay_Key__c")}


@pytest.mark.parametrize("sobject", ["Account", "Contact", "Lead", "Task", "Event"])
def test_an_object_that_is_gone_is_named(
    connection: Connection, salesforce_org: SalesforceOrg, sobject: str
) -> None:
    salesforce_org.act("restrict-object", sobject=sobject, username=SYNC)
    missing = prove(connection).missing
    assert (sobject, "read", "") in named(missing)
    assert {one.sobject for one in missing} == {sobject}


@pytest.mark.parametrize("sobject", ["Task", "Event"])
@pytest.mark.parametrize("operation", ["create", "edit"])
def test_an_operation_that_is_lost_is_named(
    connection: Connection, salesforce_org: SalesforceOrg, sobject: str, operation: str
) -> None:
    salesforce_org.act("restrict-object", sobject=sobject, lost=[operation], username=SYNC)
    assert named(prove(connection).missing) == {(sobject, operation, "")}


@pytest.mark.parametrize(
    ("sobject", "field", "hidden", "operation"),
    [
        ("Task", "Description", True, "write_field"),
        ("Task", "Description", False, "write_field"),
        ("Task", "CallObject", True, "write_field"),
        ("Contact", "MobilePhone", True, "read_field"),
        ("Lead", "Company", True, "read_field"),
    ],
)
def test_a_field_that_is_hidden_or_read_only_is_named(
    connection: Connection,
    salesforce_org: SalesforceOrg,
    sobject: str,
    field: str,
    hidden: bool,
    operation: str,
) -> None:
    salesforce_org.act("restrict-field", sobject=sobject, field=field, hidden=hidden, username=SYNC)
    assert named(prove(connection).missing) == {(sobject, operation, field)}


def test_seeing_all_is_proven_from_permission_rows_or_not_at_all(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    for permission in ("PermissionsViewAllData", "PermissionsModifyAllData"):
        salesforce_org.act("set-permission", username=SYNC, permission=permission, on=False)
    places = {(name, "view_all", "") for name in ("Account", "Contact", "Lead")}
    assert named(prove(connection).missing) == places

    salesforce_org.act("set-permission", username=SYNC, permission="PermissionsViewSetup", on=False)
    report = prove(connection)
    assert report.missing == ()
    assert places <= named(report.unproven)


def test_a_required_field_that_we_do_not_fill_is_named(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("require-field", sobject="Task", field="Type")
    assert named(prove(connection).missing) == {("Task", "fill", "Type")}


def test_rehearsing_leaves_nothing_and_tells_the_orgs_own_words(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    before = salesforce_org.records("Task")
    assert ("Task", "rehearse", "") not in named(prove(connection, rehearses=True).unproven)
    salesforce_org.act(
        "add-validation-rule", sobject="Task", when="CallType = 'Inbound'", message="No calls here."
    )
    [finding] = prove(connection, rehearses=True).missing
    assert finding.operation == "rehearse"
    assert "No calls here." in finding.text
    assert salesforce_org.records("Task") == before


def test_without_the_api_nothing_else_is_claimed(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act(
        "set-permission", username=SYNC, permission="PermissionsApiEnabled", on=False
    )
    report = prove(connection)
    assert named(report.missing) == {("", "use_api", "")}
    assert "API Enabled" in report.missing[0].text
    assert report.findings[1].result == Result.UNPROVEN


def test_reading_users_counts_once_somebody_is_linked(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("restrict-object", sobject="User", username=SYNC)
    assert prove(connection).missing == ()
    make_member(connection.workspace, salesforce_user_id="005000000000009AAA")
    assert named(prove(connection).missing) == {("User", "read", "")}


def test_activity_history_adds_its_needs_and_is_judged_before(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    with workspace_scope(connection.workspace_id):
        publish_revision({"activity_history": False}, based_on=1, actor=None)
    salesforce_org.act("restrict-object", sobject="Task", lost=["create"], username=SYNC)
    report = prove(connection)
    assert report.missing == ()
    assert not report.is_ready_for_activity_history
    assert named(report.missing_later) == {("Task", "create", "")}


def test_a_record_of_a_member_that_cannot_be_found_again_is_told(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    for permission in ("PermissionsViewAllData", "PermissionsModifyAllData"):
        salesforce_org.act("set-permission", username=SYNC, permission=permission, on=False)
    assert ("Task", "read_back", "") in named(prove(connection).unproven)
    task = salesforce_org.records("Task")[0]
    CrmWrite.unscoped.create(
        workspace=connection.workspace,
        connection=connection,
        org_id=connection.org_id,
        subject_kind="call",
        subject_id=1,
        feature="activity_history",
        target_key="call:1:leg:a:task",
        wire_key="pb-1",
        operation="create",
        sobject="Task",
        fields={"OwnerId": "005000000000009AAA"},
        payload={},
        state=WriteState.DONE,
        salesforce_record_id=task["Id"],
    )
    assert ("Task", "read_back", "") not in named(prove(connection).unproven)
    salesforce_org.act("restrict-record", id=task["Id"], level="None", username=SYNC)
    assert ("Task", "read_back", "") in named(prove(connection).missing)


def test_a_person_needs_no_view_all_and_may_not_rehearse(
    salesforce_org: SalesforceOrg,
) -> None:
    member = make_member(make_workspace(), roles=("call_agent",))
    personal = salesforce_org.connect(member.workspace, "agent@acme.test", membership=member)
    report = prove(personal, rehearses=True)
    assert report.missing == ()
    operations = {one.operation for one in report.findings}
    assert "view_all" not in operations
    assert "rehearse" not in operations
    assert ("Task", "create") in {(one.sobject, one.operation) for one in report.findings}


def test_the_job_keeps_the_report_and_tells_the_admins_once(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("restrict-object", sobject="Lead", username=SYNC)
    for _ in range(2):
        check_connection(connection.pk)
        run_preflight(connection.pk)
    row = Preflight.unscoped.get(connection=connection)
    report = preflights.report_of(row)
    assert row.state == Preflight.State.DONE
    assert report is not None
    assert report.checked_at == row.checked_at
    [notice] = Notice.unscoped.filter(resolved_at=None)
    assert "Lead" in notice.body

    salesforce_org.act("lift-restrictions")
    check_connection(connection.pk)
    run_preflight(connection.pk)
    assert not Notice.unscoped.filter(resolved_at=None).exists()


def test_a_run_that_fails_keeps_the_last_report(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    with workspace_scope(connection.workspace_id):
        preflights.request_preflight(connection)
    run_preflight(connection.pk)
    salesforce_org.fault("/describe$", "status", status=503)
    with workspace_scope(connection.workspace_id):
        preflights.request_preflight(connection)
    run_preflight(connection.pk)
    row = Preflight.unscoped.get()
    assert row.state == Preflight.State.FAILED
    assert row.error
    assert preflights.report_of(row) is not None


def test_a_worker_that_died_is_replaced(connection: Connection) -> None:
    with workspace_scope(connection.workspace_id):
        preflights.request_preflight(connection)
    Preflight.unscoped.update(state="claimed", lease_expires_at=connection.created_at)
    assert preflights.connections_due() == []
    assert preflights.release_expired() == 1
    assert preflights.connections_due() == [connection.pk]


def test_evidence_costs_a_dozen_requests(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    Membership.unscoped.update(salesforce_user_id="")
    before = len(salesforce_org.requests())
    prove(connection, rehearses=True)
    assert len(salesforce_org.requests()) - before <= 13
