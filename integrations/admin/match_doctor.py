"""Salesforce → Match doctor: numbers that can never match, and those on several records."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_page, console_site
from integrations.audit import record
from integrations.csv_cells import neutralise
from integrations.match_doctor import (
    REQUESTS_A_DAY,
    count_findings,
    find_checkup,
    findings,
    request_checkup,
)
from integrations.models import CheckedPhone, Connection, PhoneCheckup
from integrations.policy import membership_of
from integrations.roles import Capability
from integrations.subscriptions import Entitlement

_TITLE = gettext_lazy("Match doctor")
_PER_PAGE = 50
#: Rows that can be paged through; the file holds all of them.
_SHOWN_AT_MOST = 5_000
_UNDER_WAY = (PhoneCheckup.State.WAITING, PhoneCheckup.State.CLAIMED)
_COLUMNS = ("problem", "sobject", "record_id", "record_name", "field", "raw", "phone_e164")
Problem = CheckedPhone.Problem
_ADVICE: dict[str, str | Promise] = {
    Problem.NO_COUNTRY: gettext_lazy(
        "No number of the record’s country. Write it with + and the country code, or fill in the "
        "country of the address."
    ),
    Problem.LETTERS: gettext_lazy("Calls come with digits. Write the number in digits."),
    Problem.GARBAGE: gettext_lazy("This is no telephone number. Correct it or empty the field."),
    Problem.DUPLICATE: gettext_lazy(
        "A call of this number fits several records, so somebody must choose. Merge the records, "
        "or keep the number on one of them."
    ),
}


@console_site.page(
    "salesforce/match-doctor/",
    name="match_doctor",
    title=_TITLE,
    icon="stethoscope",
    order=45,
    capability=Capability.MANAGE_SALESFORCE,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def match_doctor(request: HttpRequest) -> HttpResponse:
    """How far the run is, and what the last one found."""
    checkup = find_checkup()
    problem = request.GET.get("problem", "")
    problem = problem if problem in _ADVICE else ""
    counts = count_findings()
    rows = findings(problem).order_by("problem", "phone_e164", "id")[:_SHOWN_AT_MOST]
    context = {
        "connection": Connection.objects.find_sync_user(),
        "checkup": checkup,
        "is_under_way": checkup is not None and checkup.state in _UNDER_WAY,
        "requests_a_day": REQUESTS_A_DAY,
        "kinds": [
            {
                "value": value,
                "label": Problem(value).label,
                "advice": advice,
                "count": counts.get(value, 0),
                "is_chosen": value == problem,
            }
            for value, advice in _ADVICE.items()
        ],
        "problem": problem,
        "page": Paginator(rows, _PER_PAGE).get_page(request.GET.get("page")),
    }
    return console_page(request, "patchbay/salesforce/match_doctor.html", context, title=_TITLE)


@console_site.page(
    "salesforce/match-doctor/run/",
    name="match_doctor_run",
    title=_TITLE,
    in_menu=False,
    methods=("POST",),
    capability=Capability.MANAGE_SALESFORCE,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def run(request: HttpRequest) -> HttpResponse:
    """Start reading the org's phone fields."""
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.is_usable:
        messages.error(request, _("Salesforce must be connected first."))
    elif request_checkup(connection):
        record(membership_of(request).user, "match_doctor.started", request=request)
        messages.success(request, _("It reads now, a few pages a minute."))
    else:
        messages.info(request, _("It is under way already."))
    return HttpResponseRedirect(reverse("admin:match_doctor"))


@console_site.page(
    "salesforce/match-doctor/numbers.csv",
    name="match_doctor_csv",
    title=_TITLE,
    in_menu=False,
    methods=("POST",),
    capability=Capability.MANAGE_SALESFORCE,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def export(request: HttpRequest) -> Any:
    """Every finding of the last run as a file, streamed; the audit says who took it."""
    record(membership_of(request).user, "match_doctor.exported", request=request)
    # Read in the request's scope: the rows leave after it has ended.
    rows = findings().order_by("id").values_list(*_COLUMNS)
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="numbers.csv"'
    return response


def _lines(rows: Any) -> Iterator[str]:
    yield _as_csv(_COLUMNS)
    for row in rows.iterator(chunk_size=2_000):
        yield _as_csv(row)


def _as_csv(row: tuple[Any, ...]) -> str:
    text = StringIO()
    csv.writer(text).writerow([neutralise(cell) for cell in row])
    return text.getvalue()
