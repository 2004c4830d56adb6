"""Acts on rows: buttons on a row's page, and entries of a list's action menu.

A button leads to a page that asks once, in words, and only its POST acts; the theme's own detail
actions run on GET and take any id. Both kinds are thin: capability here, the rule in a service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from integrations.addresses import root_url
from integrations.admin.site import console_page
from integrations.policy import can, membership_of, require
from integrations.roles import Capability

if TYPE_CHECKING:
    from integrations.admin.base import WorkspaceScopedAdmin

#: Returns what to tell the person, or a page of its own.
Act = Callable[..., "str | HttpResponse"]


@dataclass(frozen=True, kw_only=True)
class ObjectAction:
    """An act on one row, and what its confirmation page says."""

    name: str
    title: str | Promise
    question: str | Promise
    capability: Capability
    is_dangerous: bool
    asks_password: bool
    applies: Callable[[Any], bool]


def object_action(
    *,
    title: str | Promise,
    question: str | Promise,
    capability: Capability,
    is_dangerous: bool = False,
    asks_password: bool = False,
    applies: Callable[[Any], bool] = lambda row: True,
) -> Callable[[Act], Act]:
    """Make ``def method(self, request, row) -> str | HttpResponse`` a button of the row's page.

    ``question`` tells the consequences. ``asks_password`` wants a fresh re-authentication (RULES
    F11). ``applies`` hides the button for rows that it means nothing to. A ValidationError of the
    method is shown to the person.
    """

    def mark(method: Act) -> Act:
        method.object_action = ObjectAction(  # type: ignore[attr-defined]
            name=method.__name__,
            title=title,
            question=question,
            capability=capability,
            is_dangerous=is_dangerous,
            asks_password=asks_password,
            applies=applies,
        )
        return method

    return mark


def list_action(
    *, description: str | Promise, capability: Capability
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make ``def method(self, request, rows)`` an entry of the list's action menu.

    ``rows`` is the list's own scoped queryset, narrowed to what was ticked: never query anew.
    """

    def mark(method: Callable[..., None]) -> Callable[..., None]:
        method.short_description = description  # type: ignore[attr-defined]
        method.capability = capability  # type: ignore[attr-defined]
        return method

    return mark


def object_actions_of(page: type[Any]) -> list[ObjectAction]:
    """The declared buttons of an admin class, in the order of ``object_actions``."""
    return [getattr(page, name).object_action for name in page.object_actions]


def action_urls(page: WorkspaceScopedAdmin) -> list[URLPattern]:
    """One address an action, below the row's."""
    return [
        path(
            f"<int:object_id>/{action.name}/",
            page.admin_site.admin_view(partial(_act, page, action)),
            name=_url_name(page, action),
        )
        for action in object_actions_of(type(page))
    ]


def buttons(page: WorkspaceScopedAdmin, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
    """What the row's page offers to the member who asks."""
    membership = membership_of(request)
    return [
        {
            "title": action.title,
            "link": reverse(f"admin:{_url_name(page, action)}", args=(row.pk,)),
            "is_dangerous": action.is_dangerous,
        }
        for action in object_actions_of(type(page))
        if can(membership, action.capability) and action.applies(row)
    ]


def _url_name(page: WorkspaceScopedAdmin, action: ObjectAction) -> str:
    return f"{page.opts.app_label}_{page.opts.model_name}_{action.name}"


def _act(
    page: WorkspaceScopedAdmin, action: ObjectAction, request: HttpRequest, object_id: int
) -> HttpResponse:
    require(membership_of(request), action.capability)
    row = page.get_object(request, str(object_id))
    if row is None or not page.has_view_permission(request, row) or not action.applies(row):
        raise Http404("There is nothing to do this to.")
    if action.asks_password and not did_recently_reauthenticate(request):
        back = urlencode({"next": request.path})
        return HttpResponseRedirect(f"{root_url('account_reauthenticate')}?{back}")
    if request.method == "GET":
        context = {"action": action, "row": row, "opts": page.opts}
        return console_page(request, "patchbay/confirm.html", context, title=action.title)
    if request.method != "POST":
        return HttpResponseNotAllowed(("GET", "POST"))
    return _carry_out(page, action, request, row)


def _carry_out(
    page: WorkspaceScopedAdmin, action: ObjectAction, request: HttpRequest, row: Any
) -> HttpResponse:
    try:
        told = getattr(page, action.name)(request, row)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        if isinstance(told, HttpResponse):
            return told
        messages.success(request, told)
    names = f"admin:{page.opts.app_label}_{page.opts.model_name}"
    if page.get_object(request, str(row.pk)) is None:
        return HttpResponseRedirect(reverse(f"{names}_changelist"))
    return HttpResponseRedirect(reverse(f"{names}_change", args=(row.pk,)))
