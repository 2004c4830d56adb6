"""System checks of our own: rules about the console that a review could overlook."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig
from django.core import checks

from integrations.admin.base import WorkspaceScopedAdmin, WorkspaceScopedInline
from integrations.admin.site import console_site
from integrations.tenancy import WorkspaceOwned

_THEME_ACTIONS = ("actions_list", "actions_row", "actions_detail", "actions_submit_line")


@checks.register(checks.Tags.admin)
def check_console_is_scoped(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Every model page of the console is closed to other workspaces (RULES F2)."""
    return [problem for page in console_site._registry.values() for problem in check_page(page)]


def check_page(page: Any) -> Iterable[checks.CheckMessage]:
    """What is wrong with one registered admin of the console."""
    if not issubclass(page.model, WorkspaceOwned):
        yield checks.Error(
            f"{page.model.__name__} belongs to no workspace, so the console cannot show it.",
            hint="Inherit from WorkspaceOwned, or register it with the operators' site.",
            obj=type(page),
            id="patchbay.E001",
        )
    if not isinstance(page, WorkspaceScopedAdmin):
        yield checks.Error(
            f"{type(page).__name__} is not scoped to a workspace.",
            hint="Inherit from integrations.admin.base.WorkspaceScopedAdmin.",
            obj=type(page),
            id="patchbay.E002",
        )
    for inline in page.inlines:
        if not issubclass(inline, WorkspaceScopedInline):
            yield checks.Error(
                f"{inline.__name__} is not scoped to a workspace.",
                hint="Inherit from integrations.admin.base.WorkspaceScopedInline.",
                obj=type(page),
                id="patchbay.E003",
            )
    if page.raw_id_fields:
        yield checks.Error(
            "Raw id fields show the name behind any id, of any workspace.",
            hint="Use autocomplete_fields.",
            obj=type(page),
            id="patchbay.E004",
        )
    if any(getattr(page, name, ()) for name in _THEME_ACTIONS):
        yield checks.Error(
            "The theme's own actions run on GET and take any id.",
            hint="Use integrations.admin.actions.object_action.",
            obj=type(page),
            id="patchbay.E005",
        )
