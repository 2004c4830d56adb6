"""Members and teams."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from integrations.admin.actions import object_action
from integrations.admin.base import WorkspaceScopedAdmin
from integrations.admin.chips import Chip, chip
from integrations.admin.filters import OwnRowsFilter
from integrations.admin.forms import WorkspaceModelForm
from integrations.admin.site import console_site
from integrations.memberships import deactivate, set_roles
from integrations.models import Membership, Team
from integrations.policy import can, membership_of
from integrations.roles import Capability, Role


class MemberForm(WorkspaceModelForm):
    """A membership with its set of roles; owners are made and unmade by owners."""

    #: Set per request by MemberAdmin.
    may_grant_owner: ClassVar[bool] = False

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What a member may do is the sum of the roles."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.roles if self.instance.pk else frozenset()
        field = self.fields["roles"]
        self.initial["roles"] = field.initial = sorted(held)
        if not self.may_grant_owner and Role.OWNER not in held:
            field.choices = [  # type: ignore[attr-defined]
                choice for choice in Role.choices if choice[0] != Role.OWNER
            ]


@admin.register(Membership, site=console_site)
class MemberAdmin(WorkspaceScopedAdmin):
    """Who is in the workspace. People join by invitation, so there is no Add."""

    menu_group, menu_icon, menu_order = "Workspace", "group", 10
    menu_title = _("Members")
    view_capability = change_capability = Capability.MANAGE_MEMBERS

    form = MemberForm
    list_display = ("person", "address", "role_names", "team", "extension", "linked", "standing")
    list_select_related = ("user", "team")
    list_filter = ("is_active", ("team", OwnRowsFilter))
    search_fields = (
        "user__email__startswith",
        "user__first_name__istartswith",
        "user__last_name__istartswith",
        "=extension",
    )
    search_help_text = _("The beginning of a name or mail address, or a whole extension.")
    fields = (
        "person", "address", "linked", "roles", "team", "extension", "crm_licence", "time_zone",
    )  # fmt: skip
    readonly_fields = ("person", "address", "linked")
    object_actions = ("end_membership",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("role_grants")

    def get_form(
        self, request: HttpRequest, obj: Any | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.may_grant_owner = can(membership_of(request), Capability.TRANSFER_OWNERSHIP)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            page: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except ValidationError as error:  # the last owner; decided under the service's lock
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(request.path)
        return page

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        actor = membership_of(request).user
        set_roles(obj, [Role(role) for role in form.cleaned_data["roles"]], actor=actor)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        before, after = super().construct_change_message(request, form, formsets, add)
        for values in (before, after):
            values.pop("roles", None)  # set_roles writes its own line
        return before, after

    @object_action(
        title=_("End membership"),
        question=_(
            "This person can no longer enter the workspace, and their personal Salesforce "
            "connection ends. What they did stays. Inviting them again brings them back."
        ),
        capability=Capability.MANAGE_MEMBERS,
        is_dangerous=True,
        applies=lambda member: member.is_active,
    )
    def end_membership(self, request: HttpRequest, member: Membership) -> str:
        deactivate(member, actor=membership_of(request).user)
        return _("%(person)s is no longer a member.") % {"person": member.user}

    @admin.display(description=_("Name"), ordering="user__last_name")
    def person(self, member: Membership) -> str:
        return str(member.user)

    @admin.display(description=_("Mail address"), ordering="user__email")
    def address(self, member: Membership) -> str:
        return member.user.email

    @admin.display(description=_("Roles"))
    def role_names(self, member: Membership) -> str:
        return ", ".join(sorted(str(role.label) for role in member.roles))

    @admin.display(description=_("Salesforce user"))
    def linked(self, member: Membership) -> SafeString:
        if not member.salesforce_user_id:
            return format_html('<span class="pb-waiting">{}</span>', _("not linked"))
        return format_html(
            '{} <code class="pb-nowrap">{}</code>', _("linked"), member.salesforce_user_id
        )

    @admin.display(description=_("Membership"), ordering="is_active")
    def standing(self, member: Membership) -> SafeString:
        if member.is_active:
            return chip(Chip.DONE, _("Active"))
        return chip(Chip.WAITING, _("Ended"))


@admin.register(Team, site=console_site)
class TeamAdmin(WorkspaceScopedAdmin):
    """Groups of members: a call manager sees the calls of their own team."""

    menu_group, menu_icon, menu_order = "Workspace", "groups", 30
    empty_hint = _("No teams yet. A call manager sees the calls of the own team.")
    view_capability = add_capability = Capability.MANAGE_MEMBERS
    change_capability = delete_capability = Capability.MANAGE_MEMBERS

    list_display = ("name", "members")
    search_fields = ("name__istartswith",)
    search_help_text = _("The beginning of a name.")
    fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        active = Count("members", filter=Q(members__is_active=True))
        teams: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = teams.annotate(member_count=active)
        return counted

    @admin.display(description=_("Members"))
    def members(self, team: Any) -> int:
        return int(team.member_count)
