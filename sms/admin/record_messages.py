"""The texts of one Salesforce record on one page, as its button in Salesforce opens it (MIT-52)."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from integrations.admin.site import console_page, console_site
from integrations.models import Connection
from integrations.policy import can, membership_of
from integrations.record_links import id_spellings, record_url
from integrations.roles import Capability
from sms.admin import message_cells
from sms.recipients import sobject_of
from sms.record_messages import read_record_messages

_TITLE = _("Messages of a record")


@console_site.page(
    "sms/record/",
    name="sms_record",
    title=_TITLE,
    capability=Capability.VIEW_MESSAGES,
    group="SMS",
    in_menu=False,
)
def record_page(request: HttpRequest) -> HttpResponse:
    """``record`` is the id of a lead, contact or campaign, ``before`` a message to go on from."""
    member, record_id = membership_of(request), request.GET.get("record", "").strip()
    before = request.GET.get("before", "")
    found = read_record_messages(
        member, record_id, older_than=int(before) if before.isdecimal() else None
    )
    region = member.workspace.default_region
    context = {
        "record_id": record_id,
        "is_record": bool(id_spellings(record_id)),
        "name": found.name or record_id,
        "record_url": record_url(Connection.objects.find_sync_user(), record_id),
        "lines": [
            {
                "message": one,
                "party": message_cells.other_party(one, region),
                "direction": message_cells.direction_cell(one),
                "status": message_cells.status_cell(one),
            }
            for one in found.messages
        ],
        "older_than": found.older_than,
        "may_write": sobject_of(record_id) is not None and can(member, Capability.SEND_MESSAGES),
    }
    title = found.name or _TITLE
    return console_page(request, "patchbay/sms/record.html", context, title=title)
