"""The two switches of the Connection page act, each for itself."""

from itertools import product

import pytest
from django.test import Client

from integrations.models import AuditEntry
from integrations.options import active_options
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_member
from tests.features.company import Company


@pytest.mark.feature("MII-28", "MII-29", "MII-35")
@pytest.mark.parametrize(("writes_records", "keeps_contacts"), [*product((True, False), repeat=2)])
def test_finding_people_and_writing_records_are_two_switches(
    company: Company, writes_records: bool, keeps_contacts: bool
) -> None:
    company.choose(activity_history=not writes_records, retrieve_contacts=not keeps_contacts)
    client = Client()
    client.force_login(make_member(company.workspace, ("admin",)).user)
    with workspace_scope(company.workspace):
        sent = {"based_on": str(active_options().number)}
    if writes_records:
        sent["activity_history"] = "on"
    if not keeps_contacts:
        sent["keep_no_contacts"] = "on"
    client.post(f"/w/{company.workspace.slug}/salesforce/connection/switches/", sent)
    company.take(seed.ONE_CONTACT_NUMBER)

    assert len(company.tasks()) == writes_records
    assert len(company.directory()) == keeps_contacts
    assert len(company.searches()) == (writes_records or keeps_contacts)
    assert AuditEntry.unscoped.filter(action="options.changed").exists()


@pytest.mark.feature("MII-24", "MII-29")
def test_a_tick_that_was_not_saved_changes_nothing(company: Company) -> None:
    client = Client()
    client.force_login(make_member(company.workspace, ("admin",)).user)
    page = client.get(f"/w/{company.workspace.slug}/salesforce/connection/").content.decode()
    company.take(seed.ONE_CONTACT_NUMBER)

    assert "Basic settings" in page
    assert "I am not willing to retrieve Salesforce contact information" in page
    assert len(company.directory()) == 1
