"""The API budget: what is spent is known feature by feature, and the reserve is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations import sweeper
from integrations.activity_kinds import ActivityKind
from integrations.api_budget import RESERVE_REASON, read_ledger
from integrations.jobs import (
    answer_lookups,
    check_connection,
    deliver_crm_writes,
    read_api_counter,
    run_preflight,
)
from integrations.lookups import request_lookup
from integrations.models import ApiUsage, Connection, CrmWrite, DrainLease, WriteState
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_member
from tests.features.company import Company
from tests.outbox_cases import planned_task, record


def counted_by_org(company: Company) -> int:
    """The org's own counter of all requests."""
    used: int = company.org.act("set-limit")["used"]
    return used


def counted_by_us(feature: str) -> int:
    return sum(ApiUsage.unscoped.filter(feature=feature).values_list("requests", flat=True))


def page_of(company: Company) -> str:
    client = Client()
    client.force_login(make_member(company.workspace, ("admin",)).user)
    page = client.get(f"/w/{company.workspace.slug}/salesforce/connection/api-budget/")
    assert page.status_code == 200
    return page.content.decode()


def plan(company: Company, kind: ActivityKind) -> CrmWrite:
    """A write about something of this kind."""
    with workspace_scope(company.workspace):
        [write] = record(company.connection, planned_task(f"made-up:1:{kind}"))
    CrmWrite.unscoped.filter(pk=write.pk).update(activity=kind)
    return write


def plan_opened_message(company: Company) -> CrmWrite:
    """A write that can wait: somebody opened a message."""
    return plan(company, ActivityKind.MESSAGE_OPENED)


def look_up(company: Company, number: str) -> None:
    with workspace_scope(company.workspace):
        request_lookup(company.connection, number, cache_minutes=15)
    answer_lookups(company.connection.pk)


def deliver(company: Company) -> None:
    DrainLease.unscoped.update(drained_at=None)
    deliver_crm_writes(company.connection.pk)


def write_record(company: Company, kind: ActivityKind = ActivityKind.CALL) -> None:
    plan(company, kind)
    deliver(company)


def fill_org(company: Company, used: int) -> None:
    """Other apps use up the org's thousand requests."""
    company.org.act("set-limit", used=used, maximum=1_000)
    Connection.unscoped.update(last_used_at=None)
    read_api_counter(company.connection.pk)


@pytest.mark.feature("PLUS-07")
def test_the_ledger_agrees_with_the_orgs_own_counter_feature_by_feature(company: Company) -> None:
    company.org.act("expire-access-tokens", username=company.connection.salesforce_username)
    steps: dict[str, Any] = {
        "lookups": lambda: look_up(company, seed.ONE_CONTACT_NUMBER),
        "daily check": lambda: check_connection(company.connection.pk),
        "preflight": lambda: run_preflight(company.connection.pk),  # asked for by the check
        "call records": lambda: write_record(company),
        "meetings": lambda: write_record(company, ActivityKind.MEETING_CONFIRMED),
        "API budget": lambda: read_api_counter(company.connection.pk),
    }
    for feature, act in steps.items():
        before = counted_by_org(company)
        act()
        assert counted_by_us(feature) == counted_by_org(company) - before > 0, feature

    with workspace_scope(company.workspace):
        assert read_ledger(company.workspace).today == counted_by_org(company)
    page = page_of(company)
    assert "Searches for numbers" in page
    assert "Records of meetings" in page
    assert company.connection.salesforce_username in page


@pytest.mark.feature("PLUS-07")
def test_below_the_reserve_what_can_wait_waits_and_says_so(company: Company) -> None:
    company.choose(api_reserve_percent=20)
    fill_org(company, 850)
    write = plan_opened_message(company)
    deliver(company)
    write.refresh_from_db()
    assert (write.state, write.held_reason) == (WriteState.HELD, RESERVE_REASON)
    assert company.tasks() == []
    assert "1 record waits" in page_of(company)
    assert "down to the reserve" in company.page("")

    fill_org(company, 100)
    sweeper.repair()
    deliver(company)
    assert len(company.tasks()) == 1


@pytest.mark.feature("PLUS-07")
def test_a_call_is_recorded_whatever_the_reserve(company: Company) -> None:
    company.choose(api_reserve_percent=90)
    fill_org(company, 900)
    company.take(seed.ONE_CONTACT_NUMBER)
    assert len(company.tasks()) == 1


def test_the_counter_is_read_again_while_something_waits(company: Company) -> None:
    fill_org(company, 990)
    write = plan_opened_message(company)
    deliver(company)
    fresh = counted_by_us("API budget")
    sweeper.repair()
    assert counted_by_us("API budget") == fresh

    company.org.act("set-limit", used=0)
    Connection.unscoped.update(last_used_at=timezone.now() - timedelta(minutes=16))
    sweeper.repair()
    read_api_counter(company.connection.pk)
    sweeper.repair()
    write.refresh_from_db()
    assert write.state == WriteState.PLANNED


@pytest.mark.django_db(transaction=True)
def test_the_forecast_adds_what_usually_follows_this_hour(company: Company) -> None:
    noon = timezone.now().replace(hour=12, minute=30)
    for days_back, hour, requests in ((0, 11, 5), (1, 11, 7), (1, 15, 30), (2, 20, 10)):
        ApiUsage.unscoped.create(
            workspace=company.workspace,
            connection=company.connection,
            feature="lookups",
            hour=(noon - timedelta(days=days_back)).replace(hour=hour, minute=0),
            requests=requests,
        )
    with workspace_scope(company.workspace):
        ledger = read_ledger(company.workspace, now=noon)
    assert (ledger.today, ledger.forecast) == (5, 25)
    assert [one.total for one in ledger.days[:3]] == [5, 37, 10]
