"""Choosing a Salesforce campaign, and writing what its members are sent."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_page, console_site
from integrations.errors import PatchbayError
from integrations.policy import can, membership_of
from integrations.roles import Capability
from sms.admin.text_box import SmsTextField
from sms.campaigns import drafts
from sms.campaigns.audience import CampaignRecord, find_campaign, search_campaigns
from sms.campaigns.drafts import CHANGEABLE, Words
from sms.models import Sender, SmsCampaign, Template
from sms.template_versions import offered

_TITLE = gettext_lazy("New campaign")
_SAVE = "save"


class WordsForm(forms.Form):
    """The text for everybody, and the sender; a template fills the text in."""

    template = forms.TypedChoiceField(
        label=gettext_lazy("Template"), required=False, coerce=int, empty_value=None
    )
    text = SmsTextField(
        label=gettext_lazy("Text"),
        help_text=gettext_lazy(
            "A field stands in double braces, with what to say where it is empty: "
            "{{FirstName|there}}."
        ),
    )
    sender = forms.TypedChoiceField(
        label=gettext_lazy("From"), required=False, coerce=int, empty_value=None
    )
    is_plain = forms.BooleanField(
        label=gettext_lazy("Replace typographic characters in every text"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        self.templates = {one.pk: one for one in offered(Template.Kind.CAMPAIGN)}
        self.senders = {one.pk: one for one in Sender.objects.filter(is_archived=False)}
        fields["template"].choices = [
            ("", _("None")), *((key, one.name) for key, one in self.templates.items()),
        ]  # fmt: skip
        fields["sender"].choices = [
            ("", _("Chosen for each country")),
            *((key, str(one)) for key, one in self.senders.items()),
        ]
        for name in ("template", "sender"):
            fields[name].widget.attrs["class"] = "pb-input"

    def chosen_template(self) -> Template | None:
        """The template that somebody named, if it is still offered."""
        return self.templates.get(self.cleaned_data.get("template") or 0)

    def words(self) -> Words:
        """What was written; a template counts only while its words are unchanged."""
        data = self.cleaned_data
        return Words(
            text=data["text"],
            sender=self.senders.get(data.get("sender") or 0),
            template=self.chosen_template(),
            is_plain=data["is_plain"],
        )


def begin_campaign(request: HttpRequest) -> HttpResponse:
    """``record`` is the campaign's id, as a button in Salesforce names it; without it, campaigns
    are found by name."""
    if not can(membership_of(request), Capability.SEND_MESSAGES):
        raise PermissionDenied
    record_id, term = request.GET.get("record", "").strip(), request.GET.get("q", "").strip()[:80]
    found: list[CampaignRecord] = []
    trouble = ""
    try:
        if record_id:
            return _write_first(request, find_campaign(record_id))
        found = search_campaigns(term)
    except PatchbayError as error:
        trouble = error.message
    context = {"term": term, "found": found, "trouble": trouble}
    return console_page(request, "patchbay/sms/campaign_find.html", context, title=_TITLE)


def _write_first(request: HttpRequest, record: CampaignRecord) -> HttpResponse:
    form = _form(request, {})
    if form.is_bound and form.is_valid():
        try:
            campaign = drafts.create(record, form.words(), by=membership_of(request))
        except PatchbayError as error:
            form.add_error("text", error.message)
        else:
            messages.success(
                request, _("Its members are read now. Nothing is sent before you launch it.")
            )
            return HttpResponseRedirect(_page_of(campaign))
    context = {
        "form": form,
        "record": record,
        "earlier": SmsCampaign.objects.filter(campaign_record_id=record.record_id)[:3],
        "back": reverse("admin:sms_smscampaign_add"),
    }
    return _show(request, form, context, title=_TITLE)


@console_site.page(
    "sms/smscampaign/<int:campaign_id>/words/",
    name="sms_campaign_words",
    title=gettext_lazy("Text and sender"),
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    methods=("GET", "POST"),
)
def change_words(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Say something else, or from another sender, before it is launched."""
    rows = SmsCampaign.objects.filter(state__in=CHANGEABLE)
    campaign = get_object_or_404(rows, pk=campaign_id)
    now = {
        "text": campaign.text,
        "sender": campaign.sender_id or "",
        "template": campaign.template_id or "",
        "is_plain": campaign.is_plain,
    }
    form = _form(request, now)
    if form.is_bound and form.is_valid():
        try:
            drafts.change_words(campaign, form.words(), by=membership_of(request))
        except PatchbayError as error:
            form.add_error("text", error.message)
        else:
            messages.success(request, _("Every text is worked out anew."))
            return HttpResponseRedirect(_page_of(campaign))
    context = {
        "form": form,
        "campaign": campaign,
        "row": campaign,
        "opts": campaign._meta,
        "back": _page_of(campaign),
    }
    return _show(request, form, context, title=_("Text and sender"))


@console_site.page(
    "sms/smscampaign/<int:campaign_id>/plain/",
    name="sms_campaign_plain",
    title=gettext_lazy("Replace typographic characters"),
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    methods=("POST",),
)
def make_plain(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Replace what can be replaced in everybody's text, in one click."""
    rows = SmsCampaign.objects.filter(state__in=CHANGEABLE).select_related("sender", "template")
    campaign = get_object_or_404(rows, pk=campaign_id)
    words = Words(
        text=campaign.text, sender=campaign.sender, template=campaign.template, is_plain=True
    )
    try:
        drafts.change_words(campaign, words, by=membership_of(request))
    except PatchbayError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Every text is worked out anew."))
    return HttpResponseRedirect(_page_of(campaign))


def _form(request: HttpRequest, initial: dict[str, Any]) -> WordsForm:
    """The form as it was sent, or with the words of a template that was just chosen."""
    if request.method != "POST":
        return WordsForm(initial=initial)
    form = WordsForm(request.POST)
    if request.POST.get("act") == _SAVE:
        return form
    form.is_valid()  # as far as it is: an empty text is no mistake yet
    template = form.chosen_template()
    typed = {name: form.data.get(name, "") for name in form.fields}
    return WordsForm(initial=typed | ({"text": template.text} if template else {}))


def _show(
    request: HttpRequest, form: WordsForm, context: dict[str, Any], *, title: Any
) -> HttpResponse:
    return console_page(
        request,
        "patchbay/sms/campaign_words.html",
        context,
        title=title,
        status=422 if form.errors else 200,
    )


def _page_of(campaign: SmsCampaign) -> str:
    return reverse("admin:sms_smscampaign_change", args=(campaign.pk,))
