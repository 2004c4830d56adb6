"""Phone systems: where they report, and the secret that signs their reports."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from integrations import phone_systems
from integrations.admin.actions import object_action
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.cells import moment
from integrations.admin.chips import Chip, chip
from integrations.admin.site import console_page, console_site
from integrations.models import Connection, PhoneSystem
from integrations.policy import membership_of
from integrations.roles import Capability


def _is_active(phone_system: Connection) -> bool:
    return phone_system.state == Connection.State.ACTIVE


def _has_two_secrets(phone_system: Connection) -> bool:
    return len(phone_systems.signing_secrets(phone_system)) > 1


@admin.register(PhoneSystem, site=console_site)
class PhoneSystemAdmin(WorkspaceScopedAdmin):
    """Set up by a name; the key and the secret are made here."""

    menu_group, menu_icon, menu_order = "Workspace", "call", 50
    empty_hint = _("No phone system yet. Add one to get its callback address and its secret.")
    view_capability = Capability.MANAGE_PHONE_SYSTEMS
    add_capability = change_capability = Capability.MANAGE_PHONE_SYSTEMS

    list_display = ("name", "state_chip", "callback", "last_event")
    add_fieldsets = (
        (
            None,
            {
                "fields": ("name",),
                "description": _(
                    "Call it what your people call it. Once it is saved you get the address that "
                    "it reports calls to, and the secret that it signs them with."
                ),
            },
        ),
    )
    fields = ("name", "state_chip", "callback", "secret_count", "last_event")
    readonly_fields = ("state_chip", "callback", "secret_count", "last_event")
    object_actions = ("reveal", "rotate", "retire", "disable", "enable")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        connections: Any = super().get_queryset(request)
        rows: QuerySet[Any] = connections.phone_systems()
        return rows

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            phone_systems.set_up(obj, actor=membership_of(request).user)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Written by the service."""

    def response_add(self, request: HttpRequest, obj: Any, *args: Any) -> HttpResponse:
        messages.success(request, _("Enter this address and this secret in the phone system."))
        return self._show_secret(request, obj)

    @object_action(
        title=_("Show the signing secret"),
        question=_("The audit will say that you were shown it."),
        capability=Capability.MANAGE_PHONE_SYSTEMS,
        asks_password=True,
    )
    def reveal(self, request: HttpRequest, phone_system: PhoneSystem) -> HttpResponse:
        return self._show_secret(request, phone_system)

    @object_action(
        title=_("Replace the secret"),
        question=_(
            "A new secret is made. The present one stays valid beside it until you end it, so "
            "that no event is lost while you change the phone system over."
        ),
        capability=Capability.MANAGE_PHONE_SYSTEMS,
        asks_password=True,
    )
    def rotate(self, request: HttpRequest, phone_system: PhoneSystem) -> HttpResponse:
        phone_systems.rotate_secret(phone_system, actor=membership_of(request).user)
        return self._show_secret(request, phone_system)

    @object_action(
        title=_("End the old secret"),
        question=_("Events that are signed with the old secret will be refused."),
        capability=Capability.MANAGE_PHONE_SYSTEMS,
        is_dangerous=True,
        applies=_has_two_secrets,
    )
    def retire(self, request: HttpRequest, phone_system: PhoneSystem) -> Any:
        phone_systems.retire_old_secret(phone_system, actor=membership_of(request).user)
        return _("Only the new secret is accepted now.")

    @object_action(
        title=_("Disable"),
        question=_("Its events will be refused, and the calls of that time will not be recorded."),
        capability=Capability.MANAGE_PHONE_SYSTEMS,
        is_dangerous=True,
        applies=_is_active,
    )
    def disable(self, request: HttpRequest, phone_system: PhoneSystem) -> Any:
        phone_systems.disable(phone_system, actor=membership_of(request).user)
        return _("Its events are refused from now on.")

    @object_action(
        title=_("Enable"),
        question=_("Its events will be taken again."),
        capability=Capability.MANAGE_PHONE_SYSTEMS,
        applies=lambda phone_system: phone_system.state == Connection.State.DISABLED,
    )
    def enable(self, request: HttpRequest, phone_system: PhoneSystem) -> Any:
        phone_systems.enable(phone_system, actor=membership_of(request).user)
        return _("Its events are taken again.")

    def _show_secret(self, request: HttpRequest, phone_system: Connection) -> HttpResponse:
        phone_systems.record_reveal(phone_system, actor=membership_of(request).user)
        context = {
            "phone_system": phone_system,
            "callback_address": phone_systems.callback_address(phone_system),
            "secret": phone_systems.signing_secrets(phone_system)[0],
        }
        return console_page(
            request, "patchbay/phone_system_secret.html", context, title=phone_system.name
        )

    @admin.display(description=_("State"), ordering="state")
    def state_chip(self, phone_system: PhoneSystem) -> SafeString:
        meaning = Chip.DONE if _is_active(phone_system) else Chip.ATTENTION
        return chip(meaning, phone_system.get_state_display())

    @admin.display(description=_("Callback address"))
    def callback(self, phone_system: PhoneSystem) -> SafeString:
        address = phone_systems.callback_address(phone_system)
        return format_html(
            '<span class="pb-copy"><code id="pb-callback-{0}">{1}</code>'
            '<button type="button" class="pb-button" data-copy="pb-callback-{0}">{2}</button>'
            "</span>",
            phone_system.pk,
            address,
            _("Copy"),
        )

    @admin.display(description=_("Live secrets"))
    def secret_count(self, phone_system: PhoneSystem) -> int:
        return len(phone_systems.signing_secrets(phone_system))

    @admin.display(description=_("Last event"))
    def last_event(self, phone_system: PhoneSystem) -> Any:
        newest = phone_system.inbound_events.first()
        return moment(newest.received_at, seconds=True) if newest else _("none yet")
