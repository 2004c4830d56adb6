"""When a call began, in a field of the org's own if it has one (CRC-94)."""

from typing import Any

import pytest
import requests
from django.test import Client

from integrations.jobs import run_preflight
from integrations.models import CrmWrite, WriteState
from integrations.preflights import request_preflight
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_member
from tests.features.company import Company
from tests.harness.deploying import deploy

FIELD = "Call_Start__c"


def install(company: Company) -> None:
    """The admin deploys what Patchbay offers and lets the Sync User see it; the preflight runs."""
    client = Client()
    client.force_login(make_member(company.workspace).user)
    address = f"/w/{company.workspace.slug}/salesforce/connection/downloads/fields/"
    token = company.org.act("issue-tokens", username="admin@acme.test")["access_token"]
    deploy(company.org.url, token, client.get(address).content)
    requests.post(
        f"{company.org.url}/services/data/v60.0/sobjects/PermissionSetAssignment",
        json={
            "AssigneeId": company.connection.salesforce_user_id,
            "PermissionSetId": company.find("PermissionSet", Name="Patchbay_Fields")["Id"],
        },
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    ).raise_for_status()
    check(company)


def check(company: Company) -> None:
    """The daily preflight."""
    with workspace_scope(company.workspace):
        request_preflight(company.connection)
    run_preflight(company.connection.pk)
    company.connection.refresh_from_db()


def starts(company: Company) -> list[Any]:
    return [task.get(FIELD) for task in company.tasks()]


@pytest.mark.feature("CRC-94", "K-14")
def test_the_start_is_written_once_the_org_has_the_field_and_left_out_before(
    company: Company,
) -> None:
    company.take(seed.ONE_CONTACT_NUMBER)
    assert (starts(company), company.task()["Description"]) == ([None], company.task()["Subject"])

    install(company)
    call = company.take(seed.ONE_CONTACT_NUMBER)
    assert starts(company)[-1] == f"{call.started_at:%Y-%m-%dT%H:%M:%S}.000+0000"

    described = [one for one in company.org.requests("/describe") if "/Task/" in one["path"]]
    company.take(seed.ONE_CONTACT_NUMBER)
    assert [
        one for one in company.org.requests("/describe") if "/Task/" in one["path"]
    ] == described


@pytest.mark.feature("CRC-94")
def test_a_field_that_was_hidden_meanwhile_is_left_out_and_the_record_is_written(
    company: Company,
) -> None:
    install(company)
    gone = f"No such column '{FIELD}' on sobject of type Task"
    company.org.act("refuse", sobject="Task", code="INVALID_FIELD", message=gone, times=1)
    company.take(seed.ONE_CONTACT_NUMBER)
    company.file()
    company.connection.refresh_from_db()

    assert len(company.tasks()) == 1
    assert not company.connection.has_start_field
    assert CrmWrite.unscoped.get().state == WriteState.DONE
