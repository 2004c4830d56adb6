"""Connecting orgs of every edition that there is: a request that works decides."""

import pytest

from integrations.simulators.salesforce.editions import (
    ALWAYS,
    DEVELOPER,
    EDITIONS,
    WITH_ADD_ON,
    WITHOUT,
)
from tests.factories import make_member, make_workspace
from tests.features.salesforce_admin import Admin
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)

#: Edition, whether the API was bought on top; whether it is let in.
ORGS = (
    *((edition, False, True) for edition in (*ALWAYS, DEVELOPER)),
    (WITH_ADD_ON, True, True),
    (WITH_ADD_ON, False, False),
    *((edition, False, False) for edition in WITHOUT),
)


@pytest.mark.feature("MII-15", "MII-16", "K-08")
def test_every_edition_is_let_in_or_refused_by_what_a_request_shows(
    salesforce_org: SalesforceOrg,
) -> None:
    assert {edition for edition, _, _ in ORGS} == set(EDITIONS)
    for edition, has_add_on, is_welcome in ORGS:
        admin = Admin(salesforce_org, make_member(make_workspace()))
        told = salesforce_org.act("set-edition", edition=edition, api_add_on=has_add_on)
        assert (told["daily_requests"] > 0) is is_welcome, edition
        page = admin.connect()
        connection = admin.sync_user()
        assert (connection is not None) is is_welcome, edition
        if connection is not None:
            assert edition in page
            assert connection.edition == edition
        else:
            assert "has no API" in page, edition


@pytest.mark.feature("MII-12", "MII-13", "MII-14")
def test_a_sandbox_is_connected_by_rest_alone_in_version_51(salesforce_org: SalesforceOrg) -> None:
    salesforce_org.act("set-edition", edition="Enterprise Edition", is_sandbox=True)
    admin = Admin(salesforce_org, make_member(make_workspace()))
    page = admin.connect()

    assert "Sandbox" in page
    assert "68.0" in page
    asked = {request["path"] for request in salesforce_org.requests()}
    beside = {"/services/data", "/services/oauth2/token", "/services/oauth2/userinfo"}
    data = {path for path in asked - beside if not path.startswith("/services/oauth2/authorize")}
    assert data
    assert all(path.startswith("/services/data/v51.0/") for path in data), data
