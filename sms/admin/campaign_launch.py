"""The hours of a campaign, a test to oneself, and the question before it is launched."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from integrations.admin.site import console_page, console_site
from integrations.options import active_options
from integrations.policy import membership_of
from integrations.roles import Capability
from sms.admin.campaign_page import cost_in_words
from sms.campaigns import drafts, launch
from sms.campaigns.drafts import CHANGEABLE, CampaignNotChanged, Hours
from sms.campaigns.launch import Agreed
from sms.campaigns.preview import preview, texts_of
from sms.messaging import NewText, TextNotTaken, queue_message
from sms.models import CampaignRecipient, Message, SmsCampaign


class HoursForm(forms.Form):
    """When it may be sent. Moments are read in the zone of the member who types them."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("Not before"),
        required=False,
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "pb-input"}
        ),
        help_text=gettext_lazy("In your own time zone. Empty: as soon as it is launched."),
    )
    opens = forms.TimeField(
        label=gettext_lazy("From"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "pb-input"}),
    )
    closes = forms.TimeField(
        label=gettext_lazy("Until"),
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "pb-input"}),
        help_text=gettext_lazy("Where each recipient is, by their number and address."),
    )
    on_sundays = forms.BooleanField(label=gettext_lazy("On Sundays too"), required=False)
    rest = forms.ChoiceField(
        label=gettext_lazy("What is left when the hours end"),
        choices=SmsCampaign.Rest.choices,
        widget=forms.RadioSelect,
    )


@console_site.page(
    "sms/smscampaign/<int:campaign_id>/hours/",
    name="sms_campaign_hours",
    title=gettext_lazy("Time and hours"),
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    methods=("GET", "POST"),
)
def change_hours(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """When it begins, and between which hours where the recipients are."""
    campaign = get_object_or_404(SmsCampaign.objects.filter(state__in=CHANGEABLE), pk=campaign_id)
    names = Hours.__dataclass_fields__
    initial = {name: getattr(campaign, name) for name in names}
    form = HoursForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            drafts.change_hours(campaign, Hours(**form.cleaned_data), by=membership_of(request))
        except CampaignNotChanged as error:
            form.add_error("closes", error.message)
        else:
            messages.success(request, _("The hours are changed."))
            return _back(campaign)
    return console_page(
        request,
        "patchbay/sms/campaign_hours.html",
        _about(campaign) | {"form": form, "zone": timezone.get_current_timezone_name()},
        title=_("Time and hours"),
        status=422 if form.errors else 200,
    )


class CampaignTestForm(forms.Form):
    """To whom the test goes; the key makes a second click harmless."""

    to = forms.CharField(
        label=gettext_lazy("Your mobile number"), max_length=40, widget=UnfoldAdminTextInputWidget
    )
    key = forms.CharField(max_length=40, widget=forms.HiddenInput)


@console_site.page(
    "sms/smscampaign/<int:campaign_id>/test/",
    name="sms_campaign_test",
    title=gettext_lazy("Send a test to yourself"),
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    methods=("GET", "POST"),
)
def send_test(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The text of one recipient to one's own number, as the gateway charges it."""
    campaign = get_object_or_404(SmsCampaign.objects.exclude(read_at=None), pk=campaign_id)
    form = CampaignTestForm(request.POST or None, initial={"key": get_random_string(22)})
    recipient = _example(campaign, request)
    message = _send_test(request, campaign, recipient, form) if form.is_valid() else None
    if message is not None:
        messages.success(request, _("The test is on its way. Its fate is told here."))
        return HttpResponseRedirect(reverse("admin:sms_message_change", args=(message.pk,)))
    context = _about(campaign) | {
        "form": form,
        "recipient": recipient,
        "text": texts_of(campaign, [recipient])[recipient.pk] if recipient else "",
    }
    return console_page(
        request,
        "patchbay/sms/campaign_test.html",
        context,
        title=_("Send a test to yourself"),
        status=422 if form.errors else 200,
    )


def _example(campaign: SmsCampaign, request: HttpRequest) -> CampaignRecipient | None:
    """The recipient whose text is shown: the one that was asked for, else the first."""
    rows = CampaignRecipient.objects.filter(
        campaign=campaign, state__in=(CampaignRecipient.State.ELIGIBLE, "queued")
    ).select_related("message")
    asked = request.GET.get("recipient", "")
    found = rows.filter(pk=asked).first() if asked.isdecimal() else None
    return found or rows.first()


def _send_test(
    request: HttpRequest,
    campaign: SmsCampaign,
    recipient: CampaignRecipient | None,
    form: CampaignTestForm,
) -> Message | None:
    if recipient is None:
        form.add_error("to", _("Nobody gets this text, so there is none to test."))
        return None
    try:
        return queue_message(
            NewText(
                to=form.cleaned_data["to"],
                text=texts_of(campaign, [recipient])[recipient.pk],
                purpose=Message.Purpose.TEST,
                origin=Message.Origin.COMPOSE,
                sender_id=campaign.sender_id,
                membership=membership_of(request),
                idempotency_key=f"test:{form.cleaned_data['key']}",
            )
        )
    except TextNotTaken as error:
        form.add_error("to", error.message)
        return None


@console_site.page(
    "sms/smscampaign/<int:campaign_id>/launch/",
    name="sms_campaign_launch",
    title=gettext_lazy("Launch the campaign"),
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    methods=("GET", "POST"),
)
def launch_campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Ask once, in words with numbers; what is posted is exactly what was read there."""
    rows = SmsCampaign.objects.select_related("sender")
    campaign = get_object_or_404(rows, pk=campaign_id)
    if request.method == "POST":
        return _launch(request, campaign)
    if campaign.state != SmsCampaign.State.READY:
        return _back(campaign)
    seen = preview(campaign)
    context = _about(campaign) | {
        "people": campaign.recipient_count,
        "segments": campaign.segment_count,
        "cost": cost_in_words(seen.countries),
        "left_out": campaign.excluded_count,
        "tasks": _count_tasks(campaign),
        "is_later": drafts.starts_later(campaign),
    }
    return console_page(
        request, "patchbay/sms/campaign_launch.html", context, title=_("Launch the campaign")
    )


def _launch(request: HttpRequest, campaign: SmsCampaign) -> HttpResponse:
    try:
        agreed = Agreed(int(request.POST["people"]), int(request.POST["segments"]))
    except (KeyError, ValueError):
        messages.error(request, _("Read the numbers first, then launch."))
        return _back(campaign)
    try:
        launch.launch(campaign, agreed, by=membership_of(request))
    except CampaignNotChanged as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Launched. This page tells how it goes."))
    return _back(campaign)


def _count_tasks(campaign: SmsCampaign) -> int:
    """How many Tasks Salesforce is going to store for it (RULES D4)."""
    options = active_options()
    is_kept = options["activity_history"] and options["mirror_campaign_sms"] == "each"
    return campaign.recipient_count if is_kept else 0


def _about(campaign: SmsCampaign) -> dict[str, Any]:
    """What the page is about, for its own words and for the steps that lead to it."""
    return {"campaign": campaign, "row": campaign, "opts": campaign._meta}


def _back(campaign: SmsCampaign) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:sms_smscampaign_change", args=(campaign.pk,)))
