"""Which checkbox says in Salesforce that somebody wants no texts (RULES D2, salesforce.md 4.7).

Salesforce has none of its own, so it is found by describe: the one that the workspace names, or one
that is called like an SMS opt-out. Nothing has to be there: an org without one is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from integrations.errors import NeedsAttention
from integrations.frozen_json import JsonObject, from_json_object, to_json_object
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.downloads import OPT_OUT_FIELD
from integrations.salesforce.precedence import STANDARD_PHONE_FIELDS

#: Who can be flagged. A person account carries the checkbox of its Contact, named ``…__pc``.
OBJECTS = ("Contact", "Lead", "Account")
#: What such fields are called, without namespace, ``__c`` and underscores, in lower case. The first
#: that an object has is taken; packages of several vendors use the others.
_USUAL_NAMES = (
    "smsoptout",
    "hasoptedoutofsms",
    "optedoutofsms",
    "optoutofsms",
    "smsoptedout",
    "smsunsubscribed",
)
_COUNTRIES = {"Contact": "MailingCountry", "Account": "BillingCountry", "Lead": "Country"}


@dataclass(frozen=True, slots=True)
class FlagField:
    """The checkbox of one object, and the phone and country fields that the user may read there.

    ``is_writable`` is False where Salesforce lets the connected user only look.
    """

    name: str
    is_writable: bool
    phones: tuple[str, ...]
    country: str = ""
    has_conversion: bool = False

    def to_json(self) -> JsonObject:
        """The field as a JSON object."""
        return to_json_object(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The field that `to_json` wrote."""
        return from_json_object(cls, data)


def find_flag_fields(client: SalesforceClient, wanted: str) -> dict[str, FlagField]:
    """The checkbox of each object that has one; ``wanted`` is its API name, empty to look for it.

    One request an object. Raises what the client raises, but for objects that the user cannot see.
    """
    found = {}
    for sobject in OBJECTS:
        try:
            described = client.describe(sobject)["fields"]
        except NeedsAttention as error:
            if error.http_status != 404:
                raise
            continue
        if field := choose_flag_field(sobject, described, wanted):
            found[sobject] = field
    return found


def choose_flag_field(sobject: str, described: list[Record], wanted: str) -> FlagField | None:
    """The checkbox among the described fields of an object. Pure."""
    by_name = {str(one["name"]): one for one in described}
    # A field of a Contact is one of its person account as well, under this ending.
    ending = "__pc" if sobject == "Account" else "__c"
    checkboxes = [
        name for name, one in by_name.items() if one["type"] == "boolean" and name.endswith(ending)
    ]
    name = _named(checkboxes, wanted.removesuffix("__c") + ending) if wanted else _usual(checkboxes)
    if name is None:
        return None
    country = _COUNTRIES[sobject]
    return FlagField(
        name=name,
        is_writable=bool(by_name[name].get("updateable")),
        phones=tuple(one for one in STANDARD_PHONE_FIELDS[sobject] if one in by_name),
        country=country if country in by_name else "",
        has_conversion="IsConverted" in by_name,
    )


def _named(checkboxes: list[str], wanted: str) -> str | None:
    return next((name for name in checkboxes if name.casefold() == wanted.casefold()), None)


def _usual(checkboxes: list[str]) -> str | None:
    """Our own first, so that whoever deploys it gets it."""
    if own := _named(checkboxes, OPT_OUT_FIELD):
        return own
    usual = [name for name in checkboxes if _bare(name) in _USUAL_NAMES]
    ranked = [(_USUAL_NAMES.index(_bare(name)), name) for name in usual]
    return min(ranked)[1] if ranked else None


def _bare(name: str) -> str:
    """``tdc__SMS_Opt_out__c`` as ``smsoptout``."""
    words = name.rpartition("__")[0].split("__")[-1]
    return words.replace("_", "").casefold()
