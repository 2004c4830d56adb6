"""Leads and contacts for pages about texts: found by name, read for a preview. JSON for scripts."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_site
from integrations.errors import PatchbayError
from integrations.roles import Capability
from sms.merge_fields import SOBJECTS
from sms.models import Template
from sms.recipients import find_recipient, search_recipients

_TITLE = gettext_lazy("People")
_SHORTEST_TERM = 2


@console_site.page(
    "sms/people/",
    name="sms_people",
    title=_TITLE,
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    in_menu=False,
)
def people(request: HttpRequest) -> JsonResponse:
    """Whose name begins with ``q``, of those that templates of ``kind`` are for."""
    term = request.GET.get("q", "").strip()[:80]
    kinds = SOBJECTS.get(request.GET.get("kind", ""), SOBJECTS[Template.Kind.CAMPAIGN])
    if len(term) < _SHORTEST_TERM:
        return _trouble(_("Type at least two letters of the name."))
    try:
        found = search_recipients(term, kinds)
    except PatchbayError as error:
        return _trouble(error.message)
    if not found:
        return _trouble(_("Nobody’s name begins like that."))
    return _answer(
        people=[
            {"id": one.person.record_id, "name": one.person.name, "company": one.company}
            for one in found
        ]
    )


@console_site.page(
    "sms/people/<str:record_id>/",
    name="sms_person",
    title=_TITLE,
    capability=Capability.SEND_MESSAGES,
    group="SMS",
)
def person(request: HttpRequest, record_id: str) -> JsonResponse:
    """One person, for the console's own pages."""
    return describe_person(request, record_id)


def describe_person(request: HttpRequest, record_id: str) -> JsonResponse:
    """One person with the fields ``names`` (separated by commas), as a text would show them."""
    names = [name for name in request.GET.get("names", "").split(",")[:50] if name]
    try:
        recipient = find_recipient(record_id, names)
    except PatchbayError as error:
        return _trouble(error.message)
    values = dict.fromkeys(names, "") | dict(recipient.values)
    return _answer(id=recipient.person.record_id, name=recipient.person.name, values=values)


def _trouble(message: str) -> JsonResponse:
    return _answer(trouble=message)


def _answer(**content: Any) -> JsonResponse:
    return JsonResponse(content, headers={"Cache-Control": "no-store"})
