"""The record that a person means, by its id or by the address of its page."""

import pytest

from integrations.record_links import find_record_in

CONTACT = "003Tn0000000003IAA"


@pytest.mark.parametrize(
    "text",
    [
        CONTACT,
        f"  {CONTACT}\n",
        f"https://acme.my.salesforce.com/{CONTACT}",
        f"https://acme.lightning.force.com/lightning/r/Contact/{CONTACT}/view?ws=%2F",
        f"https://acme.lightning.force.com/one/one.app#/sObject/{CONTACT}/view",
    ],
)
def test_a_record_is_found_in_its_id_and_in_every_address_of_its_page(text: str) -> None:
    assert find_record_in(text) == ("Contact", CONTACT)


def test_the_short_form_of_an_id_is_taken_too() -> None:
    assert find_record_in("00QTn0000000001") == ("Lead", "00QTn0000000001")


@pytest.mark.parametrize("text", ["", "Ana Ito", "005Tn0000000001IAA", f"x{CONTACT}", "003"])
def test_users_names_and_parts_of_words_are_no_records(text: str) -> None:
    assert find_record_in(text) is None
