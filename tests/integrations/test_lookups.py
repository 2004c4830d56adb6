"""One search per number, cached, and our copies of who was found (RULES B1, B2; MII-09..11, 31)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.jobs import answer_lookups
from integrations.lookups import connections_due, release_expired, request_lookup
from integrations.models import (
    Connection,
    DirectoryContact,
    DirectoryPhone,
    OptionsRevision,
    PhoneLookup,
)
from integrations.simulators.salesforce.seed import (
    CONTACT_ACCOUNT_LEAD_NUMBER,
    NOBODY_NUMBER,
    ONE_CONTACT_NAME,
    ONE_CONTACT_NUMBER,
)
from integrations.tenancy import workspace_scope
from tests.factories import make_workspace
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(salesforce_org: SalesforceOrg) -> Iterator[Connection]:
    connection = salesforce_org.connect(make_workspace())
    with workspace_scope(connection.workspace_id):
        yield connection


def look_up(connection: Connection, number: str = ONE_CONTACT_NUMBER) -> PhoneLookup:
    request_lookup(connection, number, cache_minutes=15)
    answer_lookups(connection.pk)
    return PhoneLookup.objects.get(phone_e164=number)


def age(lookup: PhoneLookup, **by: float) -> None:
    assert lookup.answered_at is not None
    PhoneLookup.objects.filter(pk=lookup.pk).update(
        answered_at=lookup.answered_at - timedelta(**by)
    )


def let_it_be_repeated(connection: Connection) -> None:
    """The pause after a failure is over."""
    PhoneLookup.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    answer_lookups(connection.pk)


def searches(org: SalesforceOrg) -> int:
    return len(org.requests("/search"))


def test_a_number_is_answered_with_its_verified_matches(connection: Connection) -> None:
    lookup = look_up(connection)

    assert lookup.state == PhoneLookup.State.ANSWERED
    assert [candidate["name"] for candidate in lookup.candidates] == [ONE_CONTACT_NAME]


def test_one_number_costs_one_request_and_none_while_it_is_fresh(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    look_up(connection)
    age(look_up(connection), minutes=14)
    look_up(connection)

    assert searches(salesforce_org) == 1


def test_a_match_is_asked_for_again_after_fifteen_minutes(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    age(look_up(connection), minutes=16)
    look_up(connection)

    assert searches(salesforce_org) == 2


def test_a_miss_is_asked_for_again_after_a_minute(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    age(look_up(connection, NOBODY_NUMBER), seconds=50)
    look_up(connection, NOBODY_NUMBER)
    assert searches(salesforce_org) == 1

    age(PhoneLookup.objects.get(), seconds=61)
    look_up(connection, NOBODY_NUMBER)
    assert searches(salesforce_org) == 2


def test_the_directory_keeps_one_copy_of_the_record_that_precedence_chooses(
    connection: Connection,
) -> None:
    age(look_up(connection, CONTACT_ACCOUNT_LEAD_NUMBER), minutes=16)
    look_up(connection, CONTACT_ACCOUNT_LEAD_NUMBER)

    (contact,) = DirectoryContact.objects.all()
    assert contact.sobject == "Contact"
    assert contact.account_name
    assert contact.record_url.startswith(connection.instance_url)
    assert CONTACT_ACCOUNT_LEAD_NUMBER in DirectoryPhone.objects.values_list(
        "phone_e164", flat=True
    )


def test_with_contact_retrieval_off_nothing_is_copied(connection: Connection) -> None:
    OptionsRevision.objects.create(
        workspace_id=connection.workspace_id,
        number=1,
        values={"retrieve_contacts": False},
        is_active=True,
    )
    look_up(connection)

    assert not DirectoryContact.objects.exists()


def test_salesforce_away_means_later_not_never(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault("/search", "status", status=503, times=1)
    lookup = look_up(connection)
    assert (lookup.state, lookup.attempts) == (PhoneLookup.State.WAITING, 1)
    assert lookup.error

    PhoneLookup.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    assert connections_due() == [connection.pk]
    answer_lookups(connection.pk)
    assert PhoneLookup.objects.get().state == PhoneLookup.State.ANSWERED


def test_an_org_that_cannot_be_reached_is_asked_until_it_can(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    Connection.objects.update(instance_url="http://127.0.0.1:9")
    request_lookup(connection, ONE_CONTACT_NUMBER, cache_minutes=15)
    for _ in range(5):
        PhoneLookup.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
        answer_lookups(connection.pk)
        assert PhoneLookup.objects.get().state == PhoneLookup.State.WAITING

    Connection.objects.update(instance_url=salesforce_org.url)
    PhoneLookup.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))
    answer_lookups(connection.pk)
    assert PhoneLookup.objects.get().state == PhoneLookup.State.ANSWERED


def test_a_lookup_whose_worker_died_is_taken_up_again(connection: Connection) -> None:
    request_lookup(connection, ONE_CONTACT_NUMBER, cache_minutes=15)
    PhoneLookup.objects.update(
        state=PhoneLookup.State.CLAIMED, lease_expires_at=timezone.now() - timedelta(seconds=1)
    )
    assert release_expired() == 1
    answer_lookups(connection.pk)

    assert PhoneLookup.objects.get().state == PhoneLookup.State.ANSWERED


def test_a_broken_connection_keeps_its_lookups_waiting(connection: Connection) -> None:
    request_lookup(connection, ONE_CONTACT_NUMBER, cache_minutes=15)
    Connection.objects.update(state=Connection.State.NEEDS_RECONNECT)
    answer_lookups(connection.pk)

    assert PhoneLookup.objects.get().state == PhoneLookup.State.WAITING
    assert connections_due() == []


def test_a_refused_session_costs_no_try_and_keeps_the_lookup_waiting(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("revoke-grant")
    lookup = look_up(connection)
    assert (lookup.state, lookup.attempts) == (PhoneLookup.State.WAITING, 0)
    connection.refresh_from_db()
    assert connection.state == Connection.State.NEEDS_RECONNECT

    again = salesforce_org.act("issue-tokens", username=connection.salesforce_username)
    tokens = {name: again[name] for name in ("access_token", "refresh_token")}
    assert connection.replace_credentials(tokens, state=Connection.State.ACTIVE)
    let_it_be_repeated(connection)
    assert PhoneLookup.objects.get().state == PhoneLookup.State.ANSWERED


def test_a_call_that_asks_again_gets_only_what_is_left_of_its_three_requests(
    connection: Connection, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.fault("/search", "status", status=503, times=1)
    look_up(connection)
    let_it_be_repeated(connection)
    for requests_so_far in (3, 3):
        age(PhoneLookup.objects.get(), minutes=16)
        request_lookup(connection, ONE_CONTACT_NUMBER, cache_minutes=15, asked_before=True)
        answer_lookups(connection.pk)
        assert searches(salesforce_org) == requests_so_far
    assert PhoneLookup.objects.get().state == PhoneLookup.State.ANSWERED
