"""Which fields a template may use: those that its kind of record has in the org (MIT-30, MIT-31).

The org's own describe says it, read by a job and kept; before it was read, and without Salesforce,
the fields that every org has stand in. A campaign writes to leads and contacts, so its templates
take only what both have.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.errors import NeedsAttention
from integrations.models import Connection
from integrations.queueing import enqueue
from integrations.salesforce.client import Record, SalesforceClient
from sms.merge import Template as ReadTemplate
from sms.models import RecordFields, Template

#: The describe is asked for again when somebody opens a template and it is older than this.
_FRESH_FOR = timedelta(days=1)
#: What can stand in a text; ids, addresses in one piece and attachments cannot.
_READABLE = frozenset(
    {
        *("string", "textarea", "picklist", "multipicklist", "combobox", "phone", "email", "url"),
        *("int", "double", "currency", "percent", "date", "datetime", "time"),
    }
)
_INTERNAL = frozenset({"SystemModstamp", "PhotoUrl", "Jigsaw", "JigsawContactId"})
#: Longer texts would never fit into a message.
_LONGEST_FIELD = 255
#: One step along these references, to the name of what they point to.
_REFERENCES = {"Account": "Account", "Owner": "Owner", "ReportsTo": "Reports To"}


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of a record. ``type`` is Salesforce's word."""

    name: str
    label: str
    type: str = "string"


def _everywhere(*fields: tuple[str, str]) -> tuple[RecordField, ...]:
    types = {"Email": "email", "Phone": "phone", "MobilePhone": "phone"}
    return tuple(RecordField(name, label, types.get(name, "string")) for name, label in fields)


_OF_PEOPLE = (
    ("FirstName", "First Name"),
    ("LastName", "Last Name"),
    ("Name", "Full Name"),
    ("Salutation", "Salutation"),
    ("Title", "Title"),
    ("Email", "Email"),
    ("Phone", "Phone"),
    ("MobilePhone", "Mobile"),
    ("LeadSource", "Lead Source"),
    ("Owner.Name", "Owner"),
)
#: What every org has (salesforce.md 4); in use until its describe was read.
STANDARD_FIELDS: Mapping[str, tuple[RecordField, ...]] = {
    "Lead": _everywhere(
        *_OF_PEOPLE, ("Company", "Company"), ("Industry", "Industry"), ("City", "City"),
        ("Country", "Country"), ("Status", "Status"),
    ),
    "Contact": _everywhere(
        *_OF_PEOPLE, ("Account.Name", "Account"), ("Department", "Department"),
        ("HomePhone", "Home Phone"), ("OtherPhone", "Other Phone"),
        ("MailingCity", "Mailing City"), ("MailingCountry", "Mailing Country"),
    ),
}  # fmt: skip
SOBJECTS: Mapping[str, tuple[str, ...]] = {
    Template.Kind.LEAD: ("Lead",),
    Template.Kind.CONTACT: ("Contact",),
    Template.Kind.CAMPAIGN: ("Contact", "Lead"),
}


@dataclass(frozen=True)
class KnownFields:
    """The fields of leads and contacts, by kind of record and name; ``read_at`` None: not read."""

    by_sobject: Mapping[str, Mapping[str, RecordField]]
    read_at: datetime | None

    def of_kind(self, kind: str) -> list[RecordField]:
        """What a template of this kind may use: what texts mostly say first, the rest by label."""
        first, *others = (self.by_sobject[sobject] for sobject in SOBJECTS[kind])
        shared = [one for name, one in first.items() if all(name in other for other in others)]
        usual = {name: place for place, (name, _label) in enumerate(_OF_PEOPLE[:3])}
        last = len(usual)
        return sorted(
            shared, key=lambda one: (usual.get(one.name, last), one.label.casefold(), one.name)
        )

    def why_not(self, kind: str, name: str) -> str | None:
        """Why a template of this kind cannot use a field; None where it can."""
        holders = [sobject for sobject, known in self.by_sobject.items() if name in known]
        if set(SOBJECTS[kind]) <= set(holders):
            return None
        words = {"field": f"{{{{{name}}}}}"}
        if not holders:
            return self._unknown(kind, name, words)
        if kind == Template.Kind.CAMPAIGN:
            only = _("leads") if holders == ["Lead"] else _("contacts")
            return _(
                "%(field)s exists on %(only)s alone. A campaign writes to leads and contacts, so "
                "its templates take only fields that both have."
            ) % {**words, "only": only}
        if kind == Template.Kind.LEAD:
            return _("%(field)s is a field of contacts; this template is for leads.") % words
        return _("%(field)s is a field of leads; this template is for contacts.") % words

    def _unknown(self, kind: str, name: str, words: Mapping[str, str]) -> str:
        unknown = _("No field is called %(field)s.") % words
        folded = {one.name.casefold(): one.name for one in self.of_kind(kind)}
        if near := get_close_matches(name.casefold(), folded, n=1):
            suggestion = f"{{{{{folded[near[0]]}}}}}"
            return f"{unknown} {_('Did you mean %(field)s?') % {'field': suggestion}}"
        return f"{unknown} {_('Choose one from the list below the text.')}"


def known_fields() -> KnownFields:
    """What is known of the org of the workspace in scope; asks for news where that is old."""
    connection = Connection.objects.find_sync_user()
    if connection is None:
        return KnownFields(_standard(), None)
    rows = {row.sobject: row for row in RecordFields.objects.filter(org_id=connection.org_id)}
    read_at = min((row.read_at for row in rows.values()), default=None)
    if len(rows) < len(STANDARD_FIELDS):
        read_at = None
    if connection.is_usable and (read_at is None or timezone.now() - read_at > _FRESH_FOR):
        enqueue("background", "sms.jobs.read_merge_fields", connection.pk)
    read = {
        sobject: {one["name"]: RecordField(**one) for one in row.fields}
        for sobject, row in rows.items()
    }
    return KnownFields({**_standard(), **read}, read_at)


def _standard() -> dict[str, dict[str, RecordField]]:
    return {
        sobject: {one.name: one for one in fields} for sobject, fields in STANDARD_FIELDS.items()
    }


def faults_of(template: ReadTemplate, kind: str, known: KnownFields) -> list[str]:
    """Everything for which a template of this kind is refused, each with its reason."""
    faults = [f"“{fault.text}”: {fault.reason}." for fault in template.faults]
    reasons = (known.why_not(kind, name) for name in dict.fromkeys(f.name for f in template.fields))
    return [*faults, *filter(None, reasons)]


def read_fields(connection: Connection, deadline_seconds: float | None = None) -> None:
    """Ask the org which fields leads and contacts have, and keep the answer; two requests.

    Raises PatchbayError; what was known before then stays.
    """
    client = SalesforceClient(connection, feature="merge fields", deadline_seconds=deadline_seconds)
    for sobject in STANDARD_FIELDS:
        described = client.describe(sobject)
        fields = [
            {"name": one.name, "label": one.label, "type": one.type}
            for one in _readable(described.get("fields", ()))
        ]
        if not fields:
            raise NeedsAttention(
                _("Salesforce shows no field of %(object)s.") % {"object": sobject}, "NO_FIELDS"
            )
        RecordFields.objects.update_or_create(
            workspace_id=connection.workspace_id,
            org_id=connection.org_id,
            sobject=sobject,
            defaults={"fields": fields, "read_at": timezone.now()},
        )


def _readable(described: Sequence[Record]) -> Iterator[RecordField]:
    for one in described:
        name, label, kind = str(one["name"]), str(one.get("label") or one["name"]), one.get("type")
        relationship = one.get("relationshipName")
        if kind == "reference" and relationship in _REFERENCES:
            yield RecordField(f"{relationship}.Name", _REFERENCES[relationship])
        elif kind in _READABLE and name not in _INTERNAL and _fits(one):
            yield RecordField(name, label, str(kind))


def _fits(described: Mapping[str, Any]) -> bool:
    return described.get("type") != "textarea" or int(described.get("length", 0)) <= _LONGEST_FIELD
