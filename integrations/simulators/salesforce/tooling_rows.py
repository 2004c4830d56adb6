"""Working out what the Tooling API tells: fields, rules and automations of this org.

The simulator has no flows and triggers; where a switch refuses records in the name of one, that one
is listed, so that whoever looks for the culprit finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from integrations.simulators.salesforce.custom_fields import all_fields, objects_of
from integrations.simulators.salesforce.ids import make_id
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.rule_switches import Refusal
from integrations.simulators.salesforce.store import Record

BY_FLOW, BY_TRIGGER = "CANNOT_EXECUTE_FLOW_TRIGGER", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


def fill_tooling(org: Org, name: str) -> None:
    """Make the rows that a query on this object may ask for."""
    sobject = org.whole_object(name)
    org.store.execute(f'DELETE FROM "{sobject.name}"')  # noqa: S608 - a name of the schema
    for number, row in enumerate(_ROWS[sobject.name](org), start=1):
        own_id = make_id(sobject.key_prefix or "000", org.store.instance, number)
        org.store.insert(sobject, {"Id": own_id, "IsDeleted": 0, **row})


def _entities(org: Org) -> Iterator[Record]:
    for one in org.schema.objects.values():
        yield {
            "Id": one.name,
            "DurableId": one.name,
            "QualifiedApiName": one.name,
            "DeveloperName": one.name,
            "Label": one.label,
            "KeyPrefix": one.key_prefix or None,
            "IsCustomizable": int(one.createable),
            "IsQueryable": 1,
        }


def _fields(org: Org) -> Iterator[Record]:
    for sobject in org.schema.objects.values():
        for one in sobject.fields:
            yield {
                "Id": f"{sobject.name}.{one.name}",
                "DurableId": f"{sobject.name}.{one.name}",
                "QualifiedApiName": one.name,
                "Label": one.label,
                "DataType": f"{one.type}({one.length})" if one.length else one.type,
                "Length": one.length,
                "IsIndexed": int(one.external_id or one.is_reference),
                "EntityDefinitionId": sobject.name,
            }


def _custom_fields(org: Org) -> Iterator[Record]:
    for one in all_fields(org):
        yield {
            "Id": one.id,
            "DeveloperName": one.definition.name.removesuffix("__c"),
            "TableEnumOrId": one.sobject,
            "EntityDefinitionId": objects_of(one.sobject)[0],
        }


def _validation_rules(org: Org) -> Iterator[Record]:
    for number, one in enumerate(org.switches.rules.validations, start=1):
        yield {
            "ValidationName": f"Rule_{number}",
            "Active": 1,
            "Description": one.when,
            "ErrorDisplayField": one.field,
            "ErrorMessage": one.message,
            "EntityDefinitionId": one.sobject,
        }


def _flows(org: Org) -> Iterator[Record]:
    for number, one in enumerate(_refusals(org, BY_FLOW), start=1):
        version_id = make_id("301", org.store.instance, number)
        yield {
            "DeveloperName": f"Acme_{one.sobject}_{number}",
            "MasterLabel": f"Acme {one.sobject}",
            "ActiveVersionId": version_id,
        }


def _triggers(org: Org) -> Iterator[Record]:
    for one in _refusals(org, BY_TRIGGER):
        yield {
            "Name": f"Acme{one.sobject}Trigger",
            "TableEnumOrId": one.sobject,
            "Status": "Active",
            "UsageBeforeInsert": int(one.operation == "create"),
        }


def _refusals(org: Org, code: str) -> Iterator[Refusal]:
    return (one for one in org.switches.rules.refusals if one.code == code)


_ROWS: Mapping[str, Callable[[Org], Iterator[Record]]] = {
    "EntityDefinition": _entities,
    "FieldDefinition": _fields,
    "CustomField": _custom_fields,
    "ValidationRule": _validation_rules,
    "FlowDefinition": _flows,
    "ApexTrigger": _triggers,
}
