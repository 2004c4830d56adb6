"""Workspace → API keys: which programs may come in, and as whose key."""

from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from integrations.addresses import public_address, root_url
from integrations.admin.actions import object_action
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.cells import moment
from integrations.admin.chips import Chip, chip
from integrations.admin.site import console_page, console_site
from integrations.api_keys import PREFIX, make_key, revoke_key
from integrations.api_scopes import ApiScope
from integrations.models import ApiKey
from integrations.policy import membership_of
from integrations.roles import Capability

_LIFETIMES = [("90", _("90 days")), ("365", _("A year")), ("", _("Never; I shall replace it"))]


class KeyForm(forms.Form):
    """What the key is for, what it may do, and for how long."""

    name = forms.CharField(label=_("Name"), max_length=80, widget=UnfoldAdminTextInputWidget)
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=ApiScope.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    days = forms.ChoiceField(
        label=_("It ends after"),
        choices=_LIFETIMES,
        initial="90",
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


@admin.register(ApiKey, site=console_site)
class ApiKeyAdmin(WorkspaceScopedAdmin):
    """Rows are made and ended by services alone; the page after "Add" shows the key, once."""

    menu_group, menu_icon, menu_order = "Workspace", "key", 40
    menu_title = _("API keys")
    view_capability = add_capability = Capability.MANAGE_API_KEYS

    empty_hint = _("No key yet. A program that asks Patchbay for something needs one.")

    list_display = ("name", "shown_key", "scope_names", "state_chip", "member", "used", "ends")
    list_select_related = ("member__user",)
    fields = ("name", "shown_key", "scope_names", "state_chip", "member", "made", "used", "ends")
    readonly_fields = fields
    object_actions = ("revoke",)

    @admin.display(description=_("Key"))
    def shown_key(self, key: ApiKey) -> str:
        return f"{PREFIX}_{key.prefix}_…"

    @admin.display(description=_("It may"))
    def scope_names(self, key: ApiKey) -> str:
        names = dict(ApiScope.choices)
        return ", ".join(str(names.get(scope, scope)) for scope in key.scopes)

    @admin.display(description=_("State"))
    def state_chip(self, key: ApiKey) -> SafeString:
        if key.revoked_at:
            return chip(Chip.WAITING, _("Revoked"))
        if key.expires_at and key.expires_at <= timezone.now():
            return chip(Chip.ATTENTION, _("Expired"))
        return chip(Chip.DONE, _("Live"))

    @admin.display(description=_("Made"))
    def made(self, key: ApiKey) -> SafeString:
        return moment(key.created_at)

    @admin.display(description=_("Last used"))
    def used(self, key: ApiKey) -> SafeString:
        return moment(key.last_used_at)

    @admin.display(description=_("Ends"))
    def ends(self, key: ApiKey) -> SafeString:
        return moment(key.expires_at)

    @object_action(
        title=_("Revoke"),
        question=_("Programs that use this key are refused at once. It cannot be brought back."),
        capability=Capability.MANAGE_API_KEYS,
        is_dangerous=True,
        applies=lambda key: key.revoked_at is None,
    )
    def revoke(self, request: HttpRequest, key: ApiKey) -> Any:
        revoke_key(key, actor=membership_of(request).user)
        return _("The key is refused from now on.")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Not Django's: a key is shown once, to somebody who gave the password lately."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if not did_recently_reauthenticate(request):  # RULES F11
            query = urlencode({"next": request.path})
            return redirect(f"{root_url('account_reauthenticate')}?{query}")
        form = KeyForm(request.POST or None)
        if form.is_valid():
            return self._make(request, form.cleaned_data)
        context = {"form": form, "opts": self.opts}
        return console_page(
            request, "patchbay/api_key_add.html", context, title=_("Make an API key")
        )

    def _make(self, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
        days = values["days"]
        key, text = make_key(
            membership_of(request),
            values["name"],
            [ApiScope(scope) for scope in values["scopes"]],
            expires_at=timezone.now() + timedelta(days=int(days)) if days else None,
        )
        context = {
            "key": key,
            "text": text,
            "address": public_address("/api/v1/"),
            "opts": self.opts,
        }
        return console_page(request, "patchbay/api_key_made.html", context, title=key.name)
