"""The search at the top left: pages by title, rows by name, number or id.

Rows come from each model page's own queryset and search fields, so that they are scoped and
permitted as its list is. Nothing is cached: the theme's search keeps answers under the user
alone, and showed one workspace's rows in another.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse
from unfold.dataclasses import SearchResult

from integrations.policy import can, membership_of

if TYPE_CHECKING:
    from integrations.admin.site import ConsoleSite

#: A single letter matches nearly everything and reads whole lists.
SHORTEST_TERM = 2
_ROWS_PER_LIST = 5
_MOST_RESULTS = 20


def find_everywhere(site: ConsoleSite, request: HttpRequest, term: str) -> list[SearchResult]:
    """What the member who asks may see and the term names; at most a screenful."""
    term = term.strip()
    if len(term) < SHORTEST_TERM:
        return []
    return list(islice(_matches(site, request, term), _MOST_RESULTS))


def _matches(site: ConsoleSite, request: HttpRequest, term: str) -> Iterator[SearchResult]:
    membership = membership_of(request)
    for page in site.pages:
        if (
            page.in_menu
            and can(membership, page.capability)
            and term.lower() in str(page.title).lower()
        ):
            yield SearchResult(
                title=str(page.title),
                description=page.group,
                link=reverse(f"admin:{page.name}"),
                icon=page.icon,
            )
    for model_page in site._registry.values():
        if model_page.get_search_fields(request) and model_page.has_view_permission(request):
            yield from _rows(model_page, request, term)


def _rows(model_page: Any, request: HttpRequest, term: str) -> Iterator[SearchResult]:
    rows, may_repeat = model_page.get_search_results(
        request, model_page.get_queryset(request), term
    )
    opts = model_page.opts
    for row in (rows.distinct() if may_repeat else rows)[:_ROWS_PER_LIST]:
        yield SearchResult(
            title=model_page.label_of(row),
            description=str(opts.verbose_name).capitalize(),
            link=reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=(row.pk,)),
            icon="data_object",
        )
