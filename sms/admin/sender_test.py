"""Sending a test from one sender: whether it arrives, and how it looks on the handset."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from integrations.admin.site import console_page, console_site
from integrations.policy import membership_of
from integrations.roles import Capability
from sms.messaging import NewText, TextNotTaken, queue_message
from sms.models import Message, Sender


class TestForm(forms.Form):
    """Whom to send it to. The key makes a second click harmless."""

    to = forms.CharField(
        label=gettext_lazy("Your mobile number"), max_length=40, widget=UnfoldAdminTextInputWidget
    )
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=160, widget=UnfoldAdminTextInputWidget
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


@console_site.page(
    "sms/sender/<int:sender_id>/test/",
    name="sms_sender_test",
    title=gettext_lazy("Send a test"),
    capability=Capability.MANAGE_SMS,
    group="SMS",
    methods=("GET", "POST"),
)
def send_test(request: HttpRequest, sender_id: int) -> HttpResponse:
    """Ask whom to send it to, send it, and lead to its message, which tells what came of it."""
    sender = get_object_or_404(Sender.objects.filter(is_archived=False), pk=sender_id)
    first = {
        "text": _("A test from %(workspace)s.") % {"workspace": sender.workspace.name},
        "key": get_random_string(22),
    }
    form = TestForm(request.POST or None, initial=first)
    message = _send(request, sender, form) if form.is_valid() else None
    if message is not None:
        messages.success(request, _("The test is on its way. Its fate is told here."))
        return HttpResponseRedirect(reverse("admin:sms_message_change", args=(message.pk,)))
    context: dict[str, Any] = {"form": form, "sender": sender}
    return console_page(
        request,
        "patchbay/sms/sender_test.html",
        context,
        title=_("Send a test"),
        status=422 if form.errors else 200,
    )


def _send(request: HttpRequest, sender: Sender, form: TestForm) -> Message | None:
    """The message, or None with the reason at the field."""
    values = form.cleaned_data
    try:
        return queue_message(
            NewText(
                to=values["to"],
                text=values["text"],
                purpose=Message.Purpose.TEST,
                origin=Message.Origin.COMPOSE,
                sender_id=sender.pk,
                membership=membership_of(request),
                idempotency_key=f"test:{values['key']}",
            )
        )
    except TextNotTaken as error:
        form.add_error("to", error.message)
        return None
