"""Who of an org's users is probably which member (MII-36). Pure.

A mail address is proof enough to propose, since members proved theirs; a name is only a hint.
Nobody is proposed who is somebody else already, and never one of several.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Hint(StrEnum):
    """What speaks for a proposal."""

    ADDRESS = "address"
    NAME = "name"


class Conflict(StrEnum):
    """Why nobody is proposed although somebody fits."""

    SEVERAL = "several"
    TAKEN = "taken"
    WANTED_TWICE = "wanted_twice"


class User(Protocol):
    """What is compared of a Salesforce user."""

    @property
    def user_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Person:
    """A member who is linked to nobody."""

    key: int
    email: str
    name: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The user proposed for a person, or the conflict in the way of one."""

    user_id: str
    hint: Hint
    conflict: Conflict | None = None


def suggest(
    people: Iterable[Person], users: Iterable[User], taken: Iterable[str]
) -> Mapping[int, Suggestion]:
    """A suggestion by each person's key; nothing for those whom no user resembles.

    ``taken`` are ids of users to whom members are linked already.
    """
    by_address: dict[str, list[str]] = defaultdict(list)
    by_name: dict[str, list[str]] = defaultdict(list)
    for user in users:
        by_address[user.email.casefold()].append(user.user_id)
        by_name[user.name.casefold()].append(user.user_id)
    held = frozenset(taken)
    found = {
        person.key: suggestion
        for person in people
        if (suggestion := _for_person(person, by_address, by_name, held))
    }
    wanted = Counter(one.user_id for one in found.values() if one.conflict is None)
    return {
        key: Suggestion(one.user_id, one.hint, Conflict.WANTED_TWICE)
        if wanted[one.user_id] > 1 and one.conflict is None
        else one
        for key, one in found.items()
    }


def _for_person(
    person: Person,
    by_address: Mapping[str, list[str]],
    by_name: Mapping[str, list[str]],
    taken: frozenset[str],
) -> Suggestion | None:
    for hint, ids in (
        (Hint.ADDRESS, by_address.get(person.email.casefold(), [])),
        (Hint.NAME, by_name.get(person.name.casefold(), []) if person.name else []),
    ):
        if len(ids) == 1:
            return Suggestion(ids[0], hint, Conflict.TAKEN if ids[0] in taken else None)
        if ids:
            return Suggestion(ids[0], hint, Conflict.SEVERAL)
    return None
