"""Drawing the company of the seed: people, numbers in mixed notations, a little business."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from integrations.simulators.salesforce.campaigns import default_statuses
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.records import default_row
from integrations.simulators.salesforce.rules import after_save, before_save
from integrations.simulators.salesforce.search_index import index_record
from integrations.simulators.salesforce.seed_data import (
    ADMINISTRATORS,
    COMPANIES,
    FIRST_NAMES,
    LAST_NAMES,
    LEAD_STATUSES,
    PROFILES,
    QUEUE_NAME,
    ROLE_BY_USERNAME,
    ROLES,
    SYNC_USERNAME,
    TASK_STATUSES,
    TITLES,
    USERS,
)
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.values import Column, to_wire_time

_AREA_BY_COUNTRY = {"United States": "+1206555", "United Kingdom": "+44207946", "Spain": "+3491044"}


def plant(org: Org, name: str, values: Mapping[str, Column], *, days_ago: int = 30) -> str:
    """Insert a record of the past, system fields included, searchable at once; its id."""
    sobject = org.sobject(name)
    creator = org.store.find(org.sobject("User"), {"Username": SYNC_USERNAME})
    creator_id = str(creator[0]["Id"]) if creator else None
    record: Record = default_row(sobject, creator_id) | dict(values)
    before_save(org, sobject, None, record)
    then = to_wire_time(org.now() - timedelta(days=days_ago))
    record |= {
        "Id": org.store.next_id(sobject),
        "CreatedDate": then,
        "CreatedById": creator_id,
        "LastModifiedDate": then,
        "LastModifiedById": creator_id,
        "SystemModstamp": then,
    }
    org.store.insert(sobject, record)
    index_record(org, sobject, {}, record, at_once=True)
    after_save(org, sobject, record)
    return str(record["Id"])


class Company:
    """The seed of one org; `random` decides by the org's seed, and nothing else does."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._dice = random.Random(org.config.seed)  # noqa: S311 - repeatable, not secret
        self._line = dict.fromkeys(_AREA_BY_COUNTRY, 0)

    def sow(self) -> None:
        """Fill an empty org."""
        self._set_up()
        accounts = self._companies()
        self._named_people(accounts)
        contacts = self._crowd(accounts)
        self._leads()
        self._person_accounts()
        self._business(accounts, contacts)

    def _plant(self, name: str, **values: Any) -> str:
        return plant(self._org, name, values, days_ago=self._dice.randint(3, 300))

    def _set_up(self) -> None:
        self._plant(
            "Organization",
            Name=self._org.config.name,
            OrganizationType="Enterprise Edition",
            IsSandbox=0,
            InstanceName="EU99",
            LanguageLocaleKey="en_US",
            DefaultLocaleSidKey="en_US",
            TimeZoneSidKey="America/Los_Angeles",
            Country="US",
        )
        for number, (label, is_closed) in enumerate(TASK_STATUSES, start=1):
            self._plant(
                "TaskStatus",
                MasterLabel=label,
                ApiName=label,
                IsClosed=int(is_closed),
                IsDefault=int(number == 1),
                SortOrder=number,
            )
        for number, (label, is_converted) in enumerate(LEAD_STATUSES, start=1):
            values: Record = {"MasterLabel": label, "ApiName": label, "SortOrder": number}
            values |= {"IsConverted": int(is_converted), "IsDefault": int(number == 1)}
            plant(self._org, "LeadStatus", values)
        profiles = {name: plant(self._org, "Profile", {"Name": name}) for name in PROFILES}
        roles = self._roles()
        for username, first, last, zone, extension, is_active in USERS:
            is_admin = username in ADMINISTRATORS
            self._plant(
                "User",
                Username=username,
                FirstName=first,
                LastName=last,
                Email=username,
                Alias=first[:8].lower(),
                CommunityNickname=first.lower(),
                IsActive=int(is_active),
                ProfileId=profiles[PROFILES[0 if is_admin else 1]],
                UserRoleId=roles.get(ROLE_BY_USERNAME.get(username, "")),
                UserPermissionsMarketingUser=int(is_admin),
                TimeZoneSidKey=zone,
                LocaleSidKey="en_US",
                LanguageLocaleKey="en_US",
                Extension=extension,
            )
        self._plant("Group", Name=QUEUE_NAME, DeveloperName="Unanswered_Calls", Type="Queue")

    def _roles(self) -> dict[str, str]:
        """The roles by name, each below the one before it."""
        ids: dict[str, str] = {}
        parent_id: str | None = None
        for name in ROLES:
            values: Record = {"Name": name, "DeveloperName": name.replace(" ", "_")}
            parent_id = plant(self._org, "UserRole", values | {"ParentRoleId": parent_id})
            ids[name] = parent_id
        return ids

    def _number(self, country: str) -> str:
        self._line[country] += 1
        # North American fiction has only 555-0100 to 555-0199; named numbers use other areas.
        return f"{_AREA_BY_COUNTRY[country]}{self._line[country] + 122:04d}"

    def _written(self, number: str) -> str:
        """A number in one of the notations that people type."""
        national = number[2:] if number.startswith("+1") else number[3:]
        if number.startswith("+1"):
            area, exchange, line = national[:3], national[3:6], national[6:]
            forms = [
                f"({area}) {exchange}-{line}",
                f"{area}.{exchange}.{line}",
                national,
                f"+1 ({area}) {exchange}-{line} x12",
            ]
        elif number.startswith("+44"):
            forms = [f"0{national[:2]} {national[2:6]} {national[6:]}"]
        else:
            forms = [f"{national[:3]} {national[3:6]} {national[6:]}", f"+34 {national}"]
        return self._dice.choice((number, *forms))

    def _companies(self) -> list[tuple[str, str]]:
        accounts = []
        for number, (name, industry, country) in enumerate(COMPANIES):
            phone = self._written(self._number(country))
            if number == 0:
                phone = "(415) 555-0199"
            elif number == 1:
                phone = "212-555-0140"
            account_id = self._plant(
                "Account",
                Name=name,
                Industry=industry,
                Phone=phone,
                Type="Customer",
                BillingCountry=country,
                Website=f"https://{name.split()[0].lower()}.example",
            )
            accounts.append((account_id, country))
        return accounts

    def _named_people(self, accounts: list[tuple[str, str]]) -> None:
        first, second = accounts[0][0], accounts[5][0]
        self._contact("Ana", "Ito", first, "United States", Phone="(415) 555-0101")
        self._contact("Paul", "Marsh", second, "United Kingdom", Phone="+442079460018")
        self._contact(
            "Paula", "March", accounts[6][0], "United Kingdom", MobilePhone="020 7946 0018"
        )
        self._contact("Sofia", "Keane", first, "United States", Phone="+1 415-555-0199")
        self._contact(
            "Dirk",
            "Lane",
            first,
            "United States",
            Direct_Line__c="+14155550177",
            Fax="(415) 555-0188",
        )

    def _contact(self, first: str, last: str, account_id: str, country: str, **more: Any) -> str:
        return self._plant(
            "Contact",
            FirstName=first,
            LastName=last,
            AccountId=account_id,
            MailingCountry=country,
            Title=self._dice.choice(TITLES),
            Email=f"{first}.{last}@mail.example".lower().replace("'", ""),
            **more,
        )

    def _person(self, used: set[tuple[str, str]]) -> tuple[str, str]:
        while True:
            name = (self._dice.choice(FIRST_NAMES), self._dice.choice(LAST_NAMES))
            if name not in used:
                used.add(name)
                return name

    def _crowd(self, accounts: list[tuple[str, str]]) -> list[str]:
        used: set[tuple[str, str]] = set()
        contacts = []
        for number in range(35):
            account_id, country = accounts[number % len(accounts)]
            field = self._dice.choice(("Phone", "MobilePhone", "HomePhone", "OtherPhone"))
            phones = {field: self._written(self._number(country))}
            contacts.append(self._contact(*self._person(used), account_id, country, **phones))
        return contacts

    def _lead(self, first: str, last: str, company: str, **more: Any) -> str:
        return self._plant(
            "Lead", FirstName=first, LastName=last, Company=company, LeadSource="Web", **more
        )

    def _leads(self) -> None:
        self._lead("Lena", "Sole", "Solemar", Phone="(206) 555-0111", Country="United States")
        self._lead("Theo", "Third", "Northwind Robotics", Phone="+14155550199")
        account_id = self._plant("Account", Name="Convert & Co", BillingCountry="United States")
        contact_id = self._contact(
            "Connie", "Vert", account_id, "United States", Phone="206-555-0122"
        )
        self._lead(
            "Connie",
            "Vert",
            "Convert & Co",
            Phone="206-555-0122",
            Status="Closed - Converted",
            IsConverted=1,
            ConvertedDate="2026-06-01",
            ConvertedAccountId=account_id,
            ConvertedContactId=contact_id,
        )
        used: set[tuple[str, str]] = set()
        for number in range(17):
            country = COMPANIES[number % len(COMPANIES)][2]
            first, last = self._person(used)
            phone = self._written(self._number(country))
            self._lead(first, last, f"{last} & Partners", Phone=phone, Country=country)

    def _person_accounts(self) -> None:
        for first, last, number in (
            ("Inés", "Soler", "+34910550120"),
            ("Pere", "Vidal", "+34910550121"),
        ):
            contact_id = self._plant(
                "Contact", FirstName=first, LastName=last, MobilePhone=number, IsPersonAccount=1
            )
            account_id = self._plant(
                "Account",
                FirstName=first,
                LastName=last,
                PersonMobilePhone=number,
                BillingCountry="Spain",
                IsPersonAccount=1,
                PersonContactId=contact_id,
            )
            contact = self._org.sobject("Contact")
            self._org.store.update(contact, contact_id, {"AccountId": account_id})

    def _business(self, accounts: list[tuple[str, str]], contacts: list[str]) -> None:
        for campaign_id in (
            self._plant("Campaign", Name="Spring Newsletter", IsActive=1, Status="In Progress"),
            self._plant("Campaign", Name="Trade Fair 2025", Status="Completed"),
        ):
            for status in default_statuses(campaign_id):
                plant(self._org, "CampaignMemberStatus", status)
        self._plant("Case", Subject="Delivery is late", SuppliedPhone="+14155550166")
        self._plant("Case", Subject="Invoice question", AccountId=accounts[3][0])
        for account_id, _ in accounts[:3]:
            self._plant(
                "Opportunity",
                Name="Renewal",
                AccountId=account_id,
                StageName="Prospecting",
                CloseDate="2027-03-31",
                Amount=float(self._dice.randint(5, 90) * 1000),
            )
        for contact_id in contacts[:12]:
            day = self._org.now().date() - timedelta(days=self._dice.randint(5, 90))
            self._plant(
                "Task",
                Subject="Call",
                Status="Completed",
                WhoId=contact_id,
                ActivityDate=day.isoformat(),
                Description="Talked about the next order.",
            )
