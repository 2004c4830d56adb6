"""Calls → Softphone users: who may open the panel, with which licence (CRC-09, CRC-10, K-09)."""

from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from calls.models import SoftphoneUser
from calls.softphone_layouts import layout_rows_for
from calls.softphone_users import (
    SOFTPHONE_ROLES,
    add_users,
    find_candidates,
    give_licence,
    remove_users,
)
from integrations.admin.actions import list_action, object_action
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.cells import moment
from integrations.admin.chips import Chip, chip
from integrations.admin.filters import OwnRowsFilter
from integrations.admin.pagination import PreparedChangeList
from integrations.admin.site import console_page, console_site
from integrations.models import Membership
from integrations.policy import membership_of, require
from integrations.roles import Capability, Role

_MAY = Capability.MANAGE_PHONE_SYSTEMS
_PER_PAGE = 50
_LONGEST_TERM = 80


class SoftphoneUserList(PreparedChangeList):
    """A page of the list, with each member's layout."""

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        layouts = layout_rows_for([row.membership_id for row in rows])
        for row in rows:
            row.layout = layouts[row.membership_id]


@admin.register(SoftphoneUser, site=console_site)
class SoftphoneUserAdmin(WorkspaceScopedAdmin):
    """Added in bulk on a page of their own, and removed with their open panels."""

    menu_group, menu_icon, menu_order = "Calls", "headset_mic", 70
    menu_title = _("Softphone users")
    empty_hint = _(
        "Nobody can open the softphone yet. Add the members who are to see calls in it; without "
        "it calls are recorded all the same."
    )
    view_capability = add_capability = _MAY

    list_display = ("person", "address", "role_names", "extension", "licence", "layout", "added")
    list_select_related = ("membership__user",)
    list_filter = ("membership__crm_licence", ("membership__team", OwnRowsFilter))
    search_fields = (
        "membership__user__email__startswith",
        "membership__user__first_name__istartswith",
        "membership__user__last_name__istartswith",
        "=membership__extension",
    )
    search_help_text = _("The beginning of a name or mail address, or a whole extension.")
    fields = ("person", "address", "role_names", "extension", "licence", "added")
    readonly_fields = fields
    actions = ("remove_ticked", "license_client", "license_database", "license_none")
    object_actions = ("remove",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        active = rows.filter(membership__is_active=True)
        return active.prefetch_related("membership__role_grants")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[SoftphoneUserList]:
        return SoftphoneUserList

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The members who could be added, by filter (CRC-10)."""
        require(membership_of(request), _MAY)
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(("GET", "POST"))
        asked = request.POST if request.method == "POST" else request.GET
        term = asked.get("q", "").strip()[:_LONGEST_TERM]
        role = asked.get("role", "") if asked.get("role") in Role.values else ""
        found = find_candidates(term, role)
        if request.method == "POST":
            return self._add(request, found)
        page = Paginator(
            found.select_related("user", "team").prefetch_related("role_grants"), _PER_PAGE
        ).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "term": term,
            "role": role,
            "roles": [(one.value, one.label) for one in Role if one in SOFTPHONE_ROLES],
            "opts": self.opts,
        }
        return console_page(
            request, "patchbay/calls/softphone_add.html", context, title=_("Add softphone users")
        )

    def _add(self, request: HttpRequest, found: QuerySet[Membership]) -> HttpResponse:
        """Add who was ticked, or with ``all`` everybody whom the filters find."""
        if "all" not in request.POST:
            ticked = [one for one in request.POST.getlist("member") if one.isdecimal()]
            found = find_candidates().filter(pk__in=ticked)
        chosen = Membership.objects.filter(pk__in=found.values("pk"))
        added = add_users(chosen, actor=membership_of(request).user)
        if not added:
            messages.warning(request, _t("Nobody was added: tick at least one member."))
            return HttpResponseRedirect(reverse("admin:calls_softphoneuser_add"))
        told = ngettext(
            "%(count)s member may use the softphone now.",
            "%(count)s members may use the softphone now.",
            added,
        )
        messages.success(request, told % {"count": added})
        return HttpResponseRedirect(reverse("admin:calls_softphoneuser_changelist"))

    @object_action(
        title=_("Remove from the softphone"),
        question=_(
            "The softphone panels that this member has open end at once. Calls are recorded all "
            "the same, and the member can be added again."
        ),
        capability=_MAY,
        is_dangerous=True,
    )
    def remove(self, request: HttpRequest, row: SoftphoneUser) -> str:
        remove_users([row], actor=membership_of(request).user)
        return _t("%(person)s no longer has the softphone.") % {"person": row}

    @list_action(description=_("Remove from the softphone"), capability=_MAY)
    def remove_ticked(self, request: HttpRequest, ticked: QuerySet[SoftphoneUser]) -> None:
        removed = remove_users(
            ticked.select_related("membership__user"), actor=membership_of(request).user
        )
        told = ngettext(
            "%(count)s member no longer has the softphone.",
            "%(count)s members no longer have the softphone.",
            removed,
        )
        messages.success(request, told % {"count": removed})

    @list_action(description=_("Give the CRM licence “Client”"), capability=_MAY)
    def license_client(self, request: HttpRequest, ticked: QuerySet[SoftphoneUser]) -> None:
        _license(request, ticked, Membership.CrmLicence.CLIENT)

    @list_action(description=_("Give the CRM licence “Database”"), capability=_MAY)
    def license_database(self, request: HttpRequest, ticked: QuerySet[SoftphoneUser]) -> None:
        _license(request, ticked, Membership.CrmLicence.DATABASE)

    @list_action(description=_("Take the CRM licence away"), capability=_MAY)
    def license_none(self, request: HttpRequest, ticked: QuerySet[SoftphoneUser]) -> None:
        _license(request, ticked, Membership.CrmLicence.NONE)

    @admin.display(description=_("Name"), ordering="membership__user__last_name")
    def person(self, row: SoftphoneUser) -> str:
        return str(row.membership.user)

    @admin.display(description=_("Mail address"), ordering="membership__user__email")
    def address(self, row: SoftphoneUser) -> str:
        return row.membership.user.email

    @admin.display(description=_("Roles"))
    def role_names(self, row: SoftphoneUser) -> str:
        return ", ".join(sorted(str(role.label) for role in row.membership.roles))

    @admin.display(description=_("Extension"), ordering="membership__extension")
    def extension(self, row: SoftphoneUser) -> str:
        return row.membership.extension or "–"

    @admin.display(description=_("CRM licence"), ordering="membership__crm_licence")
    def licence(self, row: SoftphoneUser) -> Any:
        if row.membership.crm_licence == Membership.CrmLicence.NONE:
            return chip(Chip.ATTENTION, _("None: not connected"))
        return row.membership.get_crm_licence_display()

    @admin.display(description=_("Layout"))
    def layout(self, row: Any) -> str:
        return str(row.layout or _("Salesforce’s defaults"))

    @admin.display(description=_("Since"), ordering="since")
    def added(self, row: SoftphoneUser) -> SafeString:
        return moment(row.since)


def _license(request: HttpRequest, ticked: QuerySet[SoftphoneUser], licence: str) -> None:
    changed = give_licence(ticked, licence, actor=membership_of(request).user)
    told = ngettext(
        "The licence of %(count)s member was changed.",
        "The licences of %(count)s members were changed.",
        changed,
    )
    messages.success(request, told % {"count": changed})
