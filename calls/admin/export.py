"""The call history as CSV, page by page: nothing is kept in memory and no cursor stays open."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from calls.admin.call_cells import agent_names, talk_seconds
from calls.models import Call
from integrations.clock import zone_of
from integrations.csv_cells import neutralise
from integrations.models import Membership
from integrations.tenancy import workspace_scope

_PAGE = 500


def export_calls(calls: QuerySet[Any], membership: Membership) -> StreamingHttpResponse:
    """A download of these calls, the newest first; times where the member is, with the offset."""
    response = StreamingHttpResponse(
        _pages_as_csv(calls, membership), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="calls.csv"'
    return response


def _pages_as_csv(calls: QuerySet[Any], membership: Membership) -> Iterator[str]:
    yield _as_csv([[_("Start"), _("Direction"), _("Person"), _("Account"), _("Number"), _("Agents"),
                    _("Seconds"), _("Outcome"), _("Needs review")]])  # fmt: skip
    last: Call | None = None
    while True:
        # The answer is sent after the request's own scope has ended.
        with workspace_scope(membership.workspace_id):
            page = list(_after(calls, last)[:_PAGE])
            text = _as_csv([_row(call, membership) for call in page])
        if not page:
            return
        yield text
        last = page[-1]


def _after(calls: QuerySet[Any], last: Call | None) -> QuerySet[Any]:
    ordered = calls.order_by("-started_at", "-id")
    if last is None:
        return ordered
    return ordered.filter(
        Q(started_at__lt=last.started_at) | Q(started_at=last.started_at, id__lt=last.pk)
    )


def _row(call: Call, membership: Membership) -> list[Any]:
    seconds = talk_seconds(call)
    return [
        call.started_at.astimezone(zone_of(membership)).isoformat(timespec="seconds"),
        call.get_direction_display(),
        call.person,
        call.account_name,
        call.external_e164 or call.external_raw,
        ", ".join(agent_names(call)),
        "" if seconds is None else seconds,
        call.outcome,
        _("yes") if call.needs_review else "",
    ]


def _as_csv(rows: list[list[Any]]) -> str:
    text = StringIO()
    csv.writer(text).writerows([neutralise(cell) for cell in row] for row in rows)
    return text.getvalue()
