"""SMS → Compose: one text to one person, from the console or a Salesforce button (MIT-25, 37)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_page, console_site
from integrations.errors import PatchbayError
from integrations.phones import format_national, parse_phone
from integrations.policy import can, membership_of
from integrations.roles import Capability
from sms.admin.compose_sheet import Sheet, read_sheet, sent_words
from sms.conversations import why_closed
from sms.models import Message
from sms.recipients import KINDS, Recipient, search_recipients

TITLE = gettext_lazy("Compose")


@console_site.page(
    "sms/compose/",
    name="sms_compose",
    title=TITLE,
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    icon="edit_square",
    order=5,
    methods=("GET", "POST"),
)
def compose(request: HttpRequest) -> HttpResponse:
    """``record`` is a lead's or contact's id, ``to`` a number; without either, people are found."""
    record_id, to = request.GET.get("record", "").strip(), request.GET.get("to", "").strip()
    if not record_id and not to:
        return _find(request)
    region = membership_of(request).workspace.default_region
    phone = parse_phone(to, region).e164
    if record_id:
        return _to_record(request, record_id)
    if phone is None:
        messages.error(
            request, _("%(number)s is not a phone number that can be written to.") % {"number": to}
        )
        return HttpResponseRedirect(reverse("admin:sms_compose"))
    return _ConsoleSheet(request, None, [(phone, format_national(phone, region))]).answer()


def _find(request: HttpRequest) -> HttpResponse:
    """To whom? A number leads on at once, a name to the people who have it."""
    term = request.GET.get("q", "").strip()[:80]
    found: list[Recipient] = []
    trouble = ""
    if parse_phone(term, membership_of(request).workspace.default_region).e164:
        return HttpResponseRedirect(f"{reverse('admin:sms_compose')}?{urlencode({'to': term})}")
    if len(term) > 1:
        try:
            found = search_recipients(term, tuple(KINDS))
        except PatchbayError as error:
            trouble = error.message
    context = {"term": term, "found": found, "trouble": trouble}
    return console_page(request, "patchbay/sms/compose_find.html", context, title=TITLE)


def _to_record(request: HttpRequest, record_id: str) -> HttpResponse:
    try:
        recipient, numbers = read_sheet(request, record_id)
    except PatchbayError as error:
        context = {"term": "", "found": [], "trouble": error.message}
        return console_page(request, "patchbay/sms/compose_find.html", context, title=TITLE)
    return _ConsoleSheet(request, recipient, numbers).answer()


class _ConsoleSheet(Sheet):
    """The form within the console."""

    def page(self, context: dict[str, Any], status: int) -> HttpResponse:
        return console_page(
            self.request, "patchbay/sms/compose.html", context, title=TITLE, status=status
        )

    def sent(self, message: Message) -> HttpResponse:
        tell_sent(self.request, message)
        return HttpResponseRedirect(conversation_address(message.phone_e164))

    def closed(self, phone: str) -> dict[str, Any]:
        return describe_closed(self.request, phone)

    def person_address(self) -> str:
        return reverse("admin:sms_person", args=("RECORD",))


def describe_closed(request: HttpRequest, phone: str) -> dict[str, Any]:
    """Whether a number opted out, with the way to its evidence for those who may see that."""
    closed = why_closed(phone) if phone else None
    link = ""
    if closed and closed.opt_out_id and can(membership_of(request), Capability.MANAGE_SMS):
        link = reverse("admin:sms_optout_change", args=(closed.opt_out_id,))
    return {"closed": closed, "evidence_link": link}


def tell_sent(request: HttpRequest, message: Message) -> None:
    """How many messages were sent: the segments that are paid for (MIT-40)."""
    messages.success(request, sent_words(message))


def conversation_address(phone: str) -> str:
    """The thread with a number."""
    return f"{reverse('admin:sms_conversation')}?{urlencode({'number': phone})}"
