"""SMS → Senders: whom a text comes from, and where each may be used (MIT-16 to 21)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integrations.admin.actions import buttons, object_action
from integrations.admin.base import WorkspaceScopedAdmin, WorkspaceScopedInline
from integrations.admin.chips import Chip, chip
from integrations.admin.forms import WorkspaceModelForm
from integrations.admin.site import console_site
from integrations.phones import is_region
from integrations.policy import membership_of
from integrations.roles import Capability
from sms import senders
from sms.gateways import find_gateway
from sms.models import Sender, SenderCountry

_STATE_CHIPS = {
    SenderCountry.State.NOT_NEEDED: Chip.DONE,
    SenderCountry.State.APPROVED: Chip.DONE,
    SenderCountry.State.PENDING: Chip.WORKING,
    SenderCountry.State.MISSING: Chip.ATTENTION,
    SenderCountry.State.REJECTED: Chip.FAILED,
    SenderCountry.State.BLOCKED: Chip.FAILED,
}


class SenderForm(WorkspaceModelForm):
    """A sender as somebody types it; only the label and the pace change later."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            if values.get("kind") and values.get("value"):
                self._clean_value(values)
            self._take_gateway()
        return values

    def _clean_value(self, values: dict[str, Any]) -> None:
        try:
            values["value"] = senders.clean_value(values["kind"], values["value"])
        except forms.ValidationError as error:
            self.add_error("value", error)

    def _take_gateway(self) -> None:
        gateway = find_gateway()
        if gateway is None:
            self.add_error(None, _("Connect a gateway first, under SMS, Gateway."))
        else:
            self.instance.connection = gateway


class CountryForm(WorkspaceModelForm):
    """How a sender stands in one country."""

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).strip().upper()
        if not is_region(country):
            raise forms.ValidationError(_("Two letters, such as GB or US."))
        return country


class CountryInline(WorkspaceScopedInline):
    """Registrations; without a line nobody has said anything about a country."""

    model = SenderCountry
    form = CountryForm
    fields = ("country", "state", "is_default", "note")
    view_capability = add_capability = Capability.MANAGE_SMS
    change_capability = delete_capability = Capability.MANAGE_SMS


@admin.register(Sender, site=console_site)
class SenderAdmin(WorkspaceScopedAdmin):
    """Added once and archived when done with: messages keep naming the one that sent them."""

    menu_group, menu_icon, menu_order = "SMS", "badge", 60
    menu_title = _("Senders")
    view_capability = add_capability = change_capability = Capability.MANAGE_SMS
    empty_hint = _(
        "No sender yet. It is the “From” that a handset shows: a number that people can answer, "
        "or the name of your company."
    )

    form = SenderForm
    inlines = (CountryInline,)
    list_display = ("shown", "kind", "label", "standing", "where")
    list_filter = ("kind", "is_archived")
    search_fields = ("value__istartswith", "label__istartswith")
    search_help_text = _("The beginning of a number, without the plus, or of a name.")
    readonly_fields = ("shown", "kind_shown", "standing", "cautions")
    object_actions = ("make_default", "archive", "restore")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("connection").prefetch_related("countries")

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> Any:
        if obj is None:
            return ("kind", "value", "label", "segments_per_second")
        return ("shown", "kind_shown", "standing", "label", "segments_per_second", "cautions")

    def get_inlines(self, request: HttpRequest, obj: Any | None) -> Any:
        return self.inlines if obj else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "value":
            # What is too long is said with the right limit by the form, plus and all.
            field.max_length, field.validators = None, []
            field.widget.attrs.pop("maxlength", None)
            field.help_text = _(
                "A number: up to 15 digits, with country code. A name: up to 11 characters without "
                "spaces, such as MITTO-SMS."
            )
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change and not Sender.objects.filter(is_default=True).exists():
            senders.make_default(obj, actor=membership_of(request).user)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        sender = self.get_object(request, object_id) if object_id else None
        more = {"object_buttons": self._buttons(request, sender)} if sender else {}
        page: HttpResponse = super().changeform_view(
            request, object_id, form_url, {**more, **(extra_context or {})}
        )
        return page

    def _buttons(self, request: HttpRequest, sender: Sender) -> list[dict[str, Any]]:
        test = {
            "title": _("Send a test…"),
            "link": reverse("admin:sms_sender_test", args=(sender.pk,)),
            "is_dangerous": False,
        }
        return [*([] if sender.is_archived else [test]), *buttons(self, request, sender)]

    @object_action(
        title=_("Make it the default"),
        question=_("It sends wherever neither a person nor a country names another one."),
        capability=Capability.MANAGE_SMS,
        applies=lambda sender: not sender.is_default and not sender.is_archived,
    )
    def make_default(self, request: HttpRequest, sender: Sender) -> Any:
        senders.make_default(sender, actor=membership_of(request).user)
        return _("%(sender)s is the default now.") % {"sender": sender}

    @object_action(
        title=_("Archive"),
        question=_("Nothing is sent from it any more. Messages that it sent keep its name."),
        capability=Capability.MANAGE_SMS,
        is_dangerous=True,
        applies=lambda sender: not sender.is_archived,
    )
    def archive(self, request: HttpRequest, sender: Sender) -> Any:
        senders.archive(sender, actor=membership_of(request).user)
        return _("Nothing is sent from %(sender)s any more.") % {"sender": sender}

    @object_action(
        title=_("Use it again"),
        question=_("People can choose it again for what they send."),
        capability=Capability.MANAGE_SMS,
        applies=lambda sender: sender.is_archived,
    )
    def restore(self, request: HttpRequest, sender: Sender) -> Any:
        senders.restore(sender, actor=membership_of(request).user)
        return _("%(sender)s can be used again.") % {"sender": sender}

    @admin.display(description=_("Sender"), ordering="value")
    def shown(self, sender: Sender) -> str:
        return str(sender)

    @admin.display(description=_("Kind"))
    def kind_shown(self, sender: Sender) -> str:
        return sender.get_kind_display()

    @admin.display(description=_("State"))
    def standing(self, sender: Sender) -> SafeString:
        if sender.is_archived:
            return chip(Chip.WAITING, _("Archived"))
        return (
            chip(Chip.DONE, _("Default")) if sender.is_default else chip(Chip.WORKING, _("In use"))
        )

    @admin.display(description=_("Countries"))
    def where(self, sender: Sender) -> SafeString | str:
        states = (
            (
                row.country,
                chip(_STATE_CHIPS[SenderCountry.State(row.state)], row.get_state_display()),
            )
            for row in sender.countries.all()
        )
        listed = format_html_join(" ", '<span class="pb-nowrap">{} {}</span>', states)
        return format_html('<div class="pb-filed">{}</div>', listed) if listed else "–"

    @admin.display(description=_("Good to know"))
    def cautions(self, sender: Sender) -> SafeString | str:
        said = format_html_join(
            "", "<li>{}</li>", ((one,) for one in senders.list_cautions(sender))
        )
        return format_html('<ul class="pb-steps">{}</ul>', said) if said else "–"
