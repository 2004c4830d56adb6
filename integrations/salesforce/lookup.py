"""Whose number or address is it: one search over Contact, Account and Lead (RULES B1, MII-31).

Salesforce's search is generous, so every hit is compared by E.164 here. A field that the
connected user may not see fails the whole search (trap 22); such fields are left out from then on,
remembered for a day, so that a look-up costs one request and never more than three.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.cache import cache

from integrations.errors import NeedsAttention
from integrations.phones import search_terms
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.precedence import (
    PERSON_ACCOUNT_PHONE_FIELDS,
    STANDARD_PHONE_FIELDS,
    Candidate,
    dedupe_person_accounts,
    verified_candidates,
)
from integrations.salesforce.soql import escape_term, in_list
from integrations.salesforce.successors import kind_of

MAX_REQUESTS = 3
_REMEMBER_SECONDS = 24 * 3600

#: Fields of orgs with person accounts; where one is missing, all are.
_PERSON_ACCOUNT_FIELDS = (
    "IsPersonAccount",
    "PersonContactId",
    "PersonEmail",
    *PERSON_ACCOUNT_PHONE_FIELDS,
)
_EMAIL_FIELDS = {"Contact": ("Email",), "Account": ("PersonEmail",), "Lead": ("Email",)}
_COUNTRY_FIELDS = {"Contact": "MailingCountry", "Account": "BillingCountry", "Lead": "Country"}
_COMPANY_FIELDS = {"Contact": ("AccountId", "Account.Name"), "Account": (), "Lead": ("Company",)}
_CONDITIONS = {"Lead": " WHERE IsConverted = false"}
_MISSING_FIELD = re.compile(
    r"No such column '(?P<field>[\w.]+)' on (?:entity|sobject of type) '?(?P<sobject>\w+)"
)
_MISSING_OBJECT = re.compile(r"sObject type '(?P<sobject>\w+)' is not supported")


def search_phone(
    client: SalesforceClient, e164: str, default_region: str, *, max_requests: int = MAX_REQUESTS
) -> list[Candidate]:
    """The records that hold ``e164``, checked; empty where none does or it cannot be searched.

    ``default_region`` (ISO 3166) reads stored numbers of records that name no country.
    """
    terms = search_terms(e164)
    if not terms:
        return []
    find = f"FIND {{{' OR '.join(escape_term(term) for term in terms)}}} IN PHONE FIELDS"
    records = _search(client, find, max_requests)
    candidates = [_to_candidate(record) for record in records]
    return list(dedupe_person_accounts(verified_candidates(candidates, e164, default_region)))


def verify_records(
    client: SalesforceClient, record_ids: Iterable[str], e164: str, default_region: str
) -> list[Candidate]:
    """Of these records those that hold ``e164``, read from the database itself; a query for each
    kind. Converted leads and kinds that are never searched do not count."""
    records = []
    for sobject, names in _searchable(client).items():
        ids = sorted(one for one in set(record_ids) if kind_of(one) == sobject)
        if ids:
            where = f"{_CONDITIONS[sobject]} AND" if sobject in _CONDITIONS else " WHERE"
            soql = f"SELECT {', '.join(names)} FROM {sobject}{where} Id IN {in_list(ids)}"  # noqa: S608
            records += client.query(soql)
    candidates = [_to_candidate(record) for record in records]
    return list(dedupe_person_accounts(verified_candidates(candidates, e164, default_region)))


def search_email(
    client: SalesforceClient, address: str, *, max_requests: int = MAX_REQUESTS
) -> list[Candidate]:
    """The records whose standard field for it holds this mail address, in whatever case."""
    find = f"FIND {{{escape_term(address)}}} IN EMAIL FIELDS"
    records = _search(client, find, max_requests, by_email=True)
    holders = [
        record
        for record in records
        for field in _EMAIL_FIELDS[str(record["attributes"]["type"])]
        if str(record.get(field) or "").casefold() == address.casefold()
    ]
    return list(dedupe_person_accounts(_to_candidate(record) for record in holders))


def _search(
    client: SalesforceClient, find: str, max_requests: int, *, by_email: bool = False
) -> list[Record]:
    fields = _searchable(client, by_email=by_email)
    for _ in range(max_requests - 1):
        try:
            return client.search(f"{find} {_returning(fields)}")
        except NeedsAttention as error:
            fields = _without_missing(fields, error)
            cache.set(_cache_key(client, by_email=by_email), fields, _REMEMBER_SECONDS)
    return client.search(f"{find} {_returning(fields)}")


def _searchable(client: SalesforceClient, *, by_email: bool = False) -> dict[str, list[str]]:
    """By object, the fields that the connected user may see, as far as that is known."""
    known: dict[str, list[str]] | None = cache.get(_cache_key(client, by_email=by_email))
    return known or _all_fields(_EMAIL_FIELDS if by_email else {})


def _cache_key(client: SalesforceClient, *, by_email: bool) -> str:
    by = "address" if by_email else "number"
    return f"salesforce:searchable:{by}:{client.connection.pk}"


def _all_fields(more_fields: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {
        sobject: [
            "Id",
            "Name",
            *phones,
            *more_fields.get(sobject, ()),
            *_COMPANY_FIELDS[sobject],
            "OwnerId",
            "LastModifiedDate",
            _COUNTRY_FIELDS[sobject],
            *(_PERSON_ACCOUNT_FIELDS[:2] if sobject == "Account" else ()),
        ]
        for sobject, phones in STANDARD_PHONE_FIELDS.items()
    }


def _returning(fields: Mapping[str, list[str]]) -> str:
    objects = [
        f"{sobject}({', '.join(names)}{_CONDITIONS.get(sobject, '')})"
        for sobject, names in fields.items()
    ]
    return f"RETURNING {', '.join(objects)}"


def _without_missing(
    fields: Mapping[str, list[str]], error: NeedsAttention
) -> dict[str, list[str]]:
    """``fields`` without what the error names; raises the error again when it names none."""
    left = dict(fields)
    if found := _MISSING_OBJECT.search(error.message):
        left.pop(found["sobject"], None)
    elif found := _MISSING_FIELD.search(error.message):
        field, sobject = found["field"], found["sobject"]
        missing = _PERSON_ACCOUNT_FIELDS if field in _PERSON_ACCOUNT_FIELDS else (field,)
        left[sobject] = [name for name in left.get(sobject, ()) if name not in missing]
    if left == fields or not left:
        raise error
    return left


def _to_candidate(record: Record) -> Candidate:
    sobject = str(record["attributes"]["type"])
    phones = {name: value for name in STANDARD_PHONE_FIELDS[sobject] if (value := record.get(name))}
    return Candidate(
        sobject=sobject,
        record_id=str(record["Id"]),
        name=str(record.get("Name") or ""),
        account_id=record.get("AccountId"),
        account_name=_company(record),
        phones=phones,
        last_modified=str(record.get("LastModifiedDate") or ""),
        owner_id=record.get("OwnerId"),
        is_person_account=bool(record.get("IsPersonAccount")),
        person_contact_id=record.get("PersonContactId"),
        country=record.get(_COUNTRY_FIELDS[sobject]),
    )


def _company(record: Record) -> str | None:
    account: Any = record.get("Account")
    return account.get("Name") if account else record.get("Company")
