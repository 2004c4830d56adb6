"""Creating, changing and deleting records: what Salesforce checks and what it sets itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.simulators.salesforce.access import SETUP_OBJECTS
from integrations.simulators.salesforce.campaigns import after_member, default_statuses
from integrations.simulators.salesforce.customer_rules import (
    assign_owner,
    check_locks,
    check_saved,
)
from integrations.simulators.salesforce.errors import (
    SalesforceError,
    entity_is_deleted,
    field_missing,
    fields_not_allowed,
    no_such_column,
    unknown_record,
)
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.record_access import (
    ALL,
    EDIT,
    require,
    require_reference,
)
from integrations.simulators.salesforce.rules import after_save, before_save, check_delete
from integrations.simulators.salesforce.saving import BY_HAND, Saving
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.search_index import forget_record, index_record
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.values import to_column, wrong_id_type


def create_record(
    org: Org,
    actor_id: str,
    sobject: SObject,
    values: Mapping[str, Any],
    saving: Saving = BY_HAND,
) -> str:
    """Create a record as `actor_id`; its id. Raises `SalesforceError`.

    `sobject` is the object as the actor sees it; the whole one lets everything be set.
    """
    if not sobject.createable:
        raise _operation_refused(sobject, "create")
    given = _read_values(org, actor_id, sobject, values, creating=True)
    sobject = org.sobject(sobject.name)
    org.refuse(sobject, "create")
    record = default_row(sobject, actor_id) | given
    assign_owner(org, sobject, record, saving)
    before_save(org, sobject, None, record)
    _require_fields(sobject, record)
    _require_unique(org, sobject, record)
    check_locks(org, record)
    now = org.now_on_wire()
    record |= {
        "Id": org.store.next_id(sobject),
        "CreatedDate": now,
        "CreatedById": actor_id,
        "LastModifiedDate": now,
        "LastModifiedById": actor_id,
        "SystemModstamp": now,
    }
    org.store.insert(sobject, record)
    check_saved(org, actor_id, sobject, record, saving, is_new=True)
    index_record(org, sobject, {}, record)
    after_save(org, sobject, record)
    if sobject.name == "Campaign":
        for status in default_statuses(str(record["Id"])):
            create_record(org, actor_id, org.sobject("CampaignMemberStatus"), status)
    return str(record["Id"])


def default_row(sobject: SObject, actor_id: str | None) -> Record:
    """A row before anybody set anything; it belongs to whoever creates it."""
    row: Record = {field.name: field.default for field in sobject.fields}
    if "OwnerId" in row:
        row["OwnerId"] = actor_id
    return row


def update_record(
    org: Org,
    actor_id: str,
    sobject: SObject,
    record_id: str,
    values: Mapping[str, Any],
    saving: Saving = BY_HAND,
) -> None:
    """Change some fields as `actor_id`, who sees `sobject` so. Raises `SalesforceError`."""
    if not sobject.updateable:
        raise _operation_refused(sobject, "update")
    old = find_record(org, sobject, record_id)
    require(org, actor_id, old, EDIT)
    given = _read_values(org, actor_id, sobject, values, creating=False)
    sobject = org.sobject(sobject.name)
    org.refuse(sobject, "update")
    record = old | given
    assign_owner(org, sobject, record, saving)
    before_save(org, sobject, old, record)
    _require_fields(sobject, record)
    _require_unique(org, sobject, record)
    check_locks(org, record)
    now = org.now_on_wire()
    record |= {"LastModifiedDate": now, "LastModifiedById": actor_id, "SystemModstamp": now}
    org.store.update(sobject, str(old["Id"]), record)
    check_saved(org, actor_id, sobject, record, saving, is_new=False)
    index_record(org, sobject, old, record)
    after_save(org, sobject, record)


def delete_record(org: Org, actor_id: str, sobject: SObject, record_id: str) -> None:
    """Move a record to the recycle bin. Raises `SalesforceError`."""
    if not sobject.deletable:
        raise _operation_refused(sobject, "delete")
    record = find_record(org, sobject, record_id)
    require(org, actor_id, record, ALL)
    org.refuse(sobject, "delete")
    check_delete(sobject, record)
    check_locks(org, record)
    now = org.now_on_wire()
    changes: Record = {
        "IsDeleted": 1,
        "LastModifiedDate": now,
        "LastModifiedById": actor_id,
        "SystemModstamp": now,
    }
    org.store.update(sobject, str(record["Id"]), changes)
    forget_record(org, str(record["Id"]))
    if sobject.name == "CampaignMember":
        after_member(org, record)
    if sobject.name in SETUP_OBJECTS:
        org.switches.access.changed()


def find_record(org: Org, sobject: SObject, record_id: str) -> Record:
    """The row behind an addressed id. Raises the 404s of PATCH and DELETE (reference 3.2)."""
    try:
        full_id = to_18(record_id)
    except MalformedIdError:
        message = f"Id: id value of incorrect type: {record_id}"
        raise SalesforceError("MALFORMED_ID", message, fields=["Id"]) from None
    record = org.store.get(sobject, full_id)
    if record is None:
        raise unknown_record()
    if record["IsDeleted"]:
        raise entity_is_deleted()
    return record


def _operation_refused(sobject: SObject, operation: str) -> SalesforceError:
    return SalesforceError(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        f"entity type {sobject.name} does not support {operation}",
        fields=(),
    )


def _read_values(
    org: Org, actor_id: str, sobject: SObject, values: Mapping[str, Any], *, creating: bool
) -> Record:
    fields: dict[str, Field] = {}
    for name in values:
        if name == "attributes":
            continue
        if name.lower() == "id":
            message = "The Id field should not be specified in the sobject data."
            raise SalesforceError("INVALID_FIELD", message)
        field = sobject.field(name)
        if field is None:
            raise no_such_column(name, sobject.name)
        fields[name] = field
    locked = [
        field.name
        for field in fields.values()
        if not (field.createable if creating else field.updateable)
    ]
    if locked:
        raise fields_not_allowed(locked)
    record = {field.name: to_column(field, values[name]) for name, field in fields.items()}
    for field in fields.values():
        if field.type == "reference" and record[field.name] is not None:
            _check_reference(org, actor_id, field, str(record[field.name]))
    return record


def _check_reference(org: Org, actor_id: str, field: Field, record_id: str) -> None:
    sobject = org.schema.of_id(record_id)
    if sobject is None or sobject.name not in field.reference_to:
        raise wrong_id_type(field, record_id)
    row = org.store.get(sobject, record_id)
    if row is None:
        message = "invalid cross reference id"
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", message, fields=[field.name])
    if row["IsDeleted"]:
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", fields=[field.name])
    require_reference(org, actor_id, record_id)


def _require_fields(sobject: SObject, record: Record) -> None:
    missing = [
        field.name for field in sobject.fields if field.required and record[field.name] is None
    ]
    if missing:
        raise field_missing(*missing)


def _require_unique(org: Org, sobject: SObject, record: Record) -> None:
    for field in sobject.fields:
        if not field.unique or record[field.name] is None:
            continue
        for other in org.store.find(sobject, {field.name: record[field.name]}):
            if other["Id"] != record["Id"] and not other["IsDeleted"]:
                raise SalesforceError(
                    "DUPLICATE_VALUE",
                    f"duplicate value found: {field.name} duplicates value on record with id: "
                    f"{str(other['Id'])[:15]}",
                    fields=(),
                )
