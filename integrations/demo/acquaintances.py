"""Who gets in touch with Acme: the people in its Salesforce org, at the numbers there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from integrations.countries import find_region
from integrations.demo.outside import list_records
from integrations.demo.people import ACME
from integrations.phones import parse_phone
from integrations.simulators.salesforce import seed

_PHONES = ("Phone", "MobilePhone", "HomePhone", "OtherPhone")
_COUNTRIES = ("MailingCountry", "Country")
#: People who try something out use these; nobody else shall get in their way.
_SET_ASIDE = frozenset(
    {
        seed.ONE_CONTACT_NUMBER,
        seed.TWO_CONTACTS_NUMBER,
        seed.CONTACT_ACCOUNT_LEAD_NUMBER,
        seed.ONE_ACCOUNT_NUMBER,
        seed.ONE_LEAD_NUMBER,
        seed.PERSON_ACCOUNT_NUMBER,
        seed.CONVERTED_LEAD_NUMBER,
        seed.DIRECT_LINE_NUMBER,
        seed.FAX_NUMBER,
        seed.CASE_NUMBER,
        seed.NOBODY_NUMBER,
    }
)


@dataclass(frozen=True)
class Acquaintance:
    """A Contact or Lead and one of its numbers, in E.164."""

    number: str
    sobject: str
    record_id: str
    first_name: str
    name: str
    company: str = ""


def list_acquaintances(salesforce_url: str) -> list[Acquaintance]:
    """Contacts and leads with a number that nothing special is known for, in the order of ids.

    Each number once, as that of the last one who has it.
    """
    known: dict[str, Acquaintance] = {}
    for sobject in ("Contact", "Lead"):
        for record in list_records(salesforce_url, sobject):
            for number in _numbers_of(record):
                known[number] = Acquaintance(
                    number,
                    sobject,
                    record["Id"],
                    record["FirstName"] or "",
                    record["Name"],
                    company=record.get("Company") or "",
                )
    return list(known.values())


def _numbers_of(person: dict[str, Any]) -> Iterator[str]:
    country = next((person[name] for name in _COUNTRIES if person.get(name)), None)
    for field in _PHONES:
        number = parse_phone(person.get(field), find_region(country) or ACME.region).e164
        if number and number not in _SET_ASIDE:
            yield number
