"""The system checks refuse pages that the base classes do not protect."""

from typing import Any

import pytest
from django.contrib import admin

from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.site import ConsoleSite
from integrations.checks import check_page
from integrations.models import Team, User
from integrations.roles import Capability


def _ids(model: Any, admin_class: Any) -> set[str | None]:
    return {problem.id for problem in check_page(admin_class(model, ConsoleSite()))}


class _TeamPage(WorkspaceScopedAdmin):
    view_capability = Capability.VIEW_HOME


def test_a_scoped_page_is_fine() -> None:
    assert _ids(Team, _TeamPage) == set()


def test_models_without_a_workspace_are_refused() -> None:
    assert "patchbay.E001" in _ids(User, _TeamPage)


def test_plain_admin_classes_are_refused() -> None:
    assert "patchbay.E002" in _ids(Team, admin.ModelAdmin)


def test_plain_inlines_are_refused() -> None:
    class Inline(admin.TabularInline):  # type: ignore[type-arg]
        model = Team

    class Page(_TeamPage):
        inlines = (Inline,)

    assert _ids(Team, Page) == {"patchbay.E003"}


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("raw_id_fields", ("workspace",), "patchbay.E004"),
        ("actions_row", ("replay",), "patchbay.E005"),
        ("actions_detail", ("replay",), "patchbay.E005"),
    ],
)
def test_options_that_leak_are_refused(option: str, value: Any, problem: str) -> None:
    page = type("Page", (_TeamPage,), {option: value})
    assert _ids(Team, page) == {problem}
