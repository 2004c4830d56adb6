"""MII-02, MII-07, MII-08, MII-10, MII-11 and RULES B1."""

import itertools
import json
from dataclasses import replace

import pytest

from integrations.salesforce.precedence import (
    STANDARD_PHONE_FIELDS,
    Candidate,
    choose_directory_record,
    dedupe_person_accounts,
    verified_candidates,
)

NUMBER = "+442079460123"

CONTACT = Candidate(
    sobject="Contact",
    record_id="003000000000001AAA",
    name="Ana Ito",
    account_id="001000000000001AAA",
    account_name="Acme",
    phones={"Phone": "020 7946 0123"},
    last_modified="2026-11-20T10:00:00.000+0000",
)
ACCOUNT = replace(CONTACT, sobject="Account", record_id="001000000000001AAA", name="Acme")
LEAD = replace(CONTACT, sobject="Lead", record_id="00Q000000000001AAA", name="Ana I.")
PERSON = replace(
    ACCOUNT,
    record_id="001000000000002AAA",
    name="Bo Lind",
    is_person_account=True,
    person_contact_id="003000000000002AAA",
)
TWIN = replace(CONTACT, record_id="003000000000002AAA", name="Bo Lind")


@pytest.mark.parametrize(
    ("candidates", "winner"),
    [
        ((LEAD, ACCOUNT, CONTACT), CONTACT),
        ((LEAD, ACCOUNT), ACCOUNT),
        ((LEAD,), LEAD),
        ((LEAD, PERSON), PERSON),
        ((), None),
    ],
)
def test_contact_goes_before_account_before_lead(
    candidates: tuple[Candidate, ...], winner: Candidate | None
) -> None:
    for order in itertools.permutations(candidates):
        assert choose_directory_record(order) == winner


def test_the_newest_of_one_object_wins_whatever_its_offset() -> None:
    older = replace(CONTACT, record_id="003000000000009AAA")
    newer = replace(CONTACT, last_modified="2026-11-20T11:30:00.000+0100")

    assert choose_directory_record([newer, older]) == newer


def test_the_same_moment_is_settled_by_the_highest_id() -> None:
    higher = replace(CONTACT, record_id="003000000000009AAA")

    assert choose_directory_record([higher, CONTACT]) == higher
    assert choose_directory_record([CONTACT, higher]) == higher


def test_a_record_without_a_readable_date_is_the_oldest() -> None:
    undated = replace(CONTACT, record_id="003000000000009AAA", last_modified="")

    assert choose_directory_record([undated, CONTACT]) == CONTACT


def test_no_other_object_is_ever_chosen() -> None:
    assert choose_directory_record([replace(CONTACT, sobject="Opportunity")]) is None


def test_a_person_account_hides_its_contact_in_either_order() -> None:
    assert dedupe_person_accounts([PERSON, TWIN, LEAD]) == (PERSON, LEAD)
    assert dedupe_person_accounts([TWIN, PERSON]) == (PERSON,)
    short = replace(TWIN, record_id=TWIN.record_id[:15])
    assert dedupe_person_accounts([short, PERSON]) == (PERSON,)


def test_a_record_found_twice_counts_once() -> None:
    assert dedupe_person_accounts([CONTACT, CONTACT]) == (CONTACT,)


EVERY_FIELD = [
    (sobject, name) for sobject, names in STANDARD_PHONE_FIELDS.items() for name in names
]


@pytest.mark.parametrize(("sobject", "name"), EVERY_FIELD)
def test_every_standard_phone_field_counts(sobject: str, name: str) -> None:
    holder = replace(CONTACT, sobject=sobject, phones={name: "+44 20 7946 0123 x7"})

    assert verified_candidates([holder], NUMBER, "US") == (holder,)


@pytest.mark.parametrize("name", ["Fax", "Direct_Line__c", "PersonMobilePhone"])
def test_fax_and_custom_fields_do_not(name: str) -> None:
    assert verified_candidates([replace(CONTACT, phones={name: NUMBER})], NUMBER, "GB") == ()


@pytest.mark.parametrize(
    ("country", "default_region", "is_match"),
    [
        (None, "GB", True),
        (None, "DE", False),
        ("United Kingdom", "DE", True),
        ("GB", "DE", True),
        ("DE", "GB", False),
        ("Atlantis", "GB", True),
    ],
)
def test_a_stored_number_is_read_with_its_records_own_country_first(
    country: str | None, default_region: str, is_match: bool
) -> None:
    holder = replace(CONTACT, country=country)

    assert bool(verified_candidates([holder], NUMBER, default_region)) is is_match


def test_part_of_a_longer_number_is_no_match() -> None:
    holder = replace(CONTACT, phones={"Phone": "+44 20 7946 01234", "MobilePhone": ""})

    assert verified_candidates([holder], NUMBER, "GB") == ()


def test_a_candidate_survives_json() -> None:
    assert Candidate.from_json(json.loads(json.dumps(PERSON.to_json()))) == PERSON
