"""Whom a text was with, chosen on its page by a person (RULES B8)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_site
from integrations.models import Connection
from integrations.policy import membership_of
from integrations.record_links import record_url
from integrations.roles import Capability
from sms.models import Message
from sms.review import ReviewRefused, choose_record, offered_records


def describe_question(message: Message) -> dict[str, Any]:
    """What there is to choose from, for a text that waits; empty for any other."""
    if not message.needs_review:
        return {}
    connection = Connection.objects.find_sync_user()
    offers = [
        {
            "record": one,
            "kind": _("Person account") if one.is_person_account else one.sobject,
            "url": record_url(connection, one.record_id),
        }
        for one in offered_records(message)
    ]
    return {"question": {"offers": offers}}


@console_site.page(
    "sms/review/<int:message_id>/",
    name="sms_review_choose",
    title=gettext_lazy("Needs review"),
    methods=("POST",),
    capability=Capability.SEND_MESSAGES,
    group="SMS",
)
def choose(request: HttpRequest, message_id: int) -> HttpResponse:
    """File one text under what was chosen, and go back to it."""
    chosen = None if "none" in request.POST else request.POST.get("record", "").strip()
    try:
        record = choose_record(membership_of(request), message_id, chosen)
    except Message.DoesNotExist as error:
        raise Http404("No such text among those that this member may see.") from error
    except ReviewRefused as error:
        messages.error(request, error.message)
    else:
        told = _("The text stays filed under no record.")
        if record is not None:
            told = _("Filed under %(name)s. Salesforce follows within seconds.") % {
                "name": record.label
            }
        messages.success(request, told)
    return HttpResponseRedirect(reverse("admin:sms_message_change", args=(message_id,)))
