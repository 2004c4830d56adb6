"""Whose number is it: what is searched, what matches, and what our own directory keeps of it."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from integrations.simulators.salesforce import seed
from tests.features.company import Company

NUMBER = "+14155550155"
WRITTEN = "(415) 555-0155"
REQUIRED = {
    "Account": {"Name": "Sole Trader"},
    "Contact": {"LastName": "Sole"},
    "Lead": {"LastName": "Sole", "Company": "Sole Trader"},
}
PHONE_FIELDS = [
    ("Account", "Phone"),
    ("Contact", "Phone"),
    ("Contact", "MobilePhone"),
    ("Contact", "HomePhone"),
    ("Contact", "OtherPhone"),
    ("Contact", "AssistantPhone"),
    ("Lead", "Phone"),
    ("Lead", "MobilePhone"),
]


def searched_objects(company: Company) -> set[str]:
    """The kinds of records that any search has named."""
    return {
        sobject
        for sosl in company.searches()
        for sobject in re.findall(r"(\w+)\(", sosl.partition("RETURNING")[2])
    }


@pytest.mark.feature("MII-01")
@pytest.mark.parametrize(
    ("number", "sobject"),
    [
        (seed.ONE_ACCOUNT_NUMBER, "Account"),
        (seed.ONE_CONTACT_NUMBER, "Contact"),
        (seed.ONE_LEAD_NUMBER, "Lead"),
    ],
)
def test_a_number_of_one_record_is_one_match_of_its_kind(
    company: Company, number: str, sobject: str
) -> None:
    call = company.take(number)
    assert [candidate["sobject"] for candidate in call.candidates] == [sobject]
    assert [contact.sobject for contact in company.directory()] == [sobject]
    assert searched_objects(company) == {"Account", "Contact", "Lead"}


@pytest.mark.feature("MII-02")
def test_a_person_account_is_one_match(company: Company) -> None:
    call = company.take(seed.PERSON_ACCOUNT_NUMBER)
    [match] = call.candidates
    twin = company.find("Contact", MobilePhone=seed.PERSON_ACCOUNT_NUMBER)
    assert match["is_person_account"]
    assert [contact.name for contact in company.directory()] == ["Inés Soler"]
    assert company.directory()[0].record_id == twin["AccountId"]
    assert company.task()["WhoId"] == twin["Id"]
    assert "Person account" in company.page_of(call)


@pytest.mark.feature("MII-03")
@pytest.mark.parametrize("holder", ["Case", "Opportunity", "Campaign"])
def test_a_number_that_only_another_kind_of_record_holds_matches_nothing(
    company: Company, holder: str
) -> None:
    fields = {
        "Case": {"Subject": NUMBER, "SuppliedPhone": NUMBER},
        "Campaign": {"Name": NUMBER},
        "Opportunity": {"Name": NUMBER, "StageName": "Prospecting", "CloseDate": "2027-01-31"},
    }
    company.add_record(holder, **fields[holder])
    call = company.take(NUMBER)
    assert call.candidates == []
    assert company.directory() == []
    assert (company.task()["WhoId"], company.task()["WhatId"]) == (None, None)
    assert searched_objects(company) == {"Account", "Contact", "Lead"}


@pytest.mark.feature("MII-04", "CRC-61")
@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_matched_call_leaves_the_person_in_our_directory(
    company: Company, direction: str
) -> None:
    company.work(company.report(seed.ONE_CONTACT_NUMBER, direction))
    [contact] = company.directory()
    person = company.find("Contact", Name=seed.ONE_CONTACT_NAME)
    account = company.find("Account", Id=person["AccountId"])
    assert (contact.name, contact.record_id) == (person["Name"], person["Id"])
    assert contact.account_name == account["Name"]
    assert person["Name"] in company.read_page(contact.record_url)


@pytest.mark.feature("MII-05", "MII-09", "K-25")
def test_a_call_keeps_the_name_that_it_had_and_the_directory_follows(company: Company) -> None:
    before = company.take(seed.ONE_CONTACT_NUMBER)
    person = company.find("Contact", Name=seed.ONE_CONTACT_NAME)
    company.org.act(
        "edit-record", sobject="Contact", id=person["Id"], fields={"LastName": "Ito-Brandt"}
    )
    company.forget_numbers()
    after = company.take(seed.ONE_CONTACT_NUMBER)

    page = company.page_of(before)
    assert "Ana Ito" in page
    assert "Ana Ito-Brandt" not in page
    assert "Northwind Robotics" in page
    assert f"{company.org.url}/{person['Id']}" in page, "the link leads to the record of today"
    assert "Ana Ito-Brandt" in company.page_of(after)
    assert [contact.name for contact in company.directory()] == ["Ana Ito-Brandt"]


@pytest.mark.feature("MII-05", "K-25")
def test_a_call_keeps_its_name_even_when_it_is_searched_again_at_its_end(company: Company) -> None:
    call = company.call(seed.ONE_CONTACT_NUMBER)
    call.send("ringing", 0)
    company.work(call)
    person = company.find("Contact", Name=seed.ONE_CONTACT_NAME)
    company.org.act(
        "edit-record", sobject="Contact", id=person["Id"], fields={"LastName": "Ito-Brandt"}
    )
    company.let_answers_age(minutes=20)
    call.send("ended", 1_200, answered_at=5, ended_at=1_200)
    stored = company.work(call)
    assert len(company.searches()) == 2
    assert stored.contact_name == seed.ONE_CONTACT_NAME
    assert company.directory()[0].name == "Ana Ito-Brandt"


@pytest.mark.feature("MII-07")
@pytest.mark.parametrize(("sobject", "field"), PHONE_FIELDS)
def test_every_standard_phone_field_is_searched(company: Company, sobject: str, field: str) -> None:
    record_id = company.add_record(sobject, **REQUIRED[sobject], **{field: WRITTEN})
    company.take(NUMBER)
    assert [contact.record_id for contact in company.directory()] == [record_id]


@pytest.mark.feature("MII-02", "MII-07")
@pytest.mark.parametrize(
    "field",
    ["Phone", "PersonMobilePhone", "PersonHomePhone", "PersonOtherPhone", "PersonAssistantPhone"],
)
def test_so_is_every_one_of_a_person_account(company: Company, field: str) -> None:
    account = company.find("Account", PersonMobilePhone=seed.PERSON_ACCOUNT_NUMBER)
    fields = {"PersonMobilePhone": None} | {field: NUMBER}
    company.org.act("edit-record", sobject="Account", id=account["Id"], fields=fields)
    call = company.take(NUMBER)
    assert [candidate["record_id"] for candidate in call.candidates] == [account["Id"]]


@pytest.mark.feature("MII-07")
@pytest.mark.parametrize("sobject", ["Account", "Contact", "Lead"])
def test_fax_numbers_are_not_searched(company: Company, sobject: str) -> None:
    company.add_record(sobject, **REQUIRED[sobject], Fax=WRITTEN)
    assert company.take(NUMBER).candidates == []
    assert "Fax" not in company.searches()[0]


@pytest.mark.feature("MII-08")
def test_a_number_in_a_custom_field_matches_nothing(company: Company) -> None:
    person = company.find("Contact", Direct_Line__c=seed.DIRECT_LINE_NUMBER)
    call = company.take(seed.DIRECT_LINE_NUMBER)
    assert person["Phone"] is None
    assert call.candidates == []
    assert company.task()["WhoId"] is None
    assert not [sosl for sosl in company.searches() if "__c" in sosl]


@pytest.mark.feature("MII-09")
def test_a_record_has_one_entry_in_the_directory_whatever_number_it_calls_from(
    company: Company,
) -> None:
    record_id = company.add_record(
        "Contact", LastName="Sole", Phone=WRITTEN, HomePhone="4155550156"
    )
    for number in (NUMBER, "+14155550156", NUMBER):
        company.forget_numbers()
        company.take(number)
    assert [contact.record_id for contact in company.directory()] == [record_id]
    assert len(company.searches()) == 3


@pytest.mark.feature("MII-10", "K-01")
def test_of_several_kinds_contact_goes_before_account_before_lead(company: Company) -> None:
    named = []
    for sobject in ("Contact", "Account", "Lead"):
        call = company.take(seed.CONTACT_ACCOUNT_LEAD_NUMBER)
        named.append(call.contact_sobject)
        assert company.directory()[-1].record_id == call.contact_record_id
        company.org.act("delete-record", sobject=sobject, id=call.contact_record_id)
        company.forget_numbers()
    assert named == ["Contact", "Account", "Lead"]
    filed = [task["WhoId"] for task in company.tasks()]
    assert filed[:2] == [None, None], "several matches: the record itself is never guessed"
    assert filed[2] == call.contact_record_id


@pytest.mark.feature("MII-11")
def test_of_several_records_of_a_kind_the_last_changed_one_counts(company: Company) -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        older = company.add_record("Contact", LastName="Older", Phone=WRITTEN)
    with time_machine.travel(datetime(2026, 3, 2, tzinfo=UTC), tick=False):
        newer = company.add_record("Contact", LastName="Newer", MobilePhone=NUMBER)
    assert company.take(NUMBER).contact_record_id == newer

    company.org.act("edit-record", sobject="Contact", id=older, fields={"Title": "Buyer"})
    company.forget_numbers()
    assert company.take(NUMBER).contact_record_id == older


@pytest.mark.feature("MII-11")
def test_of_records_changed_at_the_same_moment_the_highest_id_counts(company: Company) -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        record_ids = [
            company.add_record("Contact", LastName=name, Phone=WRITTEN)
            for name in ("First", "Second", "Third")
        ]
    changes = {
        person["LastModifiedDate"] for person in company.org.records("Contact", Phone=WRITTEN)
    }
    assert len(changes) == 1
    assert company.take(NUMBER).contact_record_id == max(record_ids)
