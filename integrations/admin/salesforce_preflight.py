"""Salesforce → Connection → Preflight: what the Sync User may do, object by object (MII-18..23)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.chips import Chip
from integrations.admin.salesforce_tabs import connection_page_part, connection_tab, tab_page
from integrations.models import Connection, Preflight
from integrations.preflights import find_preflight, report_of, request_preflight
from integrations.salesforce.proofs import Finding, PreflightReport, Result
from integrations.salesforce.rights import COLUMNS, Operation

_OPERATIONS = {
    Operation.READ: gettext_lazy("read"),
    Operation.CREATE: gettext_lazy("create"),
    Operation.EDIT: gettext_lazy("edit"),
    Operation.DELETE: gettext_lazy("delete"),
    Operation.VIEW_ALL: gettext_lazy("view all"),
    Operation.USE_API: gettext_lazy("API enabled"),
    Operation.READ_FIELD: gettext_lazy("read the field"),
    Operation.WRITE_FIELD: gettext_lazy("edit the field"),
    Operation.READ_BACK: gettext_lazy("find a member’s record again"),
    Operation.FILL: gettext_lazy("required field"),
    Operation.REHEARSE: gettext_lazy("create a record on trial"),
    Operation.KEY_FIELD: gettext_lazy("external-id field"),
}
_UNDER_WAY = (Preflight.State.WAITING, Preflight.State.CLAIMED)


@connection_tab(
    "preflight/",
    name="salesforce_preflight",
    label=gettext_lazy("Preflight"),
    order=30,
    guide=(
        gettext_lazy(
            "Each row is one right: an object, an operation, sometimes a field. What stands here "
            "was proven by asking Salesforce as the Sync User, not by reading a manual."
        ),
        gettext_lazy(
            "Cannot be proven: Salesforce tells it only to users who may see Setup. Deleting is "
            "never needed."
        ),
    ),
)
def preflight_page(request: HttpRequest) -> HttpResponse:
    """The last report; while one is under way the page looks again by itself."""
    connection = Connection.objects.find_sync_user()
    return tab_page(
        request,
        "patchbay/salesforce/preflight.html",
        describe_preflight(connection),
        tab="salesforce_preflight",
    )


@connection_page_part("preflight/live/", name="salesforce_preflight_live")
def preflight_live(request: HttpRequest) -> HttpResponse:
    """The part that changes."""
    context = describe_preflight(Connection.objects.find_sync_user())
    return render(request, "patchbay/salesforce/parts/preflight.html", context)


@connection_page_part("preflight/run/", name="salesforce_preflight_run", methods=("POST",))
def run_preflight(request: HttpRequest) -> HttpResponse:
    """Have the preflight run now, with the trial record if that was ticked."""
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.is_usable:
        messages.error(request, _("Salesforce must be connected first."))
    else:
        request_preflight(connection, rehearses="rehearse" in request.POST)
    return HttpResponseRedirect(reverse("admin:salesforce_preflight"))


def describe_preflight(
    connection: Connection | None, *, live_url: str = "", download_url: str = ""
) -> dict[str, Any]:
    """The context of ``patchbay/salesforce/parts/preflight.html``, for personal pages as well.

    Those name the addresses that look again and that download what is missing.
    """
    row = find_preflight(connection) if connection else None
    report = report_of(row)
    return {
        "connection": connection,
        "live_url": live_url or reverse("admin:salesforce_preflight_live"),
        "download_url": download_url or reverse("admin:salesforce_download", args=("missing",)),
        "preflight": row,
        "is_under_way": row is not None and row.state in _UNDER_WAY,
        "report": report,
        "columns": [_OPERATIONS[column] for column in COLUMNS],
        **(_describe_report(report) if report else {}),
    }


def _describe_report(report: PreflightReport) -> dict[str, Any]:
    for_later = _("Missing before activity history can be switched on")
    lists = (
        (_("Missing"), Chip.FAILED, report.missing),
        (for_later, Chip.ATTENTION, report.missing_later),
        (_("Cannot be proven"), Chip.WAITING, report.unproven),
        (_("Recommended"), Chip.ATTENTION, report.advice),
    )
    return {
        "lists": [
            {"title": title, "chip": chip, "rows": [_line(one) for one in findings]}
            for title, chip, findings in lists
            if findings
        ],
        "matrix": [
            (sobject, [(_OPERATIONS[c], one) for c, one in zip(COLUMNS, row, strict=True)])
            for sobject, row in report.matrix()
        ],
        "passed": [
            _line(one)
            for one in (*report.findings, *report.later)
            if one.result == Result.PASS and one.operation not in COLUMNS
        ],
    }


def _line(finding: Finding) -> dict[str, Any]:
    place = f"{finding.sobject}.{finding.field}" if finding.field else finding.sobject
    operation = str(_OPERATIONS.get(Operation(finding.operation), finding.operation))
    return {"place": f"{place}: {operation}" if place else operation, "text": finding.text}
