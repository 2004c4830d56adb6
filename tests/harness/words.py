"""What stands written anywhere in the product's tables, for tests of what must not."""

from django.db import models

from integrations.personal_data import columns_to_classify, models_with_data
from integrations.tenancy import WorkspaceOwned


def places_of(words: str, workspace_id: int) -> set[str]:
    """The columns (``app.Model.column``) of a workspace's rows that contain these words."""
    return {
        f"{model._meta.label}.{column}"
        for model in models_with_data()
        if issubclass(model, WorkspaceOwned)
        for row in model.unscoped.filter(workspace_id=workspace_id)
        for column in columns_to_classify(model)
        if words in _written(row, column)
    }


def _written(row: models.Model, column: str) -> str:
    return str(getattr(row, column))
