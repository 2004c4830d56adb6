"""The softphone in the console's head line, for those who may use it (CRC-11)."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.urls import reverse

from calls.models import SoftphoneUser
from integrations.addresses import root_url
from integrations.policy import can, membership_of
from integrations.roles import Capability

register = template.Library()


@register.inclusion_tag("patchbay/softphone/dock.html", takes_context=True)
def softphone_dock(context: RequestContext) -> dict[str, Any]:
    """The button and the frame; nothing outside a workspace, and for who may not use it."""
    request = context.request
    if getattr(request, "membership", None) is None:
        return {"is_offered": False}
    membership = membership_of(request)
    return {
        "is_offered": can(membership, Capability.USE_SOFTPHONE)
        and SoftphoneUser.objects.filter(membership=membership).exists(),
        "panel_url": root_url("panel_page", membership.workspace.slug),
        "code_url": reverse("admin:panel_code"),
        "workspace": membership.workspace.slug,
        "csrf_token": context.get("csrf_token"),
    }
