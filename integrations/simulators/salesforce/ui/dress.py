"""The two user interfaces of Salesforce: the addresses that each has for the same page.

Lightning and Classic addresses and the prefill of new forms: Open CTI guide; reference/telephony
1.8. Classic prefills by the HTML id that a field has on the edit page; fields whose id is not
known have their API name as id here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import quote, unquote, urlencode

from integrations.simulators.salesforce.schema import SObject

CLASSIC_IDS: Mapping[tuple[str, str], str] = {
    ("Account", "Phone"): "acc10",
    ("Contact", "FirstName"): "name_firstcon2",
    ("Contact", "LastName"): "name_lastcon2",
    ("Contact", "Phone"): "con10",
    ("Lead", "Phone"): "lea8",
    ("Opportunity", "Name"): "opp3",
}
"""HTML ids of the fields on Classic's edit pages, by object and field."""


class Dress(Protocol):
    """One user interface. Addresses are relative to the org; record ids have 18 characters."""

    name: str
    label: str

    def home(self) -> str:
        """Where a user begins."""

    def list(self, sobject: SObject) -> str:
        """The records of an object."""

    def view(self, sobject: SObject, record_id: str) -> str:
        """One record."""

    def edit(self, sobject: SObject, record_id: str, return_to: str = "") -> str:
        """The form that changes a record; Classic goes to `return_to` afterwards."""

    def new(self, sobject: SObject, prefill: Mapping[str, str]) -> str:
        """The form for a new record, with texts by field name."""

    def related(self, sobject: SObject, record_id: str, relationship: str) -> str:
        """All records that point to this one through a relationship such as `Contacts`."""

    def prefill(self, sobject: SObject, query: Mapping[str, str]) -> dict[str, str]:
        """The texts by field name that the address of a new form carries."""

    def input_id(self, sobject: SObject, field: str) -> str:
        """The HTML id of a field on its form."""


class Lightning:
    """Lightning Experience."""

    name = "lightning"
    label = "Lightning Experience"

    def home(self) -> str:
        return "/lightning/page/home"

    def list(self, sobject: SObject) -> str:
        return f"/lightning/o/{sobject.name}/list"

    def view(self, sobject: SObject, record_id: str) -> str:
        return f"/lightning/r/{sobject.name}/{record_id}/view"

    def edit(self, sobject: SObject, record_id: str, return_to: str = "") -> str:
        return f"/lightning/r/{sobject.name}/{record_id}/edit"

    def new(self, sobject: SObject, prefill: Mapping[str, str]) -> str:
        address = f"/lightning/o/{sobject.name}/new"
        if not prefill:
            return address
        values = ",".join(f"{name}={quote(text, safe='')}" for name, text in prefill.items())
        return f"{address}?{urlencode({'defaultFieldValues': values})}"

    def related(self, sobject: SObject, record_id: str, relationship: str) -> str:
        return f"/lightning/r/{sobject.name}/{record_id}/related/{relationship}/view"

    def prefill(self, sobject: SObject, query: Mapping[str, str]) -> dict[str, str]:
        pairs = (one.partition("=") for one in query.get("defaultFieldValues", "").split(","))
        named = ((sobject.field(name.strip()), unquote(text)) for name, _, text in pairs)
        return {field.name: text for field, text in named if field is not None}

    def input_id(self, sobject: SObject, field: str) -> str:
        return field


class Classic:
    """Salesforce Classic, whose addresses have ids of 15 characters."""

    name = "classic"
    label = "Salesforce Classic"

    def home(self) -> str:
        return "/home/home.jsp"

    def list(self, sobject: SObject) -> str:
        return f"/{sobject.key_prefix}/o"

    def view(self, sobject: SObject, record_id: str) -> str:
        return f"/{record_id[:15]}"

    def edit(self, sobject: SObject, record_id: str, return_to: str = "") -> str:
        query = f"?{urlencode({'retURL': return_to})}" if return_to else ""
        return f"/{record_id[:15]}/e{query}"

    def new(self, sobject: SObject, prefill: Mapping[str, str]) -> str:
        given = {self.input_id(sobject, name): text for name, text in prefill.items()}
        return f"/{sobject.key_prefix}/e" + (f"?{urlencode(given)}" if given else "")

    def related(self, sobject: SObject, record_id: str, relationship: str) -> str:
        return f"/{record_id[:15]}/related/{relationship}"

    def prefill(self, sobject: SObject, query: Mapping[str, str]) -> dict[str, str]:
        names = {self.input_id(sobject, one.name): one.name for one in sobject.fields}
        return {names[key]: text for key, text in query.items() if key in names}

    def input_id(self, sobject: SObject, field: str) -> str:
        return CLASSIC_IDS.get((sobject.name, field), field)


LIGHTNING, CLASSIC = Lightning(), Classic()
DRESSES: Mapping[str, Dress] = {one.name: one for one in (LIGHTNING, CLASSIC)}
