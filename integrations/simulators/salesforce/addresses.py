"""State and country picklists: an org has them or has not; text and code then move together."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.store import Record

PREFIXES = {"Account": "Billing", "Contact": "Mailing", "Lead": ""}
COUNTRIES: Mapping[str, str] = {
    "CA": "Canada",
    "DE": "Germany",
    "ES": "Spain",
    "FR": "France",
    "GB": "United Kingdom",
    "US": "United States",
}
STATES: Mapping[str, Mapping[str, str]] = {
    "CA": {"BC": "British Columbia", "ON": "Ontario", "QC": "Quebec"},
    "US": {
        "CA": "California",
        "IL": "Illinois",
        "NY": "New York",
        "TX": "Texas",
        "WA": "Washington",
    },
}
"""State code to name by country code; countries that are not here have no states."""


def save_address(org: Org, sobject: SObject, old: Record | None, record: Record) -> None:
    """Check an address and complete its codes or its texts. Raises `SalesforceError`."""
    prefix = PREFIXES.get(sobject.name)
    if prefix is None or not org.switches.state_picklists:
        return
    before = old or dict.fromkeys(record)
    country = _settle(before, record, f"{prefix}Country", COUNTRIES, "country/territory", "country")
    states = STATES.get(country or "", {})
    has_state = record[f"{prefix}State"] or record[f"{prefix}StateCode"]
    if has_state and country is None:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            "A country/territory must be specified before specifying a state value for field: "
            f"{prefix}State",
            fields=[f"{prefix}State"],
        )
    _settle(before, record, f"{prefix}State", states, "state/province", "state")


def _settle(
    before: Record, record: Record, name: str, known: Mapping[str, str], noun: str, word: str
) -> str | None:
    """The code that the pair of fields comes to; what was changed decides, the code first."""
    code_name = f"{name}Code"
    text, code = record[name], record[code_name]
    by_name = {label.lower(): key for key, label in known.items()}
    if code != before.get(code_name) and code is not None:
        found = str(code).upper() if str(code).upper() in known else None
    elif text is None:
        record[code_name] = None
        return None
    else:
        found = by_name.get(str(text).lower())
        found = found or (str(text).upper() if str(text).upper() in known else None)
    if found is None:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            f"There's a problem with this {word}, even though it may appear correct. Please "  # noqa: S608
            f"select a {noun} from the list of valid {_plural(word)}.: {name}",
            fields=[name],
        )
    record[code_name], record[name] = found, known[found]
    return found


def _plural(word: str) -> str:
    return "countries" if word == "country" else f"{word}s"
