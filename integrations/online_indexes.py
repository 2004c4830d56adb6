"""Migration operations for indexes of large tables: PostgreSQL builds and drops them without
locking the table, so a release never stops the intake. Their migrations are ``atomic = False``.

A build that was broken off leaves an invalid index behind, which the next run drops.
"""

from typing import Any

from django.db import migrations
from django.db.migrations.operations.base import Operation


class AddIndexOnline(migrations.AddIndex):
    """``AddIndex`` that locks nothing."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        _drop(schema_editor, str(self.index.name))
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.add_index(model, self.index, concurrently=True)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
            return
        _drop(schema_editor, str(self.index.name))


class AddPostgresIndex(Operation):
    """An index that no other database has: ``definition`` goes after CREATE INDEX … ON."""

    def __init__(self, name: str, definition: str) -> None:
        self.name, self.definition = name, definition

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models do not know of it: it changes how fast a query is, not what it finds."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            _drop(schema_editor, self.name)
            schema_editor.execute(f'CREATE INDEX CONCURRENTLY "{self.name}" ON {self.definition}')

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            _drop(schema_editor, self.name)

    def describe(self) -> str:
        return f"Create index {self.name} on PostgreSQL"


def _drop(schema_editor: Any, name: str) -> None:
    schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
