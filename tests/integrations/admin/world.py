"""A workspace with one row of every model, each carrying a mark that no other workspace has.

Rows are built from the models' own fields, so that a model which is added later is in the world
without a line here, unless it needs a value that no rule could guess (``_FITTING``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from integrations.admin.site import console_site
from integrations.encryption import seal
from integrations.models import Connection, Membership, PhoneSystem, User, Workspace
from integrations.tenancy import WorkspaceOwned
from sms.models import CampaignRecipient, Message, OptOutSuggestion, SmsCampaign, SmsPrice
from tests.factories import SIGNING_SECRET, make_user, make_workspace

#: Values that must mean something, by model.
_FITTING: dict[type[models.Model], dict[str, Any]] = {
    Connection: {"sealed_credentials": ""},
    PhoneSystem: {
        "kind": Connection.Kind.PHONE_SYSTEM,
        "membership": None,
        "sealed_credentials": lambda: seal({"secrets": [SIGNING_SECRET]}),
    },
    Membership: {"time_zone": "", "salesforce_time_zone": ""},
    # A person may decide about it.
    Message: {"state": "unconfirmed"},
    OptOutSuggestion: {"decision": ""},
    # A person may launch it.
    SmsCampaign: {"state": "ready"},
    CampaignRecipient: {"reason": ""},
    SmsPrice: {"valid_from": date(2026, 1, 1)},
}


def owned_models() -> Iterator[type[WorkspaceOwned]]:
    """Every model whose rows belong to a workspace; proxies only if they have a console page."""
    for model in apps.get_models():
        if issubclass(model, WorkspaceOwned):
            yield model
    for model in console_site._registry:
        if model._meta.proxy and issubclass(model, WorkspaceOwned):
            yield model


@dataclass
class World:
    """One workspace full of rows."""

    mark: str
    workspace: Workspace = field(init=False)
    rows: dict[type[models.Model], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The name stays unmarked: the switcher rightly shows it to members of both workspaces.
        self.workspace = make_workspace("Workspace")
        for model in owned_models():
            self.row(model)

    def row(self, model: type[models.Model]) -> Any:
        """The row of one model, made at the first call."""
        if model not in self.rows:
            self.rows[model] = None  # a cycle of nullable keys ends here
            self.rows[model] = self._make(model)
        return self.rows[model]

    def ids(self) -> set[int]:
        """The primary keys of all rows."""
        return {row.pk for row in self.rows.values()}

    def snapshot(self) -> dict[str, list[Any]]:
        """All that this workspace's tables hold."""
        return {
            model._meta.label: list(
                model.unscoped.filter(workspace=self.workspace).order_by("pk").values()
            )
            for model in owned_models()
        }

    def _make(self, model: type[models.Model]) -> Any:
        if model is User:
            return make_user(f"{self.mark.lower()}@example.test", first_name=self.mark)
        fitting = _FITTING.get(model, {})
        values = {
            column.name: self._value(column)
            for column in model._meta.concrete_fields
            if not column.primary_key and column.name not in fitting
        }
        given = {name: value() if callable(value) else value for name, value in fitting.items()}
        assert issubclass(model, WorkspaceOwned)
        return model.unscoped.create(**{**values, **given})

    def _value(self, column: Any) -> Any:
        if isinstance(column, models.ForeignKey):
            if column.related_model is Workspace:
                return self.workspace
            return self.row(column.related_model)
        if column.has_default() or column.choices:
            return column.get_default() if column.has_default() else column.choices[0][0]
        return self._plain_value(column)

    def _plain_value(self, column: Any) -> Any:
        if column.name.endswith("e164"):
            return f"+1415555{self.workspace.pk:04d}"
        if isinstance(column, models.EmailField):
            return f"{self.mark.lower()}@example.test"
        if isinstance(column, models.URLField):
            return f"https://{self.mark.lower()}.example.test/"
        if isinstance(column, models.CharField | models.TextField):
            fits = column.max_length is None or column.max_length >= len(self.mark)
            return self.mark if fits else ""
        if column.null:
            return None
        if isinstance(column, models.JSONField):
            return {"mark": self.mark}
        if isinstance(column, models.DateTimeField):
            return timezone.now()
        return 1
