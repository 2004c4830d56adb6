"""Every error of the token endpoint (reference 1.10): what it means for a connection, in words."""

import pytest

from integrations.errors import CredentialsRejected, RetryLater
from integrations.models import Connection
from integrations.salesforce.tokens import refresh
from tests.factories import make_workspace
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)

#: Error, description, and what a person reads. Those of flows that Patchbay does not use are left
#: out: JWT bearer and client credentials.
PARKED = (
    (
        "invalid_grant",
        "expired access/refresh token",
        "Salesforce no longer accepts our approval.",
    ),
    ("invalid_grant", "inactive user", "The Salesforce user is inactive or frozen."),
    ("invalid_grant", "inactive organization", "The Salesforce org is locked or has expired."),
    ("invalid_grant", "authentication failure", "Salesforce refused the user's sign-in."),
    (
        "invalid_grant",
        "ip restricted",
        "Salesforce refuses Patchbay's address, or the user at this hour.",
    ),
    (
        "invalid_grant",
        "activation secret invalid",
        "Salesforce wants the user to verify the device anew.",
    ),
    ("invalid_client", "invalid client credentials", "The consumer secret is wrong."),
    (
        "invalid_client_id",
        "client identifier invalid",
        "The consumer key is unknown to Salesforce.",
    ),
    (
        "unsupported_grant_type",
        "grant type not supported",
        "The Salesforce app has refresh tokens switched off.",
    ),
    (
        "invalid_app_access",
        "user is not admin approved to access this app",
        "The user is not approved for the app by a Salesforce admin.",
    ),
    ("invalid_grant", "new in the next release", "New in the next release."),
)


def test_each_refusal_parks_the_connection_with_its_reason(salesforce_org: SalesforceOrg) -> None:
    for error, description, reason in PARKED:
        connection = salesforce_org.connect(make_workspace())
        salesforce_org.act("refuse-tokens", error=error, description=description, times=1)
        with pytest.raises(CredentialsRejected):
            refresh(connection.pk, str(connection.credentials["access_token"]))
        stored = Connection.unscoped.get(pk=connection.pk)
        assert (stored.state, stored.state_reason) == ("needs_reconnect", reason), description


def test_a_hiccup_of_salesforce_costs_nothing(salesforce_org: SalesforceOrg) -> None:
    connection = salesforce_org.connect(make_workspace())
    token = str(connection.credentials["access_token"])
    salesforce_org.act(
        "refuse-tokens", error="unknown_error", description="retry your request", times=1
    )
    with pytest.raises(RetryLater):
        refresh(connection.pk, token)
    assert Connection.unscoped.get(pk=connection.pk).is_usable
    assert refresh(connection.pk, token).token != token
