"""The rules of a customer as switches; `customer_rules` applies them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Refusal:
    """Refuse this operation with this error, without a condition."""

    sobject: str
    operation: str
    code: str
    message: str
    times: int | None = None
    status: int = 400
    fields: tuple[str, ...] = ()


@dataclass
class RequestFailure:
    """Answer every request with this error, instead of carrying it out."""

    code: str
    message: str
    status: int
    times: int | None = None


@dataclass(frozen=True)
class ValidationRule:
    """Refuse a record of which `when` is true; `when` reads like the WHERE of a query."""

    sobject: str
    when: str
    message: str
    field: str | None = None


@dataclass(frozen=True)
class DuplicateRule:
    """Report living records of `against` with the same values in all of `fields`.

    One that alerts can be overridden by the request, one that blocks cannot.
    """

    sobject: str
    fields: tuple[str, ...]
    blocks: bool
    against: str
    name: str = "Standard Duplicate Rule"
    message: str = "Use one of these records?"


@dataclass
class CustomerRules:
    """Every rule of one org. `owners` are the assignment rules: object to owner id. `locks` are
    records that somebody else holds: id to how often yet, None for until it is unlocked."""

    refusals: list[Refusal] = field(default_factory=list)
    validations: list[ValidationRule] = field(default_factory=list)
    duplicates: list[DuplicateRule] = field(default_factory=list)
    owners: dict[str, str] = field(default_factory=dict)
    locks: dict[str, int | None] = field(default_factory=dict)
    lock_status: int = 400
    failures: list[RequestFailure] = field(default_factory=list)
    required: set[tuple[str, str]] = field(default_factory=set)
