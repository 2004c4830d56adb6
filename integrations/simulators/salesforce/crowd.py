"""Many more records than the seed's company has, for those who want to see an org under load.

Accounts, contacts, leads and calls of the past, drawn by the org's seed and written in bulk. Their
numbers are plainly invented ones in Madrid, a hundred thousand of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

from integrations.simulators.salesforce.ids import make_id
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.records import default_row
from integrations.simulators.salesforce.search_index import add_to_index
from integrations.simulators.salesforce.seed_data import (
    FIRST_NAMES,
    LAST_NAMES,
    SYNC_USERNAME,
    TITLES,
)
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.values import to_wire_time

ACCOUNTS, CONTACTS, LEADS = 0.10, 0.45, 0.15
"""Shares of the whole; what is left are calls."""
PEOPLE = ACCOUNTS + CONTACTS + LEADS
TRADES = ("Imports", "Logistics", "Dental", "Foods", "Textiles", "Studio", "Motors", "Optics")
MOST_NUMBERS = 100_000


class Crowd:
    """Sows records in bulk; the same for the same seed."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._dice = random.Random(org.config.seed + 1)  # noqa: S311 - repeatable, not secret
        users = org.store.find(org.sobject("User"), {"Username": SYNC_USERNAME})
        self._creator_id = str(users[0]["Id"])

    def sow(self, count: int) -> None:
        """Add about this many records."""
        accounts = self._plant("Account", self._accounts(round(count * ACCOUNTS)))
        contacts = self._plant("Contact", self._contacts(round(count * CONTACTS), accounts))
        self._plant("Lead", self._leads(round(count * LEADS)))
        self._plant("Task", self._calls(count - round(count * PEOPLE), contacts))

    def _accounts(self, count: int) -> Iterator[Record]:
        for number in range(count):
            name = f"{self._dice.choice(LAST_NAMES)} {self._dice.choice(TRADES)} {number}"
            yield {"Name": name, "Type": "Customer", "BillingCountry": "Spain"}

    def _contacts(self, count: int, accounts: Sequence[Record]) -> Iterator[Record]:
        for number in range(count):
            yield {
                **self._person(),
                "Title": self._dice.choice(TITLES),
                "AccountId": accounts[number % len(accounts)]["Id"] if accounts else None,
                "MailingCountry": "Spain",
                self._dice.choice(("Phone", "MobilePhone")): self._written(number),
            }

    def _leads(self, count: int) -> Iterator[Record]:
        for number in range(count):
            person = self._person()
            phone = self._written(MOST_NUMBERS - 1 - number)
            company = f"{person['LastName']} {self._dice.choice(TRADES)}"
            yield {**person, "Company": company, "Phone": phone, "Country": "Spain"}

    def _calls(self, count: int, contacts: Sequence[Record]) -> Iterator[Record]:
        for _ in range(count):
            contact = self._dice.choice(contacts)
            day = self._org.now() - timedelta(days=self._dice.randint(1, 360))
            yield {
                "Subject": "Call",
                "Status": "Completed",
                "IsClosed": 1,
                "CompletedDateTime": to_wire_time(day),
                "ActivityDate": day.date().isoformat(),
                "WhoId": contact["Id"],
                "AccountId": contact["AccountId"],
                "TaskSubtype": "Call",
                "CallType": self._dice.choice(("Inbound", "Outbound")),
                "CallDurationInSeconds": self._dice.randint(5, 1_200),
            }

    def _person(self) -> Record:
        first, last = self._dice.choice(FIRST_NAMES), self._dice.choice(LAST_NAMES)
        return {"FirstName": first, "LastName": last, "Name": f"{first} {last}"}

    def _written(self, number: int) -> str:
        line = f"{number % MOST_NUMBERS:05d}"
        return self._dice.choice((f"+349101{line}", f"910 1{line[:2]} {line[2:]}"))

    def _plant(self, name: str, drawn: Iterator[Record]) -> list[Record]:
        """Insert what was drawn, searchable at once; the whole rows."""
        sobject = self._org.sobject(name)
        usual = default_row(sobject, self._creator_id) | self._system_fields()
        rows = [usual | one for one in drawn]
        first = self._org.store.reserve_numbers(sobject.key_prefix, len(rows))
        for number, row in enumerate(rows, start=first):
            row["Id"] = make_id(sobject.key_prefix, self._org.store.instance, number)
        self._org.store.insert_many(sobject, rows)
        for row in rows:
            add_to_index(self._org, sobject, row)
        return rows

    def _system_fields(self) -> Record:
        then = to_wire_time(self._org.now() - timedelta(days=30))
        return {
            "CreatedDate": then,
            "CreatedById": self._creator_id,
            "LastModifiedDate": then,
            "LastModifiedById": self._creator_id,
            "SystemModstamp": then,
        }
