"""Finding what the names in a query stand for, and the related records that they lead through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from integrations.simulators.salesforce.access_schema import USER_RECORD_ACCESS
from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.record_access import Sharing, join_on_level
from integrations.simulators.salesforce.schema import Field, Schema, SObject, text
from integrations.simulators.salesforce.soql import malformed
from integrations.simulators.salesforce.soql_tree import FieldPath, Operand
from integrations.simulators.salesforce.standard_fields import ID
from integrations.simulators.salesforce.store import NAME_VIEW

MAX_LEVELS = 5

NAME_OBJECT = SObject(
    NAME_VIEW,
    "Name",
    "Names",
    "",
    (
        ID,
        text("Name", "Name"),
        text("Type", "Type"),
        text("Phone", "Phone"),
        text("Email", "Email"),
    ),
)
"""What a polymorphic reference shows of whatever stands behind it."""


@dataclass(frozen=True)
class Join:
    """A related record in the FROM clause. `id_sql` is what its `attributes` name."""

    alias: str
    sobject: SObject
    clause: str
    id_sql: str


@dataclass
class Names:
    """Resolves the names of one query on `sobject`, as `caller` sees it."""

    text: str
    schema: Schema
    sobject: SObject
    caller: Caller
    sharing: Sharing
    now: datetime
    own_name: str | None = None
    joins: dict[tuple[str, ...], Join] = field(default_factory=dict)

    def resolve(self, path: FieldPath) -> tuple[str, Field, tuple[str, ...]]:
        """SQL expression, field and canonical relationship path. Raises INVALID_FIELD."""
        names = path.names
        if self.own_name and len(names) > 1 and names[0].lower() == self.own_name.lower():
            names = names[1:]
        if len(names) > MAX_LEVELS + 1:
            raise self.refuse(path, "only five levels of relationships are supported")
        join = self._root
        steps: tuple[str, ...] = ()
        for name in names[:-1]:
            steps, join = self._step(path, steps, join, name)
        found = join.sobject.field(names[-1])
        if found is None:
            raise self.refuse(path, _no_such_column(names[-1], join.sobject.name))
        return f'{join.alias}."{found.name}"', found, steps

    def source(self) -> str:
        """The FROM clause with every relationship that was resolved."""
        return " ".join([self._root.clause, *(join.clause for join in self.joins.values())])

    def refuse(self, operand: Operand, message: str) -> Exception:
        """INVALID_FIELD with the caret below the operand."""
        return malformed(self.text, place_of(operand).column, message, "INVALID_FIELD")

    @property
    def _root(self) -> Join:
        return Join("root", self.sobject, f'"{self.sobject.name}" root', "root.Id")

    def _step(
        self, path: FieldPath, steps: tuple[str, ...], join: Join, name: str
    ) -> tuple[tuple[str, ...], Join]:
        if not steps and name.lower() == USER_RECORD_ACCESS.name.lower():
            return self._step_to_access()
        reference = join.sobject.relationship(name)
        if reference is None or reference.relationship is None:
            message = (
                f"Didn't understand relationship '{name}' in field path. If you are attempting "
                "to use a custom relationship, be sure to append the '__r' after the custom "
                "relationship name. Please reference your WSDL or the describe call for the "
                "appropriate names."
            )
            raise self.refuse(path, message)
        steps = (*steps, reference.relationship)
        if steps not in self.joins:
            is_single = len(reference.reference_to) == 1
            target = NAME_OBJECT
            if is_single:
                target = self._target(path, reference.reference_to[0])
            alias = f"r{len(self.joins)}"
            clause = (
                f'LEFT JOIN "{target.name}" {alias} '
                f'ON {alias}.Id = {join.alias}."{reference.name}" '
                f"AND {self.sharing.visible(alias, target.name)}"
            )
            self.joins[steps] = Join(alias, target, clause, f"{alias}.Id")
        return steps, self.joins[steps]

    def _step_to_access(self) -> tuple[tuple[str, ...], Join]:
        """What the caller may do with each record that the query finds (reference 6, row 8)."""
        steps = (USER_RECORD_ACCESS.name,)
        if steps not in self.joins:
            alias = f"r{len(self.joins)}"
            level = self.sharing.level("root", self.sobject.name)
            clause = join_on_level(alias, level)
            self.joins[steps] = Join(alias, USER_RECORD_ACCESS, clause, "root.Id")
        return steps, self.joins[steps]

    def _target(self, path: FieldPath, name: str) -> SObject:
        target = self.schema.find(name)
        if target is None:
            raise self.refuse(path, f"Relation to sObject type '{name}' is not supported.")
        return target


def place_of(operand: Operand) -> FieldPath:
    """The field that an operand is made of: what messages name, and where the caret goes."""
    return operand if isinstance(operand, FieldPath) else operand.field


def _no_such_column(name: str, entity: str) -> str:
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom "
        "field, be sure to append the '__c' after the custom field name. Please reference your "
        "WSDL or the describe call for the appropriate names."
    )
