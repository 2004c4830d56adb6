"""Calls → Softphone layouts: what calls do on screen, and for whom (CRC-14 to 18, 34 to 38)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from calls.admin.layout_form import SoftphoneLayoutForm
from calls.layout_file import read_layout
from calls.layout_settings import SEARCHED_OBJECTS, Matches, PopKind
from calls.models import SoftphoneLayout, SoftphoneLayoutAssignment
from calls.softphone_layouts import make_default
from integrations.admin.actions import buttons, object_action
from integrations.admin.base import WorkspaceScopedAdmin, WorkspaceScopedInline
from integrations.admin.chips import Chip, chip
from integrations.admin.site import console_site
from integrations.policy import membership_of
from integrations.roles import Capability

_MAY = Capability.MANAGE_PHONE_SYSTEMS
_SEVERAL: dict[PopKind, str | Promise] = {
    PopKind.NOTHING: _("nothing opens"),
    PopKind.SEARCH: _("Salesforce’s search page"),
    PopKind.PAGE: _("a Visualforce page"),
    PopKind.FLOW: _("a flow"),
}
#: Names of a layout's holders that the list shows.
_NAMED = 3


class AssignmentInline(WorkspaceScopedInline):
    """Whom a layout is for; a line names either a member or a role."""

    model = SoftphoneLayoutAssignment
    fields = ("membership", "role")
    verbose_name_plural = _("Who has this layout: a line names a member or a role")
    view_capability = add_capability = _MAY
    change_capability = delete_capability = _MAY

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("membership__user")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "membership":
            # Members are changed on their own page.
            for offer in ("can_add_related", "can_change_related", "can_view_related"):
                setattr(field.widget, offer, False)
        return field


@admin.register(SoftphoneLayout, site=console_site)
class SoftphoneLayoutAdmin(WorkspaceScopedAdmin):
    """The default is given to everybody who has no other, so it cannot be deleted."""

    menu_group, menu_icon, menu_order = "Calls", "view_quilt", 75
    menu_title = _("Softphone layouts")
    empty_hint = _("No layout yet: Salesforce’s own defaults hold for everybody.")
    view_capability = add_capability = change_capability = delete_capability = _MAY

    form = SoftphoneLayoutForm
    inlines = (AssignmentInline,)
    fieldsets = (
        (None, {"fields": ("name",)}),
        (
            _("When an outside call comes in"),
            {
                "fields": (
                    "no_match",
                    "no_match_target",
                    "one_match",
                    "one_match_target",
                    "many_matches",
                    "many_matches_target",
                    "opens_new_window",
                ),
                "description": _(
                    "What opens inside Salesforce. It offers this for inbound calls alone."
                ),
            },
        ),
        (
            _("Where a number is looked for"),
            {
                "fields": ("inbound_objects", "outbound_objects"),
                "description": _(
                    "Internal numbers are never looked for. A case can be listed as in Salesforce, "
                    "but no number finds a case, nor the case of a contact."
                ),
            },
        ),
        (
            _("What is shown of a call"),
            {"fields": ("inbound_facts", "outbound_facts", "internal_facts")},
        ),
    )
    list_display = ("name", "standing", "holders", "new_makes", "several", "searched")
    search_fields = ("name__istartswith",)
    search_help_text = _("The beginning of a name.")
    list_before_template = "patchbay/calls/layout_import_link.html"
    object_actions = ("make_default",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related("assignments__membership__user")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_default = isinstance(obj, SoftphoneLayout) and obj.is_default
        return not is_default and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """As the base's; the default among several that were ticked keeps all of them."""
        shown, counts, lacking, protected = super().get_deleted_objects(objs, request)
        kept = [
            _t("%(name)s: the default layout") % {"name": one} for one in objs if one.is_default
        ]
        return shown, counts, lacking, [*protected, *kept]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.is_default = not SoftphoneLayout.objects.filter(is_default=True).exists()
        super().save_model(request, obj, form, change)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        layout = self.get_object(request, object_id) if object_id else None
        more = {"object_buttons": self._buttons(request, layout)} if layout else {}
        page: HttpResponse = super().changeform_view(
            request, object_id, form_url, {**more, **(extra_context or {})}
        )
        return page

    def _buttons(self, request: HttpRequest, layout: SoftphoneLayout) -> list[dict[str, Any]]:
        export = {
            "title": _("Export as Salesforce’s JSON"),
            "link": reverse("admin:softphone_layout_export", args=(layout.pk,)),
            "is_dangerous": False,
        }
        return [export, *buttons(self, request, layout)]

    @object_action(
        title=_("Make it the default"),
        question=_("It holds from now on for everybody who has no layout by name or by role."),
        capability=_MAY,
        applies=lambda layout: not layout.is_default,
    )
    def make_default(self, request: HttpRequest, layout: SoftphoneLayout) -> str:
        make_default(layout, actor=membership_of(request).user)
        return _t("%(name)s is the default layout now.") % {"name": layout}

    @admin.display(description=_("Standing"), ordering="-is_default")
    def standing(self, layout: SoftphoneLayout) -> SafeString:
        if layout.is_default:
            return chip(Chip.DONE, _("Default"))
        return chip(Chip.WAITING, _("By assignment"))

    @admin.display(description=_("Who has it"))
    def holders(self, layout: SoftphoneLayout) -> str:
        names = [str(one) for one in layout.assignments.all()]
        if len(names) > _NAMED:
            more = _t("and %(count)s more") % {"count": len(names) - _NAMED}
            names = [*names[:_NAMED], more]
        if layout.is_default:
            names.append(_t("everybody else"))
        return ", ".join(names) or "–"

    @admin.display(description=_("New makes"))
    def new_makes(self, layout: SoftphoneLayout) -> str:
        return read_layout(layout.settings).new_object

    @admin.display(description=_("Several matches"))
    def several(self, layout: SoftphoneLayout) -> Any:
        return _SEVERAL[read_layout(layout.settings).pops[Matches.SEVERAL].kind]

    @admin.display(description=_("Searched"))
    def searched(self, layout: SoftphoneLayout) -> str:
        settings = read_layout(layout.settings)
        both = settings.searched("inbound") | settings.searched("outbound")
        return ", ".join(one for one in SEARCHED_OBJECTS if one in both)
