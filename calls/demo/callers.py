"""Who would call Acme: the people in its Salesforce org, at the numbers that stand there."""

from collections.abc import Iterator
from typing import Any

from calls.simulators.scripts import Caller
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


def list_callers(salesforce_url: str) -> list[Caller]:
    """Contacts and leads with a number that nothing special is known for, in the order of ids."""
    people = [*list_records(salesforce_url, "Contact"), *list_records(salesforce_url, "Lead")]
    callers = {number: Caller(number) for person in people for number in _numbers_of(person)}
    return list(callers.values())


def _numbers_of(person: dict[str, Any]) -> Iterator[str]:
    country = next((person[name] for name in _COUNTRIES if person.get(name)), None)
    for field in _PHONES:
        number = parse_phone(person.get(field), find_region(country) or ACME.region).e164
        if number and number not in _SET_ASIDE:
            yield number
