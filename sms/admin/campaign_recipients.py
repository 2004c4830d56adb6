"""Everybody in a campaign: who gets which text exactly, who is left out and why; as a file too."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.chips import Chip, chip
from integrations.admin.site import console_page, console_site
from integrations.audit import record
from integrations.csv_cells import neutralise
from integrations.phones import e164_prefix, format_national
from integrations.policy import membership_of
from integrations.roles import Capability
from sms.admin.message_cells import state_chip
from sms.campaigns.preview import texts_of
from sms.campaigns.wording import Wording
from sms.models import CampaignRecipient, SmsCampaign

_PER_PAGE = 50
_CHUNK = 2_000
_COLUMNS = (
    "member_id", "record_id", "name", "number", "country", "outcome", "reason", "sender",
    "encoding", "segments", "message_status", "text",
)  # fmt: skip
State = CampaignRecipient.State
Reason = CampaignRecipient.Reason


@dataclass(frozen=True)
class Line:
    """One member of the campaign, in words."""

    recipient: CampaignRecipient
    number: str
    outcome: SafeString
    text: str
    crosses: bool


@console_site.page(
    "sms/smscampaign/<int:campaign_id>/recipients/",
    name="sms_campaign_recipients",
    title=gettext_lazy("Recipients"),
    capability=Capability.VIEW_MESSAGES,
    group="SMS",
)
def recipients(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Searchable by name and number, and by what became of them."""
    campaign = get_object_or_404(SmsCampaign.objects.all(), pk=campaign_id)
    asked, term = request.GET.get("show", ""), request.GET.get("q", "").strip()[:80]
    region = membership_of(request).workspace.default_region
    rows = _search(_shown(campaign, asked), term, region)
    page = Paginator(rows.order_by("pk"), _PER_PAGE).get_page(request.GET.get("page"))
    texts = texts_of(campaign, list(page))
    estimated = Wording.of(campaign).estimate().segments
    context = {
        "campaign": campaign,
        "row": campaign,
        "opts": campaign._meta,
        "lines": [_line(one, texts[one.pk], region, estimated) for one in page],
        "page": page,
        "kinds": [(value, label, value == asked) for value, label in _kinds().items()],
        "asked": asked,
        "term": term,
        "query": urlencode({"show": asked, "q": term}),
    }
    return console_page(
        request, "patchbay/sms/campaign_recipients.html", context, title=_("Recipients")
    )


@console_site.page(
    "sms/smscampaign/<int:campaign_id>/recipients.csv",
    name="sms_campaign_csv",
    title=gettext_lazy("Recipients"),
    capability=Capability.VIEW_MESSAGES,
    group="SMS",
    methods=("POST",),
)
def export(request: HttpRequest, campaign_id: int) -> Any:
    """Everybody as a file, streamed; the audit says who took it."""
    campaign = get_object_or_404(SmsCampaign.objects.all(), pk=campaign_id)
    actor = membership_of(request).user
    record(actor, "campaign.exported", campaign.campaign_name, request=request)
    # Read in the request's scope: the rows leave after it has ended.
    rows = CampaignRecipient.objects.filter(campaign=campaign).order_by("pk")
    lines = _lines(campaign, rows.select_related("message", "sender"))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="campaign-{campaign.pk}.csv"'
    return response


def _kinds() -> dict[str, str]:
    """What can be asked for, in the order of the page."""
    return {
        "": _("All"),
        "texts": _("Get the text"),
        "crossing": _("More messages than estimated"),
        "unicode": _("Unicode"),
        "left_out": _("Left out"),
        **{f"reason-{reason.value}": str(reason.label) for reason in Reason},
    }


def _shown(campaign: SmsCampaign, asked: str) -> QuerySet[CampaignRecipient]:
    rows = CampaignRecipient.objects.filter(campaign=campaign).select_related("message", "sender")
    gets_text = Q(state__in=(State.ELIGIBLE, State.QUEUED))
    if asked == "texts":
        return rows.filter(gets_text)
    if asked == "crossing":
        return rows.filter(gets_text, segments__gt=Wording.of(campaign).estimate().segments)
    if asked == "unicode":
        return rows.filter(gets_text, encoding="UCS-2")
    if asked == "left_out":
        return rows.exclude(gets_text)
    if asked.startswith("reason-"):
        return rows.filter(reason=asked.removeprefix("reason-"))
    return rows


def _search(
    rows: QuerySet[CampaignRecipient], term: str, region: str
) -> QuerySet[CampaignRecipient]:
    if not term:
        return rows
    prefix = e164_prefix(term, region)
    if prefix:
        return rows.filter(phone_e164__startswith=prefix)
    return rows.filter(name__icontains=term)


def _line(one: CampaignRecipient, text: str, region: str, estimated: int) -> Line:
    number = format_national(one.phone_e164, region) if one.phone_e164 else one.raw_phone
    is_text = one.state in (State.ELIGIBLE, State.QUEUED)
    if one.message is not None:
        outcome = state_chip(one.message.state)
    elif is_text:
        outcome = chip(Chip.WAITING, State(one.state).label)
    else:
        outcome = chip(Chip.ATTENTION, Reason(one.reason).label)
    return Line(one, number, outcome, text if is_text else "", is_text and one.segments > estimated)


def _lines(campaign: SmsCampaign, rows: QuerySet[CampaignRecipient]) -> Iterator[str]:
    yield _as_csv(_COLUMNS)
    wording = Wording.of(campaign)
    for one in rows.iterator(chunk_size=_CHUNK):
        is_text = one.state in (State.ELIGIBLE, State.QUEUED)
        text = one.message.text if one.message else wording.say(one.values) if is_text else ""
        yield _as_csv(
            (
                one.member_id, one.record_id, one.name, one.phone_e164 or one.raw_phone,
                one.country, one.get_state_display(), one.get_reason_display(),
                one.sender or "", one.encoding, one.segments,
                one.message.get_state_display() if one.message else "", text,
            )
        )  # fmt: skip


def _as_csv(row: tuple[Any, ...]) -> str:
    text = StringIO()
    csv.writer(text).writerow([neutralise(str(cell)) for cell in row])
    return text.getvalue()
