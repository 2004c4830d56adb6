"""Renewing sessions while refresh tokens rotate (RULES C10): never two, never an old token."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.connections import mark_needs_reconnect, mark_working
from integrations.errors import CredentialsRejected, NotSent, RetryLater
from integrations.models import Connection, CrmWrite, Notice, WriteState
from integrations.salesforce import tokens
from integrations.salesforce.oauth import ConsumerApp, Grant, refresh_grant
from integrations.salesforce.tokens import Access, ConnectionAccess, refresh
from tests.factories import make_workspace
from tests.harness.salesforce import TOKEN, SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(salesforce_org: SalesforceOrg, settings: Settings) -> Connection:
    settings.REFRESH_UNKNOWN_WAIT_SECONDS = 0.2
    return salesforce_org.connect(make_workspace())


def stored(connection: Connection) -> Connection:
    return Connection.unscoped.get(pk=connection.pk)


def access_token(connection: Connection) -> str:
    return str(stored(connection).credentials["access_token"])


def renew(connection: Connection) -> Access:
    return refresh(connection.pk, access_token(connection))


def presented_states(org: SalesforceOrg) -> list[str]:
    return [request["notes"]["refresh_token_state"] for request in org.requests("/token")]


def let_time_pass(connection: Connection, seconds: float = 1.0) -> None:
    """Move what was stamped by the database's clock into the past."""
    row = stored(connection)
    pause = timedelta(seconds=seconds)
    Connection.unscoped.filter(pk=row.pk).update(
        refresh_sent_at=row.refresh_sent_at and row.refresh_sent_at - pause,
        refresh_lease_expires_at=row.refresh_lease_expires_at and timezone.now() - pause,
    )


def test_a_renewal_stores_both_tokens_before_it_returns(connection: Connection) -> None:
    before = stored(connection)
    access = renew(connection)
    after = stored(connection)
    assert after.credentials["access_token"] == access.token
    assert after.credentials["refresh_token"] != before.credentials["refresh_token"]
    assert after.refreshed_at is not None
    assert (after.refresh_sent_at, after.refresh_lease_expires_at) == (None, None)


def test_an_answer_without_a_refresh_token_keeps_the_old_one(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("set-rotation", on=False)
    before = stored(connection).credentials["refresh_token"]
    renew(connection)
    assert stored(connection).credentials["refresh_token"] == before


def test_of_many_workers_one_refreshes_and_all_get_its_token(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    rejected = access_token(connection)

    def work(_: int) -> str:
        try:
            return refresh(connection.pk, rejected).token
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        got = set(pool.map(work, range(16)))
    assert got == {access_token(connection)}
    assert presented_states(salesforce_org) == ["current"]


def test_rounds_of_renewals_by_several_workers_present_no_replaced_token(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    def work(_: int) -> None:
        try:
            for _ in range(5):
                access = ConnectionAccess(connection)
                access.renew(access.current())
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert set(presented_states(salesforce_org)) == {"current"}
    assert stored(connection).is_usable


def test_a_worker_that_waits_too_long_puts_its_work_back(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "PATIENCE_SECONDS", 0.1)
    Connection.unscoped.filter(pk=connection.pk).update(
        refresh_lease_expires_at=timezone.now() + timedelta(seconds=60),
        refresh_sent_at=timezone.now(),
    )
    with pytest.raises(RetryLater) as caught:
        renew(connection)
    assert caught.value.code == "REFRESH_RUNNING"


def test_a_lost_answer_without_rotation_is_mended_by_the_one_retry(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(TOKEN, "before", times=1)
    with pytest.raises(RetryLater) as caught:
        renew(connection)
    assert caught.value.retry_after == pytest.approx(0.2)
    with pytest.raises(RetryLater):
        renew(connection)
    assert len(salesforce_org.requests("/token")) == 1, "nothing is asked during the wait"
    let_time_pass(connection)
    assert renew(connection).token == access_token(connection)
    assert stored(connection).refresh_unknown_count == 0


def test_a_lost_rotation_costs_the_connection_and_one_notice(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(TOKEN, "after", times=1)
    with pytest.raises(RetryLater):
        renew(connection)
    let_time_pass(connection)
    for _ in range(3):
        with pytest.raises(CredentialsRejected):
            renew(connection)
    row = stored(connection)
    assert row.state == Connection.State.NEEDS_RECONNECT
    assert row.state_reason == "Salesforce no longer accepts our approval."
    assert Notice.unscoped.filter(workspace=row.workspace_id, resolved_at=None).count() == 1
    assert len(salesforce_org.requests("/token")) == 2


def test_two_lost_answers_need_a_person(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(TOKEN, "before", times=2)
    with pytest.raises(RetryLater):
        renew(connection)
    let_time_pass(connection)
    with pytest.raises(CredentialsRejected, match="two renewals"):
        renew(connection)
    assert stored(connection).state == Connection.State.NEEDS_RECONNECT


class Killed(BaseException):
    """Stands for a process that ends without another word."""


def dying(grant_first: bool) -> Callable[..., Grant]:
    def answer(app: ConsumerApp, refresh_token: str) -> Grant:
        if grant_first:
            refresh_grant(app, refresh_token)
        raise Killed

    return answer


@pytest.mark.parametrize("rotated", [False, True])
def test_a_worker_that_died_before_storing_counts_as_a_lost_answer(
    connection: Connection,
    salesforce_org: SalesforceOrg,
    monkeypatch: pytest.MonkeyPatch,
    rotated: bool,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tokens, "refresh_grant", dying(rotated))
        with pytest.raises(Killed):
            renew(connection)
    monkeypatch.setattr(tokens, "PATIENCE_SECONDS", 0.05)
    with pytest.raises(RetryLater, match="being renewed"):
        renew(connection)  # the dead worker's lease still runs
    let_time_pass(connection)
    if rotated:
        with pytest.raises(CredentialsRejected):
            renew(connection)
    else:
        assert renew(connection).token == access_token(connection)


def test_salesforce_away_never_costs_the_connection(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault(TOKEN, "status", status=503, body="<html>Maintenance</html>")
    for _ in range(4):
        with pytest.raises(RetryLater):
            renew(connection)
    salesforce_org.lift_faults()
    assert renew(connection).token == access_token(connection)


def test_a_passing_error_of_salesforce_is_tried_again(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    body = {"error": "unknown_error", "error_description": "retry your request"}
    salesforce_org.fault(TOKEN, "status", status=400, body=body, times=1)
    with pytest.raises(RetryLater):
        renew(connection)
    assert renew(connection).token == access_token(connection)


def test_a_request_that_never_left_leaves_no_doubt(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(app: ConsumerApp, refresh_token: str) -> Grant:
        raise NotSent("nobody listens")

    with monkeypatch.context() as patch:
        patch.setattr(tokens, "refresh_grant", refused)
        with pytest.raises(NotSent):
            renew(connection)
    assert stored(connection).refresh_sent_at is None
    assert renew(connection).token == access_token(connection)


def meanwhile(change: Callable[[], object]) -> Callable[..., Grant]:
    """A refresh during which somebody else does something to the row."""

    def answer(app: ConsumerApp, refresh_token: str) -> Grant:
        grant = refresh_grant(app, refresh_token)
        change()
        return grant

    return answer


def test_a_key_rotation_during_a_renewal_loses_nothing(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seal_anew() -> None:
        row = stored(connection)
        assert row.replace_credentials(row.credentials)

    monkeypatch.setattr(tokens, "refresh_grant", meanwhile(seal_anew))
    assert renew(connection).token == access_token(connection)


def test_connecting_anew_during_a_renewal_wins(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = {"access_token": "newer-access", "refresh_token": "newer-refresh"}
    monkeypatch.setattr(
        tokens, "refresh_grant", meanwhile(lambda: stored(connection).replace_credentials(newer))
    )
    assert renew(connection).token == "newer-access"
    assert stored(connection).credentials["refresh_token"] == "newer-refresh"


def test_a_good_answer_that_comes_late_mends_the_connection(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        tokens,
        "refresh_grant",
        meanwhile(lambda: mark_needs_reconnect(stored(connection), "given up")),
    )
    assert renew(connection).token == access_token(connection)
    assert stored(connection).is_usable
    assert not Notice.unscoped.filter(resolved_at=None).exists()


def test_parking_holds_the_writes_and_mending_releases_them(connection: Connection) -> None:
    write = CrmWrite.unscoped.create(
        workspace=connection.workspace,
        connection=connection,
        org_id=connection.org_id,
        subject_kind="call",
        subject_id=1,
        feature="tests",
        target_key="call:1",
        wire_key="pb-1",
        operation="create",
        sobject="Task",
        fields={},
        payload={},
    )
    ConnectionAccess(connection).reject(
        ConnectionAccess(connection).current(), "Salesforce said no."
    )
    write.refresh_from_db()
    assert write.state == WriteState.HELD
    mark_working(connection)
    write.refresh_from_db()
    assert write.state == WriteState.PLANNED


def test_an_ended_connection_has_no_access(connection: Connection) -> None:
    for state in ("archived", "disabled", "needs_reconnect"):
        Connection.unscoped.filter(pk=connection.pk).update(state=state)
        with pytest.raises(CredentialsRejected):
            ConnectionAccess(connection).current()


def test_secrets_do_not_show_in_representations() -> None:
    values: list[Any] = [
        Access("secret-1", "https://x"),
        Grant("secret-1", "secret-2", "https://x"),
    ]
    assert "secret" not in repr(values)
