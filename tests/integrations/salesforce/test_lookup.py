"""Whose number is it: one search, checked hits, and what is hidden is left out (RULES B1)."""

import pytest

from integrations.errors import NeedsAttention
from integrations.models import Connection
from integrations.salesforce.client import SalesforceClient, to_record
from integrations.salesforce.lookup import MAX_REQUESTS, search_phone
from integrations.simulators.salesforce import seed
from tests.factories import make_workspace
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connection(salesforce_org: SalesforceOrg) -> Connection:
    return salesforce_org.connect(make_workspace())


@pytest.fixture
def client(connection: Connection) -> SalesforceClient:
    return SalesforceClient(connection, feature="lookups")


@pytest.mark.parametrize(
    ("number", "objects"),
    [
        (seed.ONE_CONTACT_NUMBER, ["Contact"]),
        (seed.TWO_CONTACTS_NUMBER, ["Contact", "Contact"]),
        (seed.CONTACT_ACCOUNT_LEAD_NUMBER, ["Account", "Contact", "Lead"]),
        (seed.ONE_ACCOUNT_NUMBER, ["Account"]),
        (seed.ONE_LEAD_NUMBER, ["Lead"]),
        (seed.PERSON_ACCOUNT_NUMBER, ["Account"]),
        (seed.CONVERTED_LEAD_NUMBER, ["Contact"]),
        (seed.DIRECT_LINE_NUMBER, []),
        (seed.FAX_NUMBER, []),
        (seed.CASE_NUMBER, []),
        (seed.NOBODY_NUMBER, []),
    ],
)
def test_one_search_finds_exactly_the_records_that_count(
    client: SalesforceClient, salesforce_org: SalesforceOrg, number: str, objects: list[str]
) -> None:
    candidates = search_phone(client, number, "US")
    assert sorted(candidate.sobject for candidate in candidates) == objects
    charged = [request for request in salesforce_org.requests() if request["api_requests"]]
    assert [request["path"] for request in charged] == ["/services/data/v51.0/search"]


def test_a_candidate_carries_what_the_rules_need(client: SalesforceClient) -> None:
    [candidate] = search_phone(client, seed.ONE_CONTACT_NUMBER, "US")
    assert candidate.name == seed.ONE_CONTACT_NAME
    assert candidate.phones["Phone"] == "(415) 555-0101"
    assert candidate.account_id
    assert candidate.account_name
    assert candidate.owner_id
    assert candidate.last_modified


def test_a_person_account_names_its_hidden_contact(client: SalesforceClient) -> None:
    [candidate] = search_phone(client, seed.PERSON_ACCOUNT_NUMBER, "US")
    assert candidate.is_person_account
    assert str(candidate.person_contact_id).startswith("003")


def test_equal_national_digits_of_another_country_do_not_match(client: SalesforceClient) -> None:
    client.create_records(
        [
            to_record("Contact", {"LastName": "Home", "Phone": "2079460999"}),
            to_record(
                "Contact",
                {"LastName": "Away", "Phone": "020 7946 0999", "MailingCountry": "United Kingdom"},
            ),
        ]
    )
    found = search_phone(client, "+442079460999", "US")
    assert [candidate.name for candidate in found] == ["Away"]


def test_what_is_too_short_to_search_for_costs_nothing(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    assert search_phone(client, "+4412", "US") == []
    assert salesforce_org.requests("/search") == []


def hide(org: SalesforceOrg, field: str, sobject: str, times: int = 1) -> None:
    message = f"\nSELECT Id\n^\nNo such column '{field}' on entity '{sobject}'. If you are ..."
    body = [{"errorCode": "INVALID_FIELD", "message": message}]
    org.fault("/search$", "status", status=400, body=body, times=times)


def test_an_org_without_person_accounts_is_asked_twice_once(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    hide(salesforce_org, "IsPersonAccount", "Account")
    assert search_phone(client, seed.ONE_ACCOUNT_NUMBER, "US")
    assert search_phone(client, seed.ONE_ACCOUNT_NUMBER, "US")
    queries = [request["notes"]["q"] for request in salesforce_org.requests("/search")]
    assert len(queries) == 3
    assert "PersonMobilePhone" in queries[0]
    assert "Person" not in queries[1]
    assert queries[2] == queries[1]


def test_a_hidden_field_or_object_is_left_out(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    hide(salesforce_org, "AssistantPhone", "Contact")
    message = "\nFIND\n^\nsObject type 'Lead' is not supported. If you are attempting ..."
    body = [{"errorCode": "INVALID_TYPE", "message": message}]
    salesforce_org.fault("/search$", "status", status=400, body=body, times=1)
    assert search_phone(client, seed.ONE_CONTACT_NUMBER, "US")
    query = salesforce_org.requests("/search")[-1]["notes"]["q"]
    assert "Lead(" not in query
    assert "Contact(Id, Name, Phone, MobilePhone, HomePhone, OtherPhone, AccountId" in query
    assert "PersonAssistantPhone" in query


def test_no_lookup_ever_costs_more_than_three_requests(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    for field in ("AssistantPhone", "OtherPhone", "HomePhone", "MobilePhone"):
        hide(salesforce_org, field, "Contact")
    with pytest.raises(NeedsAttention):
        search_phone(client, seed.ONE_CONTACT_NUMBER, "US")
    assert len(salesforce_org.requests("/search")) == MAX_REQUESTS
    assert search_phone(client, seed.ONE_CONTACT_NUMBER, "US"), "what was learnt is remembered"


def test_another_refusal_is_not_repeated(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    body = [{"errorCode": "API_DISABLED_FOR_ORG", "message": "The REST API is not enabled"}]
    salesforce_org.fault("/search$", "status", status=403, body=body)
    with pytest.raises(NeedsAttention):
        search_phone(client, seed.ONE_CONTACT_NUMBER, "US")
    assert len(salesforce_org.requests("/search")) == 1
