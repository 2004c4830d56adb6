"""What the page of one campaign shows: how far it is, whom it reaches, what it says and costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.countries import region_name
from integrations.models import Connection, Membership
from integrations.policy import can
from integrations.record_links import record_url
from integrations.roles import Capability
from sms.admin.message_cells import state_chip
from sms.campaigns.drafts import CHANGEABLE
from sms.campaigns.preview import CountryPlan, Preview, preview
from sms.campaigns.prices import cost_of, describe
from sms.campaigns.results import FAILED, WAITING, Result, list_causes, list_results
from sms.models import CampaignRecipient, SmsCampaign
from sms.statuses import MessageStatus

State = SmsCampaign.State
_AT_WORK = (State.PREPARING, State.SCHEDULED, State.SENDING)


@dataclass(frozen=True)
class CountryLine:
    """One country of the sender plan, in words."""

    name: str
    plan: CountryPlan
    cost: str


@dataclass(frozen=True)
class ResultLine:
    """The texts of one state to one country from one sender, in words."""

    country: str
    result: Result
    chip: SafeString


def describe_campaign(member: Membership, campaign: SmsCampaign) -> dict[str, Any]:
    """The context of the page; the sums are worked out from the recipients' rows each time."""
    is_worked_out = campaign.state not in (State.DRAFT, State.PREPARING)
    context: dict[str, Any] = {
        "campaign": campaign,
        "record_url": record_url(Connection.objects.find_sync_user(), campaign.campaign_record_id),
        "is_at_work": campaign.state in _AT_WORK,
        "is_worked_out": is_worked_out,
        "may_send": can(member, Capability.SEND_MESSAGES),
        "may_change": can(member, Capability.SEND_MESSAGES) and campaign.state in CHANGEABLE,
        "may_launch": can(member, Capability.SEND_MESSAGES)
        and campaign.state == State.READY
        and campaign.recipient_count > 0,
        "progress": describe_progress(campaign),
        "recipients_url": reverse("admin:sms_campaign_recipients", args=(campaign.pk,)),
    }
    if is_worked_out:
        context |= _describe_preview(campaign)
    if campaign.launched_at is not None:
        context |= _describe_results(campaign)
    return context


def describe_progress(campaign: SmsCampaign) -> str:
    """How far it has come, in one sentence; empty where it rests."""
    if campaign.state == State.PREPARING and campaign.read_at is None:
        return _("%(read)s of about %(total)s members read.") % {
            "read": f"{campaign.members_read:,}",
            "total": f"{campaign.members_total:,}",
        }
    if campaign.state == State.PREPARING:
        return _("%(count)s members read; every text is being worked out.") % {
            "count": f"{campaign.members_read:,}"
        }
    if campaign.state == State.SENDING and campaign.checked_at is None:
        return _("Salesforce is asked who is still a member.")
    return ""


def cost_in_words(plans: Sequence[CountryPlan]) -> str:
    """What these countries come to, with what has no price named."""
    prices = {one.country: one.price for one in plans if one.price}
    cost = cost_of(((one.country, one.segments) for one in plans), prices)
    words = describe(cost)
    if not cost.unpriced:
        return words or _("nothing")
    unpriced = sum(cost.unpriced.values())
    without = ngettext(
        "%(count)s message without a price (%(countries)s)",
        "%(count)s messages without a price (%(countries)s)",
        unpriced,
    ) % {
        "count": f"{unpriced:,}",
        "countries": ", ".join(sorted(code or _("unknown") for code in cost.unpriced)),
    }
    return f"{words} + {without}" if words else without


def country_name(code: str) -> str:
    """A country as people call it."""
    return region_name(code) or code or _("Unknown")


def _describe_preview(campaign: SmsCampaign) -> dict[str, Any]:
    seen = preview(campaign)
    return {
        "preview": seen,
        "cost": cost_in_words(seen.countries),
        "countries": [
            CountryLine(country_name(one.country), one, _cost_of(one)) for one in seen.countries
        ],
        "left_out": sum(people for _reason, _label, people in seen.excluded),
        "can_be_plain": not campaign.is_plain and _has_replacement(seen),
    }


def _cost_of(plan: CountryPlan) -> str:
    """The cost of one country; empty where nothing goes there."""
    if not plan.people:
        return ""
    return cost_in_words([plan]) if plan.price else _("no price")


def _has_replacement(seen: Preview) -> bool:
    """Whether any costly character has a plain form."""
    in_words = any(one.replacement is not None for one in seen.costly_words)
    return in_words or any(one.replacement is not None for one in seen.costly_values)


def _describe_results(campaign: SmsCampaign) -> dict[str, Any]:
    results = list_results(campaign)
    groups = {
        _("Waiting"): WAITING,
        _("On its way"): (MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.BUFFERED),
        _("Delivered"): (MessageStatus.DELIVERED,),
        _("Failed"): FAILED,
        _("Unconfirmed"): (MessageStatus.UNCONFIRMED,),
        _("Not sent"): (MessageStatus.CANCELLED, MessageStatus.SKIPPED),
    }
    totals = {
        label: sum(one.texts for one in results if one.state in states)
        for label, states in groups.items()
    }
    made = sum(totals.values())
    not_made = CampaignRecipient.objects.filter(
        campaign=campaign, state=CampaignRecipient.State.ELIGIBLE
    ).count()
    return {
        "results": [ResultLine(country_name(one.country), one, state_chip(one.state))
                    for one in results],
        "causes": [(one, state_chip(one.state)) for one in list_causes(campaign)],
        "totals": totals,
        "made": made,
        "not_made": not_made,
        "chart": {"labels": list(totals), "totals": list(totals.values())},
        "chart_words": ", ".join(f"{label}: {count:,}" for label, count in totals.items()),
    }  # fmt: skip
