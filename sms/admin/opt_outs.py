"""SMS → Opt-outs: who must not be written to, and the evidence page of each (MIT-57 to 59)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from integrations import ledger
from integrations.admin.base import RowPageAdmin
from integrations.admin.cells import moment, phone_number
from integrations.admin.site import console_page, console_site
from integrations.admin.written import show_written
from integrations.models import CrmWrite
from integrations.phones import e164_prefix, format_national, parse_phone
from integrations.policy import can, membership_of
from integrations.roles import Capability
from integrations.row_search import find_by_number
from sms import consent, mirror
from sms.admin.message_cells import opted_out_chip, state_chip
from sms.consent_evidence import gather_evidence
from sms.models import Message, OptOut, OptOutEvent


class StandingFilter(SimpleListFilter):
    """Who is opted out now, unless somebody asks for those who were."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("again", _("May be written to again"))]

    def choices(self, changelist: Any) -> Any:
        everybody, *others = super().choices(changelist)
        yield {**everybody, "display": _("Opted out")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(is_active=self.value() != "again")


class NoteForm(forms.Form):
    """Why somebody decides: it becomes part of the evidence."""

    note = forms.CharField(
        label=_("How did the person say so?"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("For example: on the phone, 3 May, to Ana. It stays with the evidence."),
    )


class OptOutForm(NoteForm):
    """A number that somebody opts out by hand."""

    phone = forms.CharField(label=_("Number"), max_length=40, widget=UnfoldAdminTextInputWidget)
    field_order = ("phone", "note")


@admin.register(OptOut, site=console_site)
class OptOutAdmin(RowPageAdmin):
    """Rows follow from events alone; adding one appends an event."""

    menu_group, menu_icon, menu_order = "SMS", "do_not_disturb_on", 50
    menu_title = _("Opt-outs")
    view_capability = add_capability = Capability.MANAGE_SMS
    empty_hint = _("Nobody has opted out. Whoever answers with an opt-out keyword stands here.")

    list_display = ("number", "person", "opted_out_at", "how")
    list_display_links = ("number",)
    list_filter = (StandingFilter,)
    list_select_related = ("workspace",)
    search_fields = ("phone_e164",)
    search_help_text = _("A number or its beginning.")
    sortable_by = ()

    def label_of(self, row: OptOut) -> str:
        return format_national(row.phone_e164, row.workspace.default_region)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request).select_related("workspace")
        of_number = {"workspace": OuterRef("workspace"), "phone_e164": OuterRef("phone_e164")}
        named = Message.objects.filter(**of_number).exclude(person_name="")
        events = OptOutEvent.objects.filter(**of_number, kind=OptOutEvent.Kind.OPTED_OUT)
        told: QuerySet[Any] = rows.annotate(
            person_name=Subquery(named.order_by("-created_at", "-id").values("person_name")[:1]),
            source=Subquery(events.order_by("-occurred_at", "-id").values("source")[:1]),
        )
        return told

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        region = membership_of(request).workspace.default_region
        prefix = e164_prefix(search_term.strip(), region)
        if not search_term.strip():
            return queryset, False
        if not prefix:
            return queryset.none(), False
        return find_by_number(queryset, "phone_e164", prefix), False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A number and a note; the row follows from the event."""
        membership = membership_of(request)
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = OptOutForm(request.POST or None)
        if form.is_valid():
            phone = parse_phone(form.cleaned_data["phone"], membership.workspace.default_region)
            if phone.e164 is None:
                form.add_error("phone", _t("That is not a phone number."))
            else:
                note = {"note": form.cleaned_data["note"]}
                source = OptOutEvent.Source.MEMBER
                consent.opt_out(phone.e164, source, actor=membership.user, evidence=note)
                messages.success(request, _t("Nothing is sent to this number any more."))
                row = OptOut.objects.get(phone_e164=phone.e164)
                return HttpResponseRedirect(reverse("admin:sms_optout_change", args=(row.pk,)))
        context = {"form": form, "opts": self.opts}
        return console_page(
            request, "patchbay/sms/opt_out_add.html", context, title=_("Opt a number out")
        )

    def show_row(self, request: HttpRequest, row: OptOut) -> HttpResponse:
        membership = membership_of(request)
        evidence = gather_evidence(row.phone_e164)
        writes = ledger.writes_about(mirror.SUBJECT_KIND, [row.pk])[row.pk]
        context = {
            "opt_out": row,
            "number": phone_number(row.phone_e164, row.workspace.default_region, row.pk),
            "standing": evidence.standing,
            "is_cut": evidence.is_cut,
            "entries": [
                (one, state_chip(one.state) if one.state else "") for one in evidence.entries
            ],
            "written": show_written(membership, writes, _flagged_record),
            "may_read_messages": can(membership, Capability.VIEW_MESSAGES),
            "opts": self.opts,
            "original": row,
        }
        return console_page(request, "patchbay/sms/opt_out.html", context, title=self.label_of(row))

    @admin.display(description=_("Number"))
    def number(self, row: OptOut) -> str:
        return self.label_of(row)

    @admin.display(description=_("Person"))
    def person(self, row: Any) -> str:
        return row.person_name or "–"

    @admin.display(description=_("Since"))
    def opted_out_at(self, row: OptOut) -> SafeString:
        return moment(row.since)

    @admin.display(description=_("How"))
    def how(self, row: Any) -> str:
        return str(dict(OptOutEvent.Source.choices).get(row.source, "–"))


def _flagged_record(write: CrmWrite) -> str:
    return write.salesforce_record_id or write.label


@console_site.page(
    "sms/optout/<int:opt_out_id>/allow/",
    name="sms_optout_allow",
    title=_("Allow texts again"),
    capability=Capability.MANAGE_SMS,
    group="SMS",
    methods=("GET", "POST"),
)
def allow_again(request: HttpRequest, opt_out_id: int) -> HttpResponse:
    """Undo an opt-out, with the reason that a person gives (MIT-59)."""
    row = get_object_or_404(OptOut.objects.filter(is_active=True), pk=opt_out_id)
    form = NoteForm(request.POST or None)
    if form.is_valid():
        consent.opt_in(
            row.phone_e164,
            OptOutEvent.Source.MEMBER,
            actor=membership_of(request).user,
            evidence={"note": form.cleaned_data["note"]},
            request=request,
        )
        messages.success(request, _t("This number may be written to again."))
        return HttpResponseRedirect(reverse("admin:sms_optout_change", args=(row.pk,)))
    context = {"form": form, "opt_out": row, "chip": opted_out_chip(row.since)}
    return console_page(
        request, "patchbay/sms/opt_out_allow.html", context, title=_("Allow texts again")
    )
