"""Calls → Tracked numbers: what the company's own numbers stand for (CTM-09)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from calls.models import TrackedNumber
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.cells import phone_number
from integrations.admin.forms import WorkspaceModelForm
from integrations.admin.site import console_site
from integrations.errors import OutcomeUnknown, PatchbayError
from integrations.models import Connection
from integrations.phones import parse_phone
from integrations.roles import Capability
from integrations.salesforce.campaigns import Campaign, list_campaigns
from integrations.salesforce.client import SalesforceClient

#: A person waits for the list.
_DEADLINE_SECONDS = 5.0
_NONE = ("", _("No campaign"))


class TrackedNumberForm(WorkspaceModelForm):
    """``campaigns`` are those that can be chosen, None where Salesforce cannot say."""

    campaigns: Sequence[Campaign] | None = None

    phone_e164 = forms.CharField(
        label=_("Number"),
        max_length=40,
        help_text=_("One of your own, as people dial it."),
        widget=UnfoldAdminTextInputWidget,
    )
    campaign = forms.ChoiceField(
        label=_("Salesforce campaign"), required=False, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = TrackedNumber
        fields = ("phone_e164", "label")
        widgets = {"label": UnfoldAdminTextInputWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: TrackedNumber = self.instance
        self.initial["campaign"] = row.campaign_id
        self.names = {one.campaign_id: one.name for one in self.campaigns or ()}
        if row.campaign_id:
            self.names.setdefault(row.campaign_id, row.campaign_name)
        field: Any = self.fields["campaign"]
        field.choices = [_NONE, *self.names.items()]
        field.help_text = (
            _("Salesforce does not list its campaigns at the moment; save the rest and come back.")
            if self.campaigns is None
            else _(
                "In legacy mode whoever calls this number joins it, once the call's record stands."
            )
        )

    def clean_phone_e164(self) -> str:
        """As people in the workspace's country dial it."""
        region = self.instance.workspace.default_region
        e164 = parse_phone(self.cleaned_data["phone_e164"], region).e164
        if e164 is None:
            raise ValidationError(_("This is no telephone number. Write it as people dial it."))
        return e164

    def clean_campaign(self) -> str:
        """Its id; the name goes with it."""
        campaign_id = str(self.cleaned_data["campaign"])
        self.instance.campaign_id = campaign_id
        self.instance.campaign_name = self.names.get(campaign_id, "")[:80]
        return campaign_id


@admin.register(TrackedNumber, site=console_site)
class TrackedNumberAdmin(WorkspaceScopedAdmin):
    """The campaigns are asked for before the form's transaction begins."""

    menu_group, menu_icon, menu_order = "Calls", "campaign", 60
    menu_title = _("Tracked numbers")
    empty_hint = _(
        "No number yet. Give your own numbers a name, and a Salesforce campaign that callers join "
        "in legacy mode."
    )
    view_capability = add_capability = Capability.MANAGE_PHONE_SYSTEMS
    change_capability = delete_capability = Capability.MANAGE_PHONE_SYSTEMS

    form = TrackedNumberForm
    fields = ("phone_e164", "label", "campaign")
    list_display = ("label", "number_cell", "campaign_cell")
    list_select_related = ("workspace",)
    search_fields = ("label", "phone_e164")

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        class Offered(TrackedNumberForm):
            campaigns = getattr(request, "campaigns", None)

        return Offered

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.has_change_permission(request):
            request.campaigns = find_campaigns()  # type: ignore[attr-defined]
        return super().changeform_view(request, *args, **kwargs)

    @admin.display(description=_("Number"), ordering="phone_e164")
    def number_cell(self, row: TrackedNumber) -> SafeString:
        return phone_number(row.phone_e164, row.workspace.default_region, row.pk)

    @admin.display(description=_("Salesforce campaign"), ordering="campaign_name")
    def campaign_cell(self, row: TrackedNumber) -> Any:
        return row.campaign_name or _("none")


def find_campaigns() -> Sequence[Campaign] | None:
    """Active campaigns of the connected org; None while it cannot be asked."""
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.is_usable:
        return None
    client = SalesforceClient(connection, feature="campaigns", deadline_seconds=_DEADLINE_SECONDS)
    try:
        return list_campaigns(client)
    except (PatchbayError, OutcomeUnknown):
        return None
