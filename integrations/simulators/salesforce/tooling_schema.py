"""The objects of the Tooling API that tell what an administrator built (reference 7).

Their rows are worked out when somebody asks: see `tooling_rows`.
"""

from __future__ import annotations

from dataclasses import replace

from integrations.simulators.salesforce.schema import Field, SObject, flag, number, text
from integrations.simulators.salesforce.standard_fields import define_object, read_only


def _of_entity() -> Field:
    """The object that something belongs to; entity ids are names."""
    return replace(
        read_only(text("EntityDefinitionId", "Entity Definition ID")),
        reference_to=("EntityDefinition",),
        relationship="EntityDefinition",
    )


def _tooling(name: str, key_prefix: str, *fields: Field) -> SObject:
    told = define_object(
        name,
        name,
        name,
        key_prefix,
        [read_only(one) for one in fields],
        createable=False,
        updateable=False,
        deletable=False,
    )
    return replace(told, is_tooling=True)


TOOLING_OBJECTS = (
    _tooling(
        "EntityDefinition",
        "",
        text("DurableId", "Durable ID"),
        replace(text("QualifiedApiName", "Qualified API Name", 70), name_field=True),
        text("DeveloperName", "Developer Name", 40),
        text("Label", "Label", 40),
        text("KeyPrefix", "Key Prefix", 3),
        flag("IsCustomizable", "Customizable"),
        flag("IsQueryable", "Queryable"),
    ),
    _tooling(
        "FieldDefinition",
        "",
        text("DurableId", "Durable ID"),
        replace(text("QualifiedApiName", "Qualified API Name", 70), name_field=True),
        text("Label", "Label", 40),
        text("DataType", "Data Type", 80),
        number("Length", "Length"),
        flag("IsIndexed", "Indexed"),
        _of_entity(),
    ),
    _tooling(
        "CustomField",
        "00N",
        replace(text("DeveloperName", "Developer Name", 40), name_field=True),
        text("TableEnumOrId", "Entity ID", 40),
        text("NamespacePrefix", "Namespace Prefix", 15),
        _of_entity(),
    ),
    _tooling(
        "ValidationRule",
        "03d",
        replace(text("ValidationName", "Validation Name", 80), name_field=True),
        flag("Active", "Active"),
        text("Description", "Description"),
        text("ErrorDisplayField", "Error Display Field", 80),
        text("ErrorMessage", "Error Message"),
        text("NamespacePrefix", "Namespace Prefix", 15),
        _of_entity(),
    ),
    _tooling(
        "FlowDefinition",
        "300",
        replace(text("DeveloperName", "Developer Name", 80), name_field=True),
        text("MasterLabel", "Master Label", 80),
        text("ActiveVersionId", "Active Version ID", 18),
    ),
    _tooling(
        "ApexTrigger",
        "01q",
        replace(text("Name", "Name", 80), name_field=True),
        text("TableEnumOrId", "Entity ID", 40),
        text("Status", "Status", 40),
        flag("UsageBeforeInsert", "Before Insert"),
    ),
)
