"""Rules of the customer that run when a record is saved: assignment, locks, validation, duplicates.

Validation and duplicate rules look at the row as it was saved; their error undoes it.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.record_access import EVERYTHING
from integrations.simulators.salesforce.rule_switches import DuplicateRule, ValidationRule
from integrations.simulators.salesforce.saving import Saving
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.soql import parse_condition
from integrations.simulators.salesforce.soql_sql import Compiler
from integrations.simulators.salesforce.store import Record

LOCKING_FIELDS = ("WhoId", "WhatId", "AccountId", "CampaignId")
"""References whose target is locked while the record is saved."""


def assign_owner(org: Org, sobject: SObject, record: Record, saving: Saving) -> None:
    """Let an assignment rule choose the owner, unless the request forbids it."""
    owner_id = org.switches.rules.owners.get(sobject.name)
    if owner_id is not None and saving.auto_assign:
        record["OwnerId"] = owner_id


def check_locks(org: Org, record: Record) -> None:
    """Raise `SalesforceError` (UNABLE_TO_LOCK_ROW) while somebody else holds what is needed."""
    locks = org.switches.rules.locks
    needed = [record.get("Id"), *(record.get(name) for name in LOCKING_FIELDS)]
    for record_id in (str(one) for one in needed if one):
        left = locks.get(record_id, 0)
        if left == 0:
            continue
        if left is not None:
            locks[record_id] = left - 1
        raise SalesforceError(
            "UNABLE_TO_LOCK_ROW",
            f"unable to obtain exclusive access to this record or 1 records: {record_id}",
            status=org.switches.rules.lock_status,
            fields=(),
        )


def check_saved(
    org: Org, actor_id: str, sobject: SObject, record: Record, saving: Saving, *, is_new: bool
) -> None:
    """Apply validation rules, and to new records duplicate rules. Raises `SalesforceError`."""
    for validation in org.switches.rules.validations:
        if validation.sobject == sobject.name and _is_true(org, actor_id, validation, record):
            fields = [validation.field] if validation.field else []
            code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
            raise SalesforceError(code, validation.message, fields=fields)
    for rule in org.switches.rules.duplicates:
        overridden = saving.allow_duplicates and not rule.blocks
        if is_new and rule.sobject == sobject.name and not overridden:
            _check_duplicates(org, rule, record)


def _is_true(org: Org, actor_id: str, rule: ValidationRule, record: Record) -> bool:
    user = org.store.get(org.sobject("User"), actor_id)
    zone = ZoneInfo(str(user["TimeZoneSidKey"]) if user else "UTC")
    caller = Caller(actor_id, "", frozenset(), zone)
    compiler = Compiler(
        rule.when, org.schema, org.sobject(rule.sobject), caller, EVERYTHING, org.now()
    )
    clause, values = compiler.condition(parse_condition(rule.when))
    rows = org.store.rows(
        f"SELECT 1 FROM {compiler.source()} WHERE root.Id = ? AND ({clause})",  # noqa: S608
        [record["Id"], *values],
    )
    return bool(rows)


def _check_duplicates(org: Org, rule: DuplicateRule, record: Record) -> None:
    wanted: Record = {name: record[name] for name in rule.fields}
    if None in wanted.values():
        return
    found = org.store.find(org.sobject(rule.against), {**wanted, "IsDeleted": 0})
    twins = [str(one["Id"]) for one in found if one["Id"] != record["Id"]]
    if twins:
        raise SalesforceError(
            "DUPLICATES_DETECTED",
            rule.message,
            fields=(),
            more={"duplicateResut": _duplicate_result(rule, twins)},  # as the real one spells it
        )


def _duplicate_result(rule: DuplicateRule, twins: list[str]) -> dict[str, Any]:
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {
                "attributes": {
                    "type": rule.against,
                    "url": f"/services/data/v60.0/sobjects/{rule.against}/{twin}",
                },
                "Id": twin,
            },
        }
        for twin in twins
    ]
    match = {
        "entityType": rule.against,
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": records,
        "rule": f"{rule.name} Match",
        "size": len(records),
        "success": True,
    }
    return {
        "allowSave": not rule.blocks,
        "duplicateRule": rule.name.replace(" ", "_"),
        "duplicateRuleEntityType": rule.sobject,
        "errorMessage": rule.message,
        "matchResults": [match],
    }
