"""Reading the phone fields of an org page by page (PLUS-12): each page is one request.

Pages go by Id, so that a run needs nothing of Salesforce to go on where it stopped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core.cache import cache

from integrations.errors import NeedsAttention
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.precedence import STANDARD_PHONE_FIELDS
from integrations.salesforce.soql import quote

OBJECTS = tuple(STANDARD_PHONE_FIELDS)
#: Salesforce's own page of a query.
PAGE = 2_000
_COUNTRIES = {"Contact": "MailingCountry", "Account": "BillingCountry", "Lead": "Country"}
_REMEMBER_SECONDS = 3_600


@dataclass(frozen=True)
class PhoneRecord:
    """A record with its filled phone fields; ``country`` is that of its own address."""

    record_id: str
    name: str
    country: str
    phones: Mapping[str, str]


@dataclass(frozen=True)
class PhonePage:
    """Records of one object by their ids; the next page begins after ``last_id``."""

    sobject: str
    records: Sequence[PhoneRecord]
    last_id: str
    is_last: bool


def read_page(client: SalesforceClient, sobject: str, after_id: str) -> PhonePage:
    """The next page of an object; an empty last one where the connected user may not see it."""
    fields = _readable_fields(client, sobject)
    phones = [name for name in STANDARD_PHONE_FIELDS[sobject] if name in fields]
    if not phones:
        return PhonePage(sobject, (), "", is_last=True)
    rows = client.query(_soql(sobject, fields, phones, after_id))
    return PhonePage(
        sobject,
        [_to_record(sobject, row, phones) for row in rows],
        str(rows[-1]["Id"]) if rows else after_id,
        is_last=len(rows) < PAGE,
    )


def _readable_fields(client: SalesforceClient, sobject: str) -> list[str]:
    key = f"salesforce:phone-fields:{client.connection.pk}:{sobject}"
    fields: list[str] | None = cache.get(key)
    if fields is None:
        wanted = {"Name", _COUNTRIES[sobject], "IsPersonAccount", "IsConverted"}
        wanted |= set(STANDARD_PHONE_FIELDS[sobject])
        try:
            described = client.describe(sobject)["fields"]
        except NeedsAttention as error:
            if error.http_status != 404:
                raise
            described = []
        fields = sorted({str(one["name"]) for one in described} & wanted)
        cache.set(key, fields, _REMEMBER_SECONDS)
    return fields


def _soql(sobject: str, fields: Sequence[str], phones: Sequence[str], after_id: str) -> str:
    conditions = [f"({' OR '.join(f'{name} != null' for name in phones)})"]
    if after_id:
        conditions.append(f"Id > {quote(after_id)}")
    # A converted Lead is filed under no more; a person account's Contact is the same person.
    if sobject == "Lead" and "IsConverted" in fields:
        conditions.append("IsConverted = false")
    if sobject == "Contact" and "IsPersonAccount" in fields:
        conditions.append("IsPersonAccount = false")
    return (
        f"SELECT {', '.join(['Id', *fields])} FROM {sobject}"  # noqa: S608 - SOQL of our own names
        f" WHERE {' AND '.join(conditions)} ORDER BY Id LIMIT {PAGE}"
    )


def _to_record(sobject: str, row: Record, phones: Sequence[str]) -> PhoneRecord:
    return PhoneRecord(
        record_id=str(row["Id"]),
        name=str(row.get("Name") or ""),
        country=str(row.get(_COUNTRIES[sobject]) or ""),
        phones={name: str(row[name]) for name in phones if str(row.get(name) or "").strip()},
    )
