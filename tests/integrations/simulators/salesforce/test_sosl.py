"""SOSL and parameterized search over the wire."""

import time

import pytest

from integrations.simulators.salesforce import seed
from tests.integrations.simulators.org_client import OrgClient, refused

RETURNING = "RETURNING Contact(Id,Name), Lead(Id,Name WHERE IsConverted=false), Account(Id,Name)"


def _phones(org: OrgClient, term: str) -> list[tuple[str, str]]:
    return org.search(f"FIND {{{term}}} IN PHONE FIELDS {RETURNING} LIMIT 20")


def _all_notations(e164: str) -> str:
    """The terms of a look-up (reference 3.6) for a North American number."""
    national = e164.removeprefix("+1")
    area, exchange, line = national[:3], national[3:6], national[6:]
    return rf'1{national} OR {national} OR "\+1{national}" OR "\({area}\) {exchange}\-{line}"'


@pytest.mark.parametrize(
    ("number", "found"),
    [
        (seed.ONE_CONTACT_NUMBER, [("Contact", seed.ONE_CONTACT_NAME)]),
        (seed.ONE_ACCOUNT_NUMBER, [("Account", "Bluebird Logistics")]),
        (seed.ONE_LEAD_NUMBER, [("Lead", "Lena Sole")]),
        (
            seed.CONTACT_ACCOUNT_LEAD_NUMBER,
            [("Contact", "Sofia Keane"), ("Lead", "Theo Third"), ("Account", "Northwind Robotics")],
        ),
        (seed.CONVERTED_LEAD_NUMBER, [("Contact", "Connie Vert")]),
        (seed.CASE_NUMBER, []),
        (seed.NOBODY_NUMBER, []),
    ],
)
def test_a_seeded_number_finds_its_records(
    org: OrgClient, number: str, found: list[tuple[str, str]]
) -> None:
    assert _phones(org, _all_notations(number)) == found


def test_two_contacts_share_a_number_in_two_notations(org: OrgClient) -> None:
    assert _phones(org, "442079460018 OR 02079460018") == [
        ("Contact", "Paul Marsh"),
        ("Contact", "Paula March"),
    ]


def test_a_person_account_is_found_as_account_only(org: OrgClient) -> None:
    assert _phones(org, "34910550120") == [("Account", "Inés Soler")]


def test_search_also_finds_fax_and_custom_phone_fields(org: OrgClient) -> None:
    """Salesforce does; comparing standard fields only (rule B1) is the client's work."""
    assert _phones(org, _all_notations(seed.FAX_NUMBER)) == [("Contact", "Dirk Lane")]
    assert _phones(org, _all_notations(seed.DIRECT_LINE_NUMBER)) == [("Contact", "Dirk Lane")]


@pytest.mark.parametrize(
    ("stored", "term", "is_found"),
    [
        ("(415) 555-0160", "4155550160", True),
        ("(415) 555-0160", r'"\(415\) 555\-0160"', True),
        ("(415) 555-0160", "415 AND 0160", True),
        ("(415) 555-0160", "415 0160", True),
        ("(415) 555-0160", '"415 0160"', False),
        ("(415) 555-0160", "4155550*", True),
        ("(415) 555-0160", "415555016?", True),
        ("(415) 555-0160", "415 AND NOT 0160", False),
        ("(415) 555-0160", "(999 OR 415) 555", True),
        ("+14155550160", "4155550160", False),
        ("+14155550160", r'"\+14155550160"', True),
        ("+1 415-555-0160 x12", "4155550160", False),
        ("+1 415-555-0160 x12", '"415 555 0160"', True),
        ("555CALL", "555 call", True),
    ],
)
def test_terms_against_stored_notations(
    org: OrgClient, stored: str, term: str, is_found: bool
) -> None:
    org.create_id("Contact", LastName="Termtest", Phone=stored)
    assert (("Contact", "Termtest") in _phones(org, term)) is is_found


def test_search_lags_behind_what_is_written(org: OrgClient) -> None:
    org.act("set-index-lag", seconds=0.3)
    org.create_id("Contact", LastName="Fresh", Phone="+1 415 555 0161")
    term = '"1 415 555 0161"'
    assert _phones(org, term) == []
    assert org.query("SELECT COUNT() FROM Contact WHERE Name = 'Fresh'")["totalSize"] == 1
    deadline = time.monotonic() + 3
    while not _phones(org, term) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _phones(org, term) == [("Contact", "Fresh")]


def test_a_changed_number_stays_findable_as_long_as_the_new_one_is_not(org: OrgClient) -> None:
    org.act("set-index-lag", seconds=60)
    contact_id = org.record("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    org.call("PATCH", f"sobjects/Contact/{contact_id}", json={"Phone": "4155550162"})
    assert _phones(org, "4155550101") == [("Contact", seed.ONE_CONTACT_NAME)]
    assert _phones(org, "4155550162") == []
    org.act("set-index-lag", seconds=0)
    assert _phones(org, "4155550101") == []
    assert _phones(org, "4155550162") == [("Contact", seed.ONE_CONTACT_NAME)]


def test_deleted_records_are_not_found(org: OrgClient) -> None:
    contact_id = org.record("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    org.act("delete-record", sobject="Contact", id=contact_id)
    assert _phones(org, "4155550101") == []


def test_an_org_may_index_only_raw_tokens(org: OrgClient) -> None:
    org.act("set-index-lag", seconds=0, raw_tokens_only=True)
    assert _phones(org, "4155550101") == []
    assert _phones(org, r'"\(415\) 555\-0101"') == [("Contact", seed.ONE_CONTACT_NAME)]


def test_an_org_may_index_national_digits_too(org: OrgClient) -> None:
    org.create_id("Contact", LastName="Intl", Phone="+14155550163")
    assert _phones(org, "4155550163") == []
    org.act("set-index-lag", seconds=0, national_digits=True)
    assert _phones(org, "4155550163") == [("Contact", "Intl")]


def test_other_fields_are_searched_by_their_group(org: OrgClient) -> None:
    assert org.search("FIND {ana ito} IN NAME FIELDS RETURNING Contact(Name)") == [
        ("Contact", "Ana Ito")
    ]
    for term in ("ana.it*", '"ana.ito@mail.example"', "ana.ito@mail.example"):
        emails = org.search(f"FIND {{{term}}} IN EMAIL FIELDS RETURNING Contact(Name)")
        assert emails == [("Contact", "Ana Ito")]
    assert org.search("FIND {ana} IN PHONE FIELDS RETURNING Contact(Name)") == []
    assert org.search("FIND {4155550101} RETURNING Contact(Name)") == [("Contact", "Ana Ito")]


def test_returning_may_filter_order_and_limit(org: OrgClient) -> None:
    base = "FIND {442079460018 OR 02079460018} IN PHONE FIELDS RETURNING "
    ordered = org.search(base + "Contact(Name ORDER BY Name DESC LIMIT 1)")
    assert ordered == [("Contact", "Paula March")]
    filtered = org.search(base + "Contact(Name WHERE LastName = 'Marsh')")
    assert filtered == [("Contact", "Paul Marsh")]
    assert len(org.search(base + "Contact(Name) LIMIT 1")) == 1
    nested = org.call("GET", "search", params={"q": base + "Contact(Id, Account.Name)"}).json()
    assert {one["Account"]["Name"] for one in nested["searchRecords"]} == {
        "Thames Printworks",
        "Camden Cycles",
    }


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FIND 4155550101 IN PHONE FIELDS", "MALFORMED_SEARCH"),
        ("FIND {+14155550101} IN PHONE FIELDS", "MALFORMED_SEARCH"),
        ('FIND {"(415) 555-0101"} IN PHONE FIELDS', "MALFORMED_SEARCH"),
        ("FIND {415-555} IN PHONE FIELDS", "MALFORMED_SEARCH"),
        ("FIND {*0101} IN PHONE FIELDS", "MALFORMED_SEARCH"),
        ('FIND {"415} IN PHONE FIELDS', "MALFORMED_SEARCH"),
        ("FIND {4155550101} IN FOO FIELDS", "MALFORMED_SEARCH"),
        ("FIND {4} IN PHONE FIELDS", "INVALID_SEARCH"),
        ("FIND {4155550101} IN PHONE FIELDS RETURNING Foo(Id)", "INVALID_TYPE"),
        ("FIND {4155550101} IN PHONE FIELDS RETURNING Contact(Nope)", "INVALID_FIELD"),
    ],
)
def test_refusals(org: OrgClient, text: str, code: str) -> None:
    assert refused(org.call("GET", "search", params={"q": text})) == (400, code)


def test_parameterized_search_takes_plain_text(org: OrgClient) -> None:
    wanted = {
        "q": "(415) 555-0101",
        "in": "PHONE",
        "fields": ["Name"],
        "sobjects": [{"name": "Contact"}, {"name": "Lead", "where": "IsConverted = false"}],
        "spellCorrection": False,
    }
    posted = org.call("POST", "parameterizedSearch", json=wanted).json()["searchRecords"]
    assert [one["Name"] for one in posted] == [seed.ONE_CONTACT_NAME]
    params = {"q": "4155550101", "in": "PHONE", "sobject": "Contact", "Contact.fields": "Id,Name"}
    got = org.call("GET", "parameterizedSearch", params=params).json()["searchRecords"]
    assert [one["Name"] for one in got] == [seed.ONE_CONTACT_NAME]
    short = org.call("POST", "parameterizedSearch", json={**wanted, "q": "4"})
    assert refused(short) == (400, "INVALID_SEARCH")


def test_a_case_is_not_found_by_the_number_of_its_contact(org: OrgClient) -> None:
    ana = org.record("Contact", Name="Ana Ito")["Id"]
    org.create_id("Case", Subject="Broken", ContactId=ana, SuppliedPhone="(415) 555-0101")
    text = "FIND {4155550101} IN PHONE FIELDS RETURNING Case(Id), Contact(Id, Name)"
    answer = org.call("GET", "search", params={"q": text}).json()["searchRecords"]
    assert {one["attributes"]["type"] for one in answer} == {"Contact"}
