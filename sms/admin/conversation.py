"""SMS → Conversations: threads by number, with a reply and what nobody has read (PAGES)."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy, ngettext

from integrations.admin.site import console_page, console_site
from integrations.errors import PatchbayError
from integrations.models import Connection
from integrations.phones import format_national
from integrations.policy import can, membership_of
from integrations.record_links import record_url
from integrations.roles import Capability
from sms import conversations
from sms.admin.compose import conversation_address, describe_closed, tell_sent
from sms.admin.compose_forms import ReplyForm
from sms.admin.compose_sheet import SENT_BEFORE
from sms.admin.message_cells import state_chip
from sms.messaging import TextNotTaken
from sms.models import Message
from sms.single_texts import SingleText, send_single

_TITLE = gettext_lazy("Conversations")


@console_site.page(
    "sms/conversations/",
    name="sms_conversations",
    title=_TITLE,
    capability=Capability.VIEW_MESSAGES,
    group="SMS",
    icon="sms",
    order=8,
)
def list_page(request: HttpRequest) -> HttpResponse:
    """Who wrote last, and what nobody has read yet; ``before`` is a message to go on from."""
    member = membership_of(request)
    region = member.workspace.default_region
    before = request.GET.get("before", "")
    page = conversations.list_conversations(
        member, older_than=int(before) if before.isdecimal() else None
    )
    context = {
        "conversations": [
            {
                "row": one,
                "name": one.name or format_national(one.latest.phone_e164, region),
                "link": conversation_address(one.latest.phone_e164),
            }
            for one in [*page.unread, *page.others]
        ],
        "older_than": page.older_than,
        "may_send": can(member, Capability.SEND_MESSAGES),
    }
    return console_page(request, "patchbay/sms/conversations.html", context, title=_TITLE)


@console_site.page(
    "sms/conversations/thread/",
    name="sms_conversation",
    title=_TITLE,
    capability=Capability.VIEW_MESSAGES,
    group="SMS",
    in_menu=False,
)
def thread_page(request: HttpRequest) -> HttpResponse:
    """Everything with one number, and a box to answer in."""
    phone = _phone_of(request)
    if not phone:
        return HttpResponseRedirect(reverse("admin:sms_conversations"))
    return _show(request, phone, ReplyForm())


@console_site.page(
    "sms/conversations/reply/",
    name="sms_conversation_reply",
    title=_TITLE,
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    in_menu=False,
    methods=("POST",),
)
def reply(request: HttpRequest) -> HttpResponse:
    """Answer, from the sender and under the record of the thread."""
    member, phone, form = membership_of(request), _phone_of(request), ReplyForm(request.POST)
    if not form.is_valid():
        return _show(request, phone, form, status=422)
    thread = conversations.read_thread(member, phone)
    try:
        message = send_single(
            SingleText(
                text=form.cleaned_data["text"],
                origin=Message.Origin.COMPOSE,
                to=phone,
                person=conversations.person_of(thread),
                sender_id=conversations.sender_of(thread),
                membership=member,
                idempotency_key=f"compose:{member.pk}:{form.cleaned_data['key']}",
            )
        )
    except PatchbayError as error:
        if isinstance(error, TextNotTaken) and error.code == TextNotTaken.KEY_REUSED:
            form = ReplyForm({**request.POST.dict(), "key": str(uuid.uuid4())})
            form.is_valid()
            form.add_error("text", SENT_BEFORE)
        else:
            form.add_error("text", error.message)
        return _show(request, phone, form, status=422)
    # Whoever answers has read what stands above the answer.
    conversations.mark_read(member, phone, max((one.pk for one in thread), default=0))
    tell_sent(request, message)
    return HttpResponseRedirect(conversation_address(phone))


@console_site.page(
    "sms/conversations/read/",
    name="sms_conversation_read",
    title=_TITLE,
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    in_menu=False,
    methods=("POST",),
)
def read(request: HttpRequest) -> HttpResponse:
    """Somebody who answers such texts has seen what is shown."""
    phone, up_to = _phone_of(request), request.POST.get("up_to", "")
    if up_to.isdecimal():
        count = conversations.mark_read(membership_of(request), phone, int(up_to))
        if count:
            told = ngettext("%(count)s text is marked as read.", "%(count)s texts are marked as "
                            "read.", count)  # fmt: skip
            messages.success(request, told % {"count": count})
    return HttpResponseRedirect(reverse("admin:sms_conversations"))


@console_site.page(
    "sms/conversations/live/",
    name="sms_conversation_live",
    title=_TITLE,
    capability=Capability.VIEW_MESSAGES,
    group="SMS",
    in_menu=False,
)
def live(request: HttpRequest) -> HttpResponse:
    """The thread up to what is shown, as it stands now; newer texts are only announced."""
    up_to = request.GET.get("up_to", "")
    context = _describe(request, _phone_of(request), int(up_to) if up_to.isdecimal() else None)
    if request.GET.get("marker") == context["marker"]:
        return HttpResponse(status=204)
    return render(request, "patchbay/sms/parts/conversation_live.html", context)


def _phone_of(request: HttpRequest) -> str:
    # A plus that nobody encoded reads as a space.
    written = request.POST.get("number", request.GET.get("number", ""))
    return f"+{written[1:]}" if written[:1] == " " else written


def _show(request: HttpRequest, phone: str, form: ReplyForm, status: int = 200) -> HttpResponse:
    context = {"form": form, **describe_closed(request, phone), **_describe(request, phone)}
    page = "patchbay/sms/conversation.html"
    return console_page(request, page, context, title=context["name"], status=status)


def _describe(request: HttpRequest, phone: str, up_to: int | None = None) -> dict[str, Any]:
    member = membership_of(request)
    region = member.workspace.default_region
    thread = conversations.read_thread(member, phone, up_to)
    person = conversations.person_of(thread)
    shown = max((message.pk for message in thread), default=0)
    news = conversations.count_after(member, phone, shown)
    marker = ".".join([str(news), *(f"{one.pk}{one.state}" for one in thread[-20:])])
    again = urlencode({"number": phone, "up_to": str(shown), "marker": marker})
    return {
        "phone": phone,
        "name": person.name or format_national(phone, region),
        "person": person,
        "record_url": record_url(Connection.objects.find_sync_user(), person.record_id),
        "region": region,
        "lines": [{"message": one, "state": state_chip(one.state)} for one in thread],
        "is_cut": len(thread) == conversations.THREAD_LENGTH,
        "unread": any(map(conversations.is_unread, thread)),
        "may_send": can(member, Capability.SEND_MESSAGES),
        "shown": shown,
        "news": news,
        "marker": marker,
        "page_address": conversation_address(phone),
        "again": f"{reverse('admin:sms_conversation_live')}?{again}",
    }
