"""The person behind a Salesforce record: name, numbers, and what a template says of them.

What composing and the API ask before a text is taken on; RULES D5 for the fields.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.countries import find_region
from integrations.errors import NeedsAttention, Refused
from integrations.models import Connection, Workspace
from integrations.phones import parse_phone
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.oauth import INTERACTIVE_SECONDS
from integrations.salesforce.soql import like_start, quote
from integrations.tenancy import current_workspace_id
from sms.merge_fields import KnownFields, RecordField, known_fields, read_fields
from sms.messaging import Person
from sms.models import Template

_ACCOUNT = "001"
#: What an id begins with, and the templates that fit such a record (MIT-38, MIT-41).
KINDS = {"Contact": Template.Kind.CONTACT, "Lead": Template.Kind.LEAD}
#: A person account is written to as the contact that it also is.
_PREFIXES = {"003": "Contact", "00Q": "Lead", _ACCOUNT: "Contact"}
#: The mobile number first: it is the one that takes texts (MIT-37).
_PHONES = ("MobilePhone", "Phone", "OtherPhone", "HomePhone")
#: Where a record says in which country it is.
COUNTRY_FIELDS = {"Contact": "MailingCountry", "Lead": "Country"}
_COMPANIES = {"Contact": "Account.Name", "Lead": "Company"}
FOUND_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a record, and the field that it stands in."""

    field: str
    label: str
    e164: str

    @property
    def is_mobile(self) -> bool:
        """Whether the record itself says that it takes texts."""
        return self.field == "MobilePhone"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A lead or contact. ``values`` are the fields that were asked for, as a text shows them."""

    person: Person
    company: str
    numbers: tuple[Number, ...]
    values: Mapping[str, str]

    @property
    def kind(self) -> Template.Kind:
        """Which templates fit."""
        return KINDS[self.person.sobject]

    @property
    def mobile(self) -> Number | None:
        """Where texts go unless somebody chooses another number."""
        return next((number for number in self.numbers if number.is_mobile), None)


class RecipientNotFound(Refused):
    """There is no such lead or contact, or nobody can be asked."""


def find_recipient(record_id: str, names: Collection[str] = ()) -> Recipient:
    """Read one lead, contact or person account from Salesforce, with the fields ``names`` as far
    as it has them.

    Raises RecipientNotFound, or what the client raises.
    """
    sobject = sobject_of(record_id)
    if sobject is None:
        raise RecipientNotFound(_("Texts go to leads and contacts; this is another record."))
    if record_id.startswith(_ACCOUNT):
        return _find_person_account(record_id, names)
    rows, known = _select(sobject, names, f"WHERE Id = {quote(record_id)} LIMIT 1")
    if not rows:
        raise RecipientNotFound(
            _("Salesforce shows no such record. It may have been deleted, or converted.")
        )
    return _to_recipient(rows[0], sobject, known, names)


def _find_person_account(account_id: str, names: Collection[str]) -> Recipient:
    """The contact of a person account; most orgs have none, and no field that tells them apart."""
    company = RecipientNotFound(_("This account is a company. Write to one of its contacts."))
    owned = f"AccountId = {quote(account_id)} AND IsPersonAccount = true"
    try:
        rows, known = _select("Contact", names, f"WHERE {owned} LIMIT 1")
    except NeedsAttention as error:
        if error.code != "INVALID_FIELD":
            raise
        raise company from error
    if not rows:
        raise company
    return _to_recipient(rows[0], "Contact", known, names)


def search_recipients(term: str, kinds: Collection[str]) -> list[Recipient]:
    """People whose name begins with ``term``, by name; ``kinds`` are Contact and Lead or one."""
    found: list[Recipient] = []
    for sobject in KINDS:
        if sobject not in kinds or len(found) >= FOUND_AT_MOST:
            continue
        start = like_start(term)
        conditions = f"(Name LIKE {start} OR LastName LIKE {start})"
        if sobject == "Lead":
            conditions += " AND IsConverted = false"
        rest = f"WHERE {conditions} ORDER BY Name, Id LIMIT {FOUND_AT_MOST - len(found)}"
        rows, known = _select(sobject, (), rest)
        found += [_to_recipient(row, sobject, known, ()) for row in rows]
    return found


def sobject_of(record_id: str) -> str | None:
    """What an id of 15 or 18 letters and digits belongs to; None for what cannot be written to."""
    if not record_id.isascii() or not record_id.isalnum() or len(record_id) not in (15, 18):
        return None
    return _PREFIXES.get(record_id[:3])


def _select(sobject: str, names: Collection[str], rest: str) -> tuple[list[Record], KnownFields]:
    """Records with the fields that are known, and those. ``rest`` holds quoted values only.

    A field that was deleted or hidden since fails the whole query: then the org is asked which
    fields it has, and once more for the records.
    """
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.is_usable:
        raise NeedsAttention(_("Salesforce is not connected."), "NOT_CONNECTED")
    client = SalesforceClient(connection, feature="compose", deadline_seconds=INTERACTIVE_SECONDS)
    try:
        return _ask(client, sobject, names, rest)
    except NeedsAttention as error:
        if error.code != "INVALID_FIELD":
            raise
    read_fields(connection, INTERACTIVE_SECONDS)
    return _ask(client, sobject, names, rest)


def _ask(
    client: SalesforceClient, sobject: str, names: Collection[str], rest: str
) -> tuple[list[Record], KnownFields]:
    known = known_fields()
    columns = ", ".join(_columns(known, sobject, names))
    soql = f"SELECT {columns} FROM {sobject} {rest}"  # noqa: S608 - described names
    return client.query(soql), known


def _columns(known: KnownFields, sobject: str, names: Collection[str]) -> list[str]:
    """The columns to ask for: only what the org has, because one other fails the whole query."""
    has = known.by_sobject[sobject]
    wanted = (*_PHONES, COUNTRY_FIELDS[sobject], _COMPANIES[sobject], *names)
    return list(dict.fromkeys(("Id", "Name", *(name for name in wanted if name in has))))


def _to_recipient(
    row: Record, sobject: str, known: KnownFields, names: Collection[str]
) -> Recipient:
    has = known.by_sobject[sobject]
    name = str(row.get("Name") or "")
    company = str(read_value(row, _COMPANIES[sobject]) or "")
    return Recipient(
        person=Person(sobject, str(row["Id"]), name),
        # The account of a person account is the person.
        company="" if company == name else company,
        numbers=_numbers(row, sobject, known),
        values={name: as_text(read_value(row, name), has[name]) for name in names if name in has},
    )


def _numbers(row: Record, sobject: str, known: KnownFields) -> tuple[Number, ...]:
    workspace = Workspace.objects.get(pk=current_workspace_id())
    region = find_region(row.get(COUNTRY_FIELDS[sobject])) or workspace.default_region
    numbers: dict[str, Number] = {}
    for name in _PHONES:
        e164 = parse_phone(row.get(name), region).e164
        if e164 and e164 not in numbers:
            label = known.by_sobject[sobject][name].label
            numbers[e164] = Number(name, label, e164)
    return tuple(numbers.values())


def read_value(row: Record, name: str) -> Any:
    """A field of a record, along references as in ``Owner.Name``; None where it has nothing."""
    value: Any = row
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def as_text(value: Any, field: RecordField) -> str:
    """A value as people write it: whole numbers without ``.0``, days as ``22 Nov 2026``."""
    if value is None:
        return ""
    if field.type == "date":
        return f"{date.fromisoformat(str(value)):%d %b %Y}".lstrip("0")
    if field.type == "datetime":
        at = timezone.localtime(datetime.fromisoformat(str(value)))
        return f"{at:%d %b %Y %H:%M}".lstrip("0")
    if field.type == "multipicklist":
        return ", ".join(str(value).split(";"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
