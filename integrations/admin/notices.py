"""Workspace → Notices: what needs a person, and who gets mails about it (MII-34)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_page, console_site
from integrations.error_mails import (
    MailingChoice,
    change_mailing,
    find_mailing,
    members_to_choose,
    read_addresses,
    recipients_of,
    send_test_mail,
)
from integrations.models import Connection, ErrorMailing, Notice
from integrations.options import RevisionOutdated, active_options, change_options
from integrations.policy import membership_of
from integrations.roles import Capability

_TITLE = gettext_lazy("Notices")
_PER_PAGE = 50


class MailingForm(forms.Form):
    """On or off, whom, about what, how often."""

    based_on = forms.IntegerField(widget=forms.HiddenInput)
    is_on = forms.BooleanField(
        required=False, label=gettext_lazy("Send a mail when something fails")
    )
    members = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Members who get them"),
    )
    addresses = forms.CharField(
        required=False,
        max_length=4_000,
        label=gettext_lazy("Further mail addresses"),
        help_text=gettext_lazy("One a line: other members, a mailing list, your service desk."),
        widget=forms.Textarea(attrs={"rows": 3, "class": "pb-input pb-input-wide pb-input-lines"}),
    )
    services = forms.MultipleChoiceField(
        choices=Connection.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("About errors of"),
        error_messages={"required": gettext_lazy("Choose at least one, or switch the mails off.")},
    )
    rhythm = forms.ChoiceField(
        choices=ErrorMailing.Rhythm.choices,
        widget=forms.RadioSelect,
        label=gettext_lazy("How often"),
        help_text=gettext_lazy(
            "The first error is mailed at once. With an hourly or daily mail, what follows is "
            "collected."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members_by_id = {member.pk: member for member in members_to_choose()}
        members: Any = self.fields["members"]
        members.choices = [(pk, str(member)) for pk, member in self.members_by_id.items()]

    def clean_addresses(self) -> list[str]:
        return read_addresses(self.cleaned_data["addresses"])

    def choice(self) -> MailingChoice:
        """What the valid form asks for, beside on or off."""
        data = self.cleaned_data
        members = [self.members_by_id[pk] for pk in data["members"]]
        return MailingChoice(members, data["addresses"], data["services"], data["rhythm"])


@console_site.page(
    "notices/",
    name="notices",
    title=_TITLE,
    capability=Capability.MANAGE_NOTICES,
    group="Workspace",
    icon="notifications",
    order=60,
    methods=("GET", "POST"),
)
def notices(request: HttpRequest) -> HttpResponse:
    """Show what is open and who is told, or store who is told."""
    if request.method == "POST":
        form = MailingForm(request.POST)
        if form.is_valid():
            _save(request, form)
            return HttpResponseRedirect(reverse("admin:notices"))
    else:
        form = _stored_form()
    mailing = find_mailing()
    settled = Notice.objects.exclude(resolved_at=None)
    context = {
        "form": form,
        "mailing": mailing,
        "is_on": active_options()["error_mail"],
        "recipients": recipients_of(mailing),
        "open": list(Notice.objects.filter(resolved_at=None)[:200]),
        "page": Paginator(settled[:1_000], _PER_PAGE).get_page(request.GET.get("page")),
    }
    return console_page(request, "patchbay/notices.html", context, title=_TITLE)


def _stored_form() -> MailingForm:
    mailing, options = find_mailing(), active_options()
    members = mailing.members.values_list("pk", flat=True) if mailing.pk else ()
    return MailingForm(
        initial={
            "based_on": options.number,
            "is_on": options["error_mail"],
            "members": list(members),
            "addresses": "\n".join(mailing.addresses),
            "services": mailing.services,
            "rhythm": mailing.rhythm,
        }
    )


def _save(request: HttpRequest, form: MailingForm) -> None:
    actor = membership_of(request).user
    changed = change_mailing(form.choice(), actor=actor, request=request)
    is_on = form.cleaned_data["is_on"]
    if is_on != active_options()["error_mail"]:
        try:
            change_options(
                {"error_mail": is_on},
                based_on=form.cleaned_data["based_on"],
                actor=actor,
                request=request,
            )
        except RevisionOutdated:
            messages.error(
                request,
                _("Somebody else changed the options meanwhile. The switch stands as shown; set "
                  "it again."),
            )  # fmt: skip
            return
        changed = True
    if changed:
        messages.success(request, _("Saved. It holds for errors from now on."))
    else:
        messages.info(request, _("Nothing was changed."))


@console_site.page(
    "notices/test/",
    name="notices_test",
    title=_TITLE,
    capability=Capability.MANAGE_NOTICES,
    group="Workspace",
    in_menu=False,
    methods=("POST",),
)
def test_mail(request: HttpRequest) -> HttpResponse:
    """Send a mail to those who are stored, whether mails are on or off."""
    try:
        recipients = send_test_mail()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        told = _("A test mail is on its way to %(people)s.")
        messages.success(request, told % {"people": ", ".join(recipients)})
    return HttpResponseRedirect(reverse("admin:notices"))
