"""The sidebar, the workspace switcher and the account links: what a member may open, no more."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.addresses import console_url, root_url
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.site import console_site
from integrations.models import Membership
from integrations.policy import can, membership_of

#: Groups in the order of the menu; what is registered under another name is a mistake.
GROUPS = ("Home", "Calls", "SMS", "Salesforce", "My account", "Workspace")

Entry = dict[str, Any]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu for the member who asks (Unfold's ``SIDEBAR.navigation``)."""
    groups: dict[str, list[tuple[int, Entry]]] = {group: [] for group in GROUPS}
    for group, order, entry in [*_pages(request), *_lists(request)]:
        groups[group].append((order, entry))
    active = _deepest_match(request.path, [e["link"] for g in groups.values() for _o, e in g])
    menu = []
    for group, entries in groups.items():
        items = [entry for _order, entry in sorted(entries, key=lambda pair: pair[0])]
        for item in items:
            item["active"] = item["link"] == active
        # The one entry of the first group speaks for itself.
        menu.append({"title": _(group) if group != GROUPS[0] else "", "items": items})
    return menu


def _pages(request: HttpRequest) -> list[tuple[str, int, Entry]]:
    membership = membership_of(request)
    return [
        (page.group, page.order, _entry(page.title, page.icon, f"admin:{page.name}"))
        for page in console_site.pages
        if page.in_menu and can(membership, page.capability)
    ]


def _lists(request: HttpRequest) -> list[tuple[str, int, Entry]]:
    entries = []
    for page in console_site._registry.values():
        if not isinstance(page, WorkspaceScopedAdmin) or not page.menu_group:
            continue
        if page.has_view_permission(request):
            name = f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist"
            entries.append(
                (page.menu_group, page.menu_order, _entry(page.list_title(), page.menu_icon, name))
            )
    return entries


def _entry(title: Any, icon: str, name: str) -> Entry:
    return {"title": title, "icon": icon, "link": reverse(name)}


def _deepest_match(path: str, links: list[str]) -> str | None:
    home = reverse("admin:index")
    matches = [link for link in links if path == link or (link != home and path.startswith(link))]
    return max(matches, key=len, default=None)


def workspace_switcher(request: HttpRequest) -> list[dict[str, Any]]:
    """The workspaces of the person who asks, never anybody else's (``SITE_DROPDOWN``)."""
    here = membership_of(request)
    others = (
        Membership.unscoped.active()
        .filter(user=here.user)
        .select_related("workspace")
        .order_by("workspace__name", "workspace_id")
    )
    return [
        {
            "title": member.workspace.name,
            "link": console_url(member.workspace, "index"),
            "icon": "check" if member.pk == here.pk else "domain",
        }
        for member in others
    ]


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """Pages about the account itself, outside any workspace (``ACCOUNT.navigation``)."""
    return [
        {"title": _("Mail address"), "link": root_url("account_email")},
        {"title": _("Password"), "link": root_url("account_change_password")},
        {"title": _("Passkeys"), "link": root_url("mfa_list_webauthn")},
        {"title": _("Two-factor authentication"), "link": root_url("mfa_index")},
        {"title": _("Sessions"), "link": root_url("usersessions_list")},
    ]


def workspace_name(request: HttpRequest) -> str:
    """What stands at the top left."""
    return membership_of(request).workspace.name


def member_roles(request: HttpRequest) -> str:
    """The line below the workspace's name: the roles of the member who asks."""
    return ", ".join(sorted(str(role.label) for role in membership_of(request).roles))


def environment(request: HttpRequest) -> list[str] | None:
    """The badge that keeps a demo from being taken for the real thing."""
    return [_("Demo"), "warning"] if settings.DEMO else None
