"""What every model page of the console is built on: one workspace, policy, audit.

A subclass is mostly tuples plus the capabilities that it asks for. Everything by which Django's
admin would show or take rows of another workspace is closed here once; the system checks
(``integrations.checks``) refuse a console admin that does not inherit from it, and
``tests/integrations/admin/test_isolation.py`` walks all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models, router
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern
from django.utils.functional import Promise
from unfold.admin import ModelAdmin, TabularInline

from integrations.admin.actions import action_urls, buttons
from integrations.admin.changes import describe_change
from integrations.admin.filters import allowed_parameters
from integrations.admin.forms import WorkspaceModelForm
from integrations.admin.pagination import CappedChangeList, CappedPaginator
from integrations.audit import record
from integrations.models import User
from integrations.policy import can, membership_of, require
from integrations.roles import Capability
from integrations.tenancy import WorkspaceOwned


class _Scoped:
    """What lists, forms and inlines share: rows of this workspace, capabilities of this member."""

    view_capability: ClassVar[Capability]
    #: Who sees every row where others see their own; ``get_queryset`` narrows.
    every_row_capability: ClassVar[Capability | None] = None
    # For these three None means that nobody may, whatever the roles.
    add_capability: ClassVar[Capability | None] = None
    change_capability: ClassVar[Capability | None] = None
    delete_capability: ClassVar[Capability | None] = None

    form = WorkspaceModelForm

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows: models.QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(workspace=membership_of(request).workspace_id)

    def _may(
        self, request: HttpRequest, capability: Capability | None, row: models.Model | None
    ) -> bool:
        membership = membership_of(request)
        if isinstance(row, WorkspaceOwned) and row.workspace_id != membership.workspace_id:
            return False
        return capability is not None and can(membership, capability)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.view_capability, obj)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.add_capability, obj)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.change_capability, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.delete_capability, obj)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        kwargs["queryset"] = own_rows(db_field.related_model, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        kwargs["queryset"] = own_rows(db_field.related_model, request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


def own_rows(model: Any, request: HttpRequest) -> models.QuerySet[Any]:
    """What a form may offer of a related model: this workspace's rows, or its members."""
    workspace_id = membership_of(request).workspace_id
    if issubclass(model, WorkspaceOwned):
        own: models.QuerySet[Any] = model.objects.filter(workspace=workspace_id)
        return own
    if model is User:
        return User.objects.filter(memberships__workspace=workspace_id)
    raise ImproperlyConfigured(f"{model.__name__} belongs to no workspace: no form may offer it.")


class WorkspaceScopedAdmin(_Scoped, ModelAdmin):
    """A model page of the console. ``menu_group`` puts its list into the menu."""

    menu_group: ClassVar[str] = ""
    menu_icon: ClassVar[str] = ""
    menu_order: ClassVar[int] = 50
    #: Defaults to the model's plural name.
    menu_title: ClassVar[str | Promise] = ""
    #: What an empty list says: what to do first.
    empty_hint: ClassVar[str | Promise] = ""

    #: Names of methods decorated with ``integrations.admin.actions.object_action``.
    object_actions: ClassVar[tuple[str, ...]] = ()
    change_form_outer_before_template = "patchbay/parts/object_buttons.html"

    paginator = CappedPaginator
    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[CappedChangeList]:
        return CappedChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        # Django's title is an order ("Select event to view"); ours is the menu's name.
        titled = {"title": self.list_title(), **(extra_context or {})}
        return super().changelist_view(request, titled)

    def list_title(self) -> str | Promise:
        """What the list is called, in the menu and everywhere."""
        return self.menu_title or str(self.opts.verbose_name_plural).capitalize()

    def label_of(self, row: Any) -> str:
        """What a row is called where it stands alone: search results, the head line."""
        return str(row)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        filters = self.list_filter if request is None else self.get_list_filter(request)
        return lookup in allowed_parameters(filters)

    def get_urls(self) -> list[URLPattern]:
        urls: list[URLPattern] = super().get_urls()
        return [*action_urls(self), *urls]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, object_id) if object_id and self.object_actions else None
        offered = {
            "object_buttons": buttons(self, request, row) if row else [],
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().changeform_view(
            request, object_id, form_url, {**offered, **(extra_context or {})}
        )

    def _filter_actions_by_permissions(self, request: HttpRequest, actions: Any) -> list[Any]:
        membership = membership_of(request)
        return [
            action
            for action in super()._filter_actions_by_permissions(request, actions)
            if not hasattr(action[0], "capability") or can(membership, action[0].capability)
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        refuse_foreign_rows(obj, membership_of(request).workspace_id)
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Iterable[Any], request: HttpRequest) -> Any:
        """As Django's, after making sure that nothing of another workspace hangs below."""
        rows = list(objs)
        collector = NestedObjects(using=router.db_for_write(self.model), origin=rows)
        collector.collect(rows)
        for row in [row for group in collector.data.values() for row in group]:
            refuse_foreign_rows(row, membership_of(request).workspace_id)
        return super().get_deleted_objects(rows, request)

    # Django's LogEntry knows no workspace; every change is an AuditEntry instead.

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        return describe_change(form, formsets or ())

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        self._audit(request, "added", obj, *message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        before, after = message
        if before or after:
            self._audit(request, "changed", obj, before, after)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> None:
        for obj in queryset:
            self._audit(request, "deleted", obj, {}, {})

    def _audit(
        self,
        request: HttpRequest,
        verb: str,
        obj: Any,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        record(
            membership_of(request).user,
            f"{self.opts.model_name}.{verb}",
            str(obj),
            before,
            after,
            request,
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise Http404("The audit holds the history.")


def refuse_foreign_rows(row: models.Model, workspace_id: int) -> None:
    """Second line of defence: neither the row nor anything it points to is another workspace's."""
    if isinstance(row, WorkspaceOwned) and row.workspace_id != workspace_id:
        raise PermissionDenied("This belongs to another workspace.")
    for field in row._meta.concrete_fields:
        related = field.related_model
        target = getattr(row, field.attname)
        if (
            target is None
            or not isinstance(related, type)
            or not issubclass(related, WorkspaceOwned)
        ):
            continue
        if not related.unscoped.filter(pk=target, workspace=workspace_id).exists():
            raise PermissionDenied(f"{field.verbose_name}: this belongs to another workspace.")


class EvidenceAdmin(WorkspaceScopedAdmin):
    """Rows that people only ever read."""

    add_capability: ClassVar[Capability | None] = None
    change_capability: ClassVar[Capability | None] = None
    delete_capability: ClassVar[Capability | None] = None
    actions: Sequence[Any] = ()


class RowPageAdmin(WorkspaceScopedAdmin):
    """Rows with a page of their own in place of a form; ``show_row`` makes it."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(("GET",))
        require(membership_of(request), self.view_capability)
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404("No such row among those that this member may see.")
        return self.show_row(request, row)

    def show_row(self, request: HttpRequest, row: Any) -> HttpResponse:
        """The page of a row that this member may see."""
        raise NotImplementedError


class WorkspaceScopedInline(_Scoped, TabularInline):
    """Rows of this workspace below another one's form; capabilities as for a page of their own."""

    extra = 0

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and field.label:
            # The heading of the column names it for eyes alone.
            field.widget.attrs["aria-label"] = field.label
        return field
