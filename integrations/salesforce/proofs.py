"""Judging what a Salesforce user may do, by evidence that was read from the org. Pure.

Describe as the connected user sees it is the effective truth (salesforce.md 6): what is hidden is
not in it. What it cannot tell is proven from permission rows where the user may read those, and
"cannot be proven" otherwise (RULES E5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from integrations.frozen_json import JsonObject, from_json_object, to_json_object
from integrations.salesforce.rights import (
    COLUMNS,
    CREATE_ONLY,
    KEY_FIELD,
    OBJECTS,
    PICKLIST_VALUES,
    START_FIELD,
    TASK_FIELDS,
    Need,
    Operation,
)


class Result(StrEnum):
    """What became of one need."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    UNPROVEN = "unproven"
    ADVICE = "advice"
    """Missing, and recommended only."""


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """A field as describe shows it to the connected user."""

    createable: bool
    updateable: bool
    is_required: bool = False
    is_unique_external_id: bool = False
    values: frozenset[str] | None = None
    """Of a restricted picklist."""
    refers_to: frozenset[str] = frozenset()
    """The objects that a reference may point to."""


@dataclass(frozen=True, slots=True)
class ObjectSeen:
    """An object as describe shows it."""

    queryable: bool
    createable: bool
    updateable: bool
    fields: Mapping[str, FieldSeen] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of yes, no or neither, with what it rests on."""

    is_so: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was read. ``objects`` lacks what the user may not see."""

    objects: Mapping[str, ObjectSeen]
    permissions: Mapping[str, bool] = field(default_factory=dict)
    views_all: Mapping[str, bool] | None = None
    """By object, from ObjectPermissions; None where the user may not read those."""
    read_back: Told = Told(None, "")
    rehearsal: Told = Told(None, "")
    api_refused: str = ""
    """Salesforce's words where it lets the user not use the API at all."""

    @property
    def has_key_field(self) -> bool:
        """Whether the user can write the unique external-id field of Patchbay (RULES C2)."""
        task = self.objects.get("Task")
        found = task.fields.get(KEY_FIELD) if task else None
        return found is not None and found.createable and found.is_unique_external_id

    @property
    def has_start_field(self) -> bool:
        """Whether the user can write when a call began (CRC-94)."""
        task = self.objects.get("Task")
        found = task.fields.get(START_FIELD) if task else None
        return found is not None and found.createable and found.updateable

    @property
    def task_parents(self) -> tuple[str, ...]:
        """The objects besides people that a Task can hang on (RULES B4); empty while unknown."""
        task = self.objects.get("Task")
        found = task.fields.get("WhatId") if task else None
        return tuple(sorted(found.refers_to)) if found else ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one need; ``text`` says on what it rests, or what to do."""

    sobject: str
    operation: str
    result: str
    text: str = ""
    field: str = ""
    is_for_activity_history: bool = False


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """The findings about one connection at one time.

    ``later`` are those about what activity history would need on top, while it is off;
    ``has_key_field`` says that new Tasks can carry their key in a field that allows it once,
    ``has_start_field`` that they can carry when the call began, ``task_parents`` which objects
    besides people they can hang on.
    """

    findings: tuple[Finding, ...]
    later: tuple[Finding, ...] = ()
    checked_at: datetime | None = None
    has_key_field: bool = False
    has_start_field: bool = False
    task_parents: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What is needed and not there."""
        return _of(self.findings, Result.FAIL)

    @property
    def missing_later(self) -> tuple[Finding, ...]:
        """What activity history would lack."""
        return _of(self.later, Result.FAIL)

    @property
    def unproven(self) -> tuple[Finding, ...]:
        """What nobody can tell before it is tried."""
        return _of(self.findings, Result.UNPROVEN)

    @property
    def advice(self) -> tuple[Finding, ...]:
        """What would be better."""
        return _of((*self.findings, *self.later), Result.ADVICE)

    @property
    def passes(self) -> bool:
        """Whether everything that is needed now is there, as far as it can be told."""
        return not self.missing

    @property
    def is_ready_for_activity_history(self) -> bool:
        """Whether activity history could be switched on (RULES E6)."""
        about = (*self.findings, *self.later)
        return any(one.is_for_activity_history for one in about) and not _of(about, Result.FAIL)

    def matrix(self) -> list[tuple[str, list[Finding | None]]]:
        """Each object with a finding for each column; None: not needed (MIX-12)."""
        by_place = {(one.sobject, one.operation): one for one in (*self.later, *self.findings)}
        return [
            (sobject, [by_place.get((sobject, column)) for column in COLUMNS])
            for sobject in OBJECTS
        ]

    def to_json(self) -> JsonObject:
        """The report as a JSON object."""
        return to_json_object(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The report that ``to_json`` wrote."""
        return from_json_object(cls, data)


def _of(findings: Iterable[Finding], result: Result) -> tuple[Finding, ...]:
    return tuple(one for one in findings if one.result == result)


def judge(needs: Iterable[Need], evidence: Evidence) -> tuple[Finding, ...]:
    """One finding for each need, and one for each field that the org requires besides."""
    return tuple(_judge(needs, evidence))


def _judge(needs: Iterable[Need], evidence: Evidence) -> Iterator[Finding]:
    for need in needs:
        if need.field and need.sobject not in evidence.objects and not need.is_advice:
            continue  # the object is missing, which is one finding, not one a field
        told = _tell(need, evidence)
        result = {True: Result.PASS, False: Result.FAIL, None: Result.UNPROVEN}[told.is_so]
        if need.is_advice and told.is_so is not True:
            result = Result.ADVICE
        yield _find(need, result, told.text)
        if need.operation == Operation.CREATE and need.sobject == "Task":
            yield from _required_extras(need, evidence)


def _find(need: Need, result: Result, text: str) -> Finding:
    return Finding(
        need.sobject, need.operation, result, text, need.field, need.is_for_activity_history
    )


def _tell(need: Need, evidence: Evidence) -> Told:
    if need.operation == Operation.USE_API:
        if evidence.api_refused:
            return Told(False, evidence.api_refused)
        return Told(True, "Salesforce answers this user’s requests.")
    if evidence.api_refused:
        return Told(None, "Nothing can be asked without the API.")
    if need.operation == Operation.READ_BACK:
        return evidence.read_back
    if need.operation == Operation.REHEARSE:
        return evidence.rehearsal
    if need.operation == Operation.KEY_FIELD:
        return Told(evidence.has_key_field, need.purpose)
    seen = evidence.objects.get(need.sobject)
    if seen is None:
        return Told(False, f"The user may not see {need.sobject} at all. {need.purpose}")
    return _tell_of_object(need, seen, evidence)


def _tell_of_object(need: Need, seen: ObjectSeen, evidence: Evidence) -> Told:
    match need.operation:
        case Operation.VIEW_ALL:
            return _tell_view_all(need, evidence)
        case Operation.READ_FIELD | Operation.WRITE_FIELD:
            return _tell_field(need, seen)
        case Operation.READ:
            is_allowed = seen.queryable
        case Operation.CREATE:
            is_allowed = seen.createable
        case _:
            is_allowed = seen.updateable
    permission = {"Task": "PermissionsEditTask", "Event": "PermissionsEditEvent"}.get(need.sobject)
    if need.operation in (Operation.CREATE, Operation.EDIT) and permission:
        is_allowed = is_allowed and evidence.permissions.get(permission, True)
    if is_allowed:
        return Told(True, need.purpose)
    return Told(False, f"The user may not {need.operation} {need.sobject}. {need.purpose}")


def _tell_view_all(need: Need, evidence: Evidence) -> Told:
    for name in ("PermissionsViewAllData", "PermissionsModifyAllData"):
        if evidence.permissions.get(name):
            return Told(True, "The user sees all data.")
    if evidence.views_all is None:
        return Told(
            None,
            "Only a user who may see Setup can tell. Sharing rules may hide some "
            f"{need.sobject} records.",
        )
    if evidence.views_all.get(need.sobject):
        return Told(True, f"View All is granted on {need.sobject}.")
    return Told(
        False,
        f"View All on {need.sobject} is not granted, so sharing may hide some. {need.purpose}",
    )


def _tell_field(need: Need, seen: ObjectSeen) -> Told:
    name = f"{need.sobject}.{need.field}"
    found = seen.fields.get(need.field)
    if found is None:
        return Told(False, f"{name} is hidden from the user. {need.purpose}")
    if need.operation == Operation.READ_FIELD:
        return Told(True, need.purpose)
    if not found.createable or not (found.updateable or need.field in CREATE_ONLY):
        return Told(False, f"{name} is read-only for the user. {need.purpose}")
    if found.values is not None:
        lacking = [one for one in PICKLIST_VALUES.get(need.field, ()) if one not in found.values]
        if lacking:
            return Told(False, f"{name} does not offer {', '.join(lacking)}.")
    return Told(True, need.purpose)


def _required_extras(need: Need, evidence: Evidence) -> Iterator[Finding]:
    seen = evidence.objects.get("Task")
    for name, one in seen.fields.items() if seen else ():
        if one.is_required and name not in TASK_FIELDS:
            yield Finding(
                "Task",
                Operation.FILL,
                Result.FAIL,
                f"The org requires Task.{name}, which Patchbay does not fill: give it a default.",
                name,
                need.is_for_activity_history,
            )
