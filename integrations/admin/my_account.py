"""The frame of the pages under My account: one row of tabs over all of them."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from integrations.addresses import root_url
from integrations.admin.site import console_page
from integrations.policy import can, membership_of
from integrations.roles import Capability


def my_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    title: str | Promise,
    tab: str,
) -> HttpResponse:
    """Render a page of the own account; ``tab`` names the one that is open."""
    tabs = [
        {"name": "salesforce", "title": _("Salesforce"), "link": reverse("admin:my_salesforce")},
        {"name": "activity", "title": _("Activity"), "link": _own_log(request)},
        {"name": "recording", "title": _("Record"), "link": reverse("admin:my_recording")},
        {"name": "security", "title": _("Security"), "link": root_url("mfa_index")},
    ]
    return console_page(request, template, {"tabs": tabs, "open_tab": tab, **context}, title=title)


def _own_log(request: HttpRequest) -> str:
    """The activity log with the own rows, which is all of it for most members."""
    link = reverse("admin:integrations_crmwrite_changelist")
    membership = membership_of(request)
    if can(membership, Capability.VIEW_ALL_ACTIVITY):
        return f"{link}?member={membership.pk}"
    return link
