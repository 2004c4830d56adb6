"""What a call record is filed under: the single match by itself, never a guess."""

import pytest

from integrations.simulators.salesforce import seed
from tests.features.company import Company

DIRECTIONS = ["inbound", "outbound"]


@pytest.mark.feature("CRC-57")
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_only_the_outside_number_finds_people(company: Company, direction: str) -> None:
    """The called line, the extension and the shown name belong to other contacts here."""
    company.add_record("Contact", LastName="Line", Phone="+18005550100")
    company.add_record("Contact", LastName="Extension", Phone="201")
    call = company.call(seed.NOBODY_NUMBER, direction=direction)
    call.play(caller_name=seed.ONE_CONTACT_NAME, queue="+14155550101")
    task = company.record(call)
    assert (task["WhoId"], task["WhatId"]) == (None, None)
    [sosl] = company.searches()
    terms = sosl.partition("{")[2].partition("}")[0].replace("\\", "").split(" OR ")
    digits = {"".join(filter(str.isdigit, term)) for term in terms}
    assert "14155550100" in digits
    assert all("14155550100".endswith(found) for found in digits)


@pytest.mark.feature("CRC-58", "CRC-62", "K-01")
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_of_several_matches_none_is_guessed(company: Company, direction: str) -> None:
    call = company.work(company.report(seed.TWO_CONTACTS_NUMBER, direction=direction))
    task = company.task()
    assert task["Status"] == "Completed"
    assert (task["WhoId"], task["WhatId"], task["AccountId"]) == (None, None, None)
    assert call.needs_review
    page = company.page_of(call)
    assert "2 records hold the number and nobody chose one" in page
    assert "Paul Marsh" in page
    assert "Paula March" in page


@pytest.mark.feature("K-01")
def test_a_workspace_may_take_the_best_match_by_rank(company: Company) -> None:
    company.choose(multi_match="precedence")
    call = company.take(seed.CONTACT_ACCOUNT_LEAD_NUMBER)
    assert company.task()["WhoId"] == call.contact_record_id
    assert call.contact_sobject == "Contact"
    assert "by precedence (MII-10) Contact Sofia Keane" in company.page_of(call)


@pytest.mark.feature("CRC-61", "K-02")
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_single_match_takes_the_call_by_itself(company: Company, direction: str) -> None:
    task = company.record(company.report(seed.ONE_CONTACT_NUMBER, direction=direction))
    assert task["WhoId"] == company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    assert task["CallType"] == direction.title()


@pytest.mark.feature("CRC-72")
@pytest.mark.parametrize(
    ("number", "slot", "sobject", "fields"),
    [
        (seed.ONE_CONTACT_NUMBER, "WhoId", "Contact", {"Name": "Ana Ito"}),
        (seed.ONE_LEAD_NUMBER, "WhoId", "Lead", {"Name": "Lena Sole"}),
        (seed.ONE_ACCOUNT_NUMBER, "WhatId", "Account", {"Phone": "212-555-0140"}),
        (seed.PERSON_ACCOUNT_NUMBER, "WhoId", "Contact", {"Name": "Inés Soler"}),
    ],
)
def test_an_inbound_call_with_one_match_is_filed_there(
    company: Company, number: str, slot: str, sobject: str, fields: dict[str, str]
) -> None:
    company.take(number)
    task = company.task()
    other = {"WhoId": "WhatId", "WhatId": "WhoId"}[slot]
    assert task[slot] == company.find(sobject, **fields)["Id"]
    assert task[other] is None
    assert task["CallType"] == "Inbound"


@pytest.mark.feature("CRC-76")
def test_a_record_shows_with_the_person_and_with_the_company(company: Company) -> None:
    company.take(seed.ONE_CONTACT_NUMBER)
    task = company.task()
    [ana] = company.org.records("Contact", Name=seed.ONE_CONTACT_NAME)
    assert (task["WhoId"], task["AccountId"]) == (ana["Id"], ana["AccountId"])
    for record in (ana["Id"], ana["AccountId"]):
        assert task["Subject"] in company.read_page(f"{company.org.url}/{record}")


@pytest.mark.feature("CRC-84")
@pytest.mark.parametrize("number", [seed.NOBODY_NUMBER, "anonymous", "+999 garbage"])
def test_a_caller_whom_nobody_knows_is_filed_nowhere(company: Company, number: str) -> None:
    leads = company.org.records("Lead")
    call = company.take(number)
    task = company.task()
    assert task["Status"] == "Completed"
    assert (task["WhoId"], task["WhatId"]) == (None, None)
    assert not call.needs_review
    assert company.directory() == []
    assert company.org.records("Lead") == leads, "nobody was made up"
