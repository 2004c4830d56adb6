"""Links to records in Salesforce."""

import re
from urllib.parse import quote, urlencode

from integrations.models import Connection


def record_url(connection: Connection | None, record_id: str) -> str:
    """Where a person opens a record; empty without one, or without a connection to its org.

    Salesforce sends ``<instance>/<id>`` on to the right page of either user interface.
    """
    org = _address_of(connection)
    return f"{org}/{record_id}" if org and record_id.isalnum() else ""


def new_record_url(connection: Connection | None, sobject: str, **fields: str) -> str:
    """Where a person fills in a new record in Lightning Experience, with these values in the form;
    empty without a connection."""
    org = _address_of(connection)
    values = ",".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    query = urlencode({"defaultFieldValues": values})
    return f"{org}/lightning/o/{sobject}/new?{query}" if org else ""


def _address_of(connection: Connection | None) -> str:
    if connection is None or not connection.instance_url.startswith(("https://", "http://")):
        return ""
    return connection.instance_url.rstrip("/")


_RECORD_ID = re.compile(r"^(?=.*\d)(?=.*[A-Za-z])[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$")


def record_id_prefix(typed: str) -> str | None:
    """What an id of 15 or 18 characters that somebody typed has in common with the stored one.

    None where the text cannot be a Salesforce id.
    """
    return typed[:15] if _RECORD_ID.match(typed) else None


_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def id_spellings(typed: str) -> list[str]:
    """The spellings under which a record's id may be stored; none where the text is no id.

    Salesforce's own pages give 15 case-sensitive characters, its API 18: the last three say which
    of the first are capitals, five to a character (Salesforce: "Record Id formats").
    """
    if not _RECORD_ID.match(typed):
        return []
    short = typed[:15]
    blocks = (short[start : start + 5] for start in (0, 5, 10))
    marks = (sum(one.isupper() << place for place, one in enumerate(block)) for block in blocks)
    return [short, short + "".join(_SUFFIX[mark] for mark in marks)]


#: What a record is by the first three characters of its id, for standard objects that an activity
#: can hang on (Salesforce: "Standard Field and Object Key Prefixes").
_KIND_BY_PREFIX = {
    "001": "Account",
    "003": "Contact",
    "006": "Opportunity",
    "00Q": "Lead",
    "500": "Case",
}
#: The address of a record's page in Lightning Experience names its object, custom ones too.
_LIGHTNING = re.compile(r"/lightning/r/(?P<kind>[A-Za-z]\w*)/(?P<id>[0-9A-Za-z]{15,18})(?:/|$)")
_NO_PARENTS = frozenset({"User", "Task", "Event", "Group", "Report", "Dashboard"})
_ID_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])([0-9A-Za-z]{18}|[0-9A-Za-z]{15})(?![0-9A-Za-z])")


def find_record_in(text: str) -> tuple[str, str] | None:
    """Kind and id of the record that a person named by its id or the address of its page.

    None where there is no id, or one of an object that activities are not filed under. What the
    address of a Lightning page names is taken at its word; whether an activity can hang on it, the
    org's describe says.
    """
    if (page := _LIGHTNING.search(text)) and page["kind"] not in _NO_PARENTS:
        return page["kind"], page["id"]
    for record_id in _ID_IN_TEXT.findall(text):
        if kind := _KIND_BY_PREFIX.get(record_id[:3]):
            return kind, record_id
    return None
