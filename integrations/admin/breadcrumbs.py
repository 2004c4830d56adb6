"""Where a page stands: the menu's group and entry, then the row or act that the page is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from integrations.admin.menu import sidebar
from integrations.admin.site import console_site


@dataclass(frozen=True)
class Crumb:
    """One step; the last one, and groups, lead nowhere. Groups are left out on a phone."""

    title: str | Promise
    link: str = ""
    is_group: bool = False


def describe_place(request: HttpRequest, context: Mapping[str, Any]) -> list[Crumb]:
    """The steps to the page whose template context this is."""
    entry = _entry_above(request)
    if entry is None:
        return [Crumb(context.get("title") or "")]
    group, title, link = entry
    crumbs = [Crumb(group, is_group=True)] if group else []
    if request.path == link:
        return [*crumbs, Crumb(title)]
    return [*crumbs, Crumb(title, link), *_below_entry(context)]


def _entry_above(request: HttpRequest) -> tuple[str, Any, str] | None:
    for group in sidebar(request):
        for item in group["items"]:
            if item["active"] and item["link"] != reverse("admin:index"):
                return group["title"], item["title"], item["link"]
    return None


def _below_entry(context: Mapping[str, Any]) -> list[Crumb]:
    original = context.get("original")
    if original and context.get("adminform"):
        # The title says "Change …", and the form shows that.
        return [Crumb(console_site._registry[type(original)].label_of(original))]
    row, options = context.get("row"), context.get("opts")
    title = Crumb(context.get("title") or "")
    if row is None or options is None:
        return [title]
    names = f"admin:{options.app_label}_{options.model_name}"
    return [Crumb(str(row), reverse(f"{names}_change", args=(row.pk,))), title]
