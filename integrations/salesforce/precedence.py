"""Which records hold a number, and which of them stands for it in our directory. Pure.

RULES B1 (one search, standard phone fields, compared by E.164), MII-02, MII-07, MII-08, MII-10,
MII-11. This choice names the caller in the directory and the call history; what a call record is
filed under is decided in `calls.association`, which never guesses (K-01).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from integrations.countries import find_region
from integrations.frozen_json import JsonObject, from_json_object, to_json_object
from integrations.phones import is_same_number

PERSON_ACCOUNT_PHONE_FIELDS = (
    "PersonMobilePhone",
    "PersonHomePhone",
    "PersonOtherPhone",
    "PersonAssistantPhone",
)
# MII-07: every standard phone field, fax excluded; custom fields are never read (MII-08). The
# Person* fields exist only in orgs with person accounts.
STANDARD_PHONE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "Contact": ("Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone"),
    "Account": ("Phone", *PERSON_ACCOUNT_PHONE_FIELDS),
    "Lead": ("Phone", "MobilePhone"),
}
_DIRECTORY_ORDER = ("Contact", "Account", "Lead")  # MII-10; a person account is an Account
_EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Salesforce record that a search brought back, with what the rules need of it.

    `phones` maps field names to the stored text, `last_modified` is LastModifiedDate as Salesforce
    wrote it, `country` the code or name of the record's own address, `account_name` the company.
    """

    sobject: str
    record_id: str
    name: str
    account_id: str | None = None
    account_name: str | None = None
    phones: Mapping[str, str] = field(default_factory=dict)
    last_modified: str = ""
    owner_id: str | None = None
    is_person_account: bool = False
    person_contact_id: str | None = None
    country: str | None = None

    @property
    def label(self) -> str:
        """Its name, or its id where the name is not known."""
        return self.name or self.record_id

    def to_json(self) -> JsonObject:
        """The candidate as a JSON object."""
        return to_json_object(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The candidate that `to_json` wrote."""
        return from_json_object(cls, data)


def verified_candidates(
    candidates: Iterable[Candidate], e164: str, default_region: str
) -> tuple[Candidate, ...]:
    """Those candidates that really hold `e164` in a standard phone field, in the order given.

    A stored text is read with the country of its record, else with `default_region` (that of the
    workspace), so equal national digits of two countries never match (B1).
    """
    return tuple(
        candidate for candidate in candidates if _holds_number(candidate, e164, default_region)
    )


def dedupe_person_accounts(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each record once, and a person account without its hidden Contact (MII-02)."""
    by_id = {_short_id(candidate.record_id): candidate for candidate in candidates}
    twins = {
        _short_id(candidate.person_contact_id)
        for candidate in by_id.values()
        if candidate.is_person_account and candidate.sobject == "Account"
        if candidate.person_contact_id
    }
    return tuple(candidate for short_id, candidate in by_id.items() if short_id not in twins)


def choose_directory_record(
    candidates: Iterable[Candidate], *, preferred_id: str = ""
) -> Candidate | None:
    """The record that names the caller: Contact, else Account, else Lead (MII-10); of several the
    one modified last, and at the same moment the one with the highest id (MII-11).

    The record whose number was clicked goes before, ``preferred_id`` (MII-30)."""
    eligible = [
        candidate
        for candidate in dedupe_person_accounts(candidates)
        if candidate.sobject in _DIRECTORY_ORDER
    ]
    clicked = [one for one in eligible if preferred_id and _is_same(one.record_id, preferred_id)]
    return max(clicked or eligible, key=_directory_rank, default=None)


def _directory_rank(candidate: Candidate) -> tuple[int, datetime, str]:
    return (
        -_DIRECTORY_ORDER.index(candidate.sobject),
        _modified_at(candidate),
        candidate.record_id,
    )


def _modified_at(candidate: Candidate) -> datetime:
    """LastModifiedDate as a moment; texts with different offsets do not compare as texts."""
    try:
        modified_at = datetime.fromisoformat(candidate.last_modified)
    except ValueError:
        return _EARLIEST
    return modified_at if modified_at.tzinfo else modified_at.replace(tzinfo=UTC)


def _holds_number(candidate: Candidate, e164: str, default_region: str) -> bool:
    region = find_region(candidate.country) or default_region
    return any(
        is_same_number(candidate.phones.get(name), e164, region)
        for name in STANDARD_PHONE_FIELDS.get(candidate.sobject, ())
    )


def _is_same(record_id: str, other_id: str) -> bool:
    return _short_id(record_id) == _short_id(other_id)


def _short_id(record_id: str) -> str:
    """The case-sensitive 15 characters; the other three of an 18-character id only repeat them."""
    return record_id[:15]
