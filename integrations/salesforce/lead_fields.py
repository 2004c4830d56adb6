"""The fields of a new Lead (RULES C3, CTM-11 to CTM-15). Pure.

Where an org keeps countries and states as picklists it has CountryCode and StateCode, and refuses a
name that is not on its list; elsewhere Country is free text. One of the two is written, never both.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from integrations.countries import region_name
from integrations.planning import NewLead

_REQUIRED = frozenset({"LastName", "Company"})


def lead_fields(lead: NewLead, createable: Collection[str]) -> dict[str, Any]:
    """What to write of `lead` into an org whose Leads have these `createable` fields."""
    fields = {
        "LastName": lead.last_name,
        "Company": lead.company,
        "Phone": lead.phone,
        **region_fields(lead.region, createable, full_names=lead.full_region_names),
    }
    return {name: value for name, value in fields.items() if name in {*createable, *_REQUIRED}}


def region_fields(
    region: str | None, createable: Collection[str], *, full_names: bool
) -> dict[str, str]:
    """The country of a new record: spelt out, else as a code; empty where it is not known."""
    if region is None:
        return {}
    if full_names:
        name = region_name(region)
        return {"Country": name} if name else {}
    return {"CountryCode" if "CountryCode" in createable else "Country": region}
