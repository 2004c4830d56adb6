"""The tabs of Salesforce → Connection. Each is a page of its own, registered with its place::

    @connection_tab("people/", name="salesforce_people", label=_("People"), order=20)
    def people(request: HttpRequest) -> HttpResponse:
        return tab_page(request, "patchbay/salesforce/people.html", {...}, tab="salesforce_people")

The template extends ``patchbay/salesforce/tab.html`` and fills block ``tab``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.admin.site import PageView, console_page, console_site
from integrations.roles import Capability
from integrations.subscriptions import Entitlement

CONNECTION_TITLE = _("Connection")
_BASE = "salesforce/connection/"


@dataclass(frozen=True)
class Tab:
    """One entry of the bar, and the help that the page links to (MII-37)."""

    name: str
    label: str | Promise
    order: int
    guide: tuple[str | Promise, ...]


_tabs: dict[str, Tab] = {}


def connection_tab(
    rest: str,
    *,
    name: str,
    label: str | Promise,
    order: int,
    guide: tuple[str | Promise, ...] = (),
    in_menu: bool = False,
    entitlement: Entitlement | None = Entitlement.SALESFORCE,
) -> Callable[[PageView], PageView]:
    """Register a page below the connection's address as a tab.

    ``order`` is its place, ``guide`` the paragraphs behind its link "Help".
    """
    _tabs[name] = Tab(name, label, order, guide)
    return connection_page_part(
        rest,
        name=name,
        title=CONNECTION_TITLE if in_menu else label,
        in_menu=in_menu,
        entitlement=entitlement,
    )


def connection_page_part(
    rest: str,
    *,
    name: str,
    title: str | Promise = CONNECTION_TITLE,
    methods: tuple[str, ...] = ("GET",),
    in_menu: bool = False,
    entitlement: Entitlement | None = Entitlement.SALESFORCE,
) -> Callable[[PageView], PageView]:
    """Register a page or an act below the connection's address, for those who manage it."""
    return console_site.page(
        f"{_BASE}{rest}",
        name=name,
        title=title,
        icon="cloud",
        order=10,
        in_menu=in_menu,
        methods=methods,
        capability=Capability.MANAGE_SALESFORCE,
        group="Salesforce",
        entitlement=entitlement,
    )


def tab_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    tab: str,
    title: str | Promise | None = None,
) -> TemplateResponse:
    """Render a page of the connection with the bar of tabs, ``tab`` being the current one."""
    tabs = [
        {"label": one.label, "link": reverse(f"admin:{one.name}"), "is_current": one.name == tab}
        for one in sorted(_tabs.values(), key=lambda one: one.order)
    ]
    shown = title or _tabs[tab].label
    frame = {"tabs": tabs, "guide": _tabs[tab].guide}
    return console_page(request, template, {**frame, **context}, title=shown)
