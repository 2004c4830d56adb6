"""A connection survives token rotation; work waits for a broken one and does not fail (PLUS-14)."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from integrations.models import Connection, CrmWrite, Notice
from integrations.salesforce import tokens
from integrations.salesforce.client import SalesforceClient
from integrations.simulators.salesforce import seed
from tests.factories import make_member
from tests.features.company import Company
from tests.features.salesforce_admin import Admin
from tests.harness.salesforce import TOKEN

REFRESHES = 1_000
WORKERS = 2


def presented_tokens(company: Company) -> Counter[str]:
    """How often a refresh token was presented that was then current, replaced, revoked, unknown."""
    return Counter(
        request["notes"]["refresh_token_state"]
        for request in company.org.requests("/services/oauth2/token")
    )


def in_threads(work: Callable[[], None]) -> list[BaseException]:
    """Let two workers do the same; what went wrong."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.feature("PLUS-14")
def test_two_workers_survive_a_thousand_rotations(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time both are refused at once: one renews, the other takes what the first stored."""
    monkeypatch.setattr(tokens, "_POLL_SECONDS", 0.002)
    at_once = threading.Barrier(
        WORKERS, lambda: company.org.act("expire-access-tokens", username=seed.SYNC_USERNAME)
    )

    def work() -> None:
        client = SalesforceClient(company.connection, feature="tests")
        try:
            for _ in range(REFRESHES):
                at_once.wait(timeout=30)
                assert client.query("SELECT Id FROM Organization")
        finally:
            at_once.abort()

    failures = in_threads(work)
    assert [
        error for error in failures if not isinstance(error, threading.BrokenBarrierError)
    ] == []
    assert presented_tokens(company) == {"current": REFRESHES}
    assert not [grant for grant in company.org.records("grants") if grant["revoked"]]
    assert "Connect again" not in company.page("salesforce/connection/")
    assert not Notice.unscoped.exists()


@pytest.mark.feature("PLUS-14")
@pytest.mark.parametrize("fault", ["before", "status"])
def test_a_renewal_that_salesforce_did_not_carry_out_is_repeated_and_nothing_is_lost(
    company: Company, settings: Settings, fault: str
) -> None:
    settings.REFRESH_UNKNOWN_WAIT_SECONDS = 0
    company.org.act("expire-access-tokens", username=seed.SYNC_USERNAME)
    company.org.fault(TOKEN, fault, status=503, times=1)
    company.take(seed.ONE_CONTACT_NUMBER)
    company.wait_for_answers()
    assert company.task()["WhoId"]
    assert "replaced" not in presented_tokens(company)
    assert not Notice.unscoped.exists()


@pytest.mark.feature("PLUS-14")
def test_work_waits_for_a_broken_connection_and_goes_on_when_it_is_mended(
    company: Company,
) -> None:
    company.org.act("revoke-grant", username=seed.SYNC_USERNAME)
    calls = [company.take(number) for number in (seed.ONE_CONTACT_NUMBER, seed.ONE_LEAD_NUMBER)]
    assert company.tasks() == []
    company.connection.refresh_from_db()
    assert company.connection.state == Connection.State.NEEDS_RECONNECT
    admin = Admin(company.org, make_member(company.workspace))
    page = admin.page()
    assert "Salesforce no longer accepts our approval" in page
    assert page.count("Connect again as sync@acme.test") == 1
    assert Notice.unscoped.filter(resolved_at=None).count() == 1

    admin.connect()
    company.wait_for_answers()
    assert len(company.tasks()) == len(calls)
    assert all(task["WhoId"] for task in company.tasks())
    assert set(CrmWrite.unscoped.values_list("state", flat=True)) == {"done"}
    assert not Notice.unscoped.filter(resolved_at=None).exists()
