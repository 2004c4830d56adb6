"""SMS → Prices: what a segment to each country costs, and where that stands."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.forms import WorkspaceModelForm
from integrations.admin.site import console_site
from integrations.countries import region_name
from integrations.phones import is_region
from integrations.roles import Capability
from sms.models import SmsPrice

_CODE_LENGTH = 3


class PriceForm(WorkspaceModelForm):
    """Codes are stored in capitals."""

    class Meta:
        model = SmsPrice
        fields = ("country", "price", "currency", "valid_from", "source")

    def clean_country(self) -> str:
        code = str(self.cleaned_data["country"]).strip().upper()
        if not is_region(code):
            raise forms.ValidationError(_("Two letters of a country, as in US."))
        return code

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"]).strip().upper()
        if len(code) != _CODE_LENGTH or not (code.isascii() and code.isalpha()):
            raise forms.ValidationError(_("Three letters of a currency, as in USD."))
        return code


@admin.register(SmsPrice, site=console_site)
class SmsPriceAdmin(WorkspaceScopedAdmin):
    """The latest price that is valid counts; earlier ones stay for what was sent then."""

    menu_group, menu_icon, menu_order = "SMS", "sell", 35
    menu_title = _("Prices")
    view_capability = Capability.SEND_MESSAGES
    add_capability = change_capability = delete_capability = Capability.MANAGE_SMS
    form = PriceForm
    list_display = ("country_name", "price", "currency", "valid_from", "source")
    list_display_links = ("country_name",)
    search_fields = ("country",)
    empty_hint = _(
        "No prices yet. Enter what your gateway charges for a segment to each country: the preview "
        "of a campaign then says what it costs. Without a price it names the country instead."
    )

    @admin.display(description=_("Country"))
    def country_name(self, row: Any) -> str:
        return f"{region_name(row.country) or row.country} ({row.country})"
