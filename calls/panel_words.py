"""The softphone panel as its script reads it, with what it says in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from calls.layout_settings import NEW_PHONE_FIELDS
from calls.models import Call
from calls.panel import Panel
from calls.panel_state import PanelCall
from calls.presence import Check, Presence
from integrations.addresses import console_url
from integrations.clock import zone_of
from integrations.models import Membership
from integrations.phones import format_national
from integrations.record_links import new_record_url, record_url

#: By `PanelCall.no_badge`.
NO_BADGE: Mapping[str, Promise] = {
    "internal": _("An internal call belongs to no record."),
    "withheld": _("The caller hides the number, so it cannot be searched."),
    "no_number": _("This is no telephone number that could be searched."),
    "searching": _("Salesforce is being searched."),
    "search_failed": _(
        "Salesforce did not answer the search. It is asked again by itself; the record can also be "
        "chosen later in the call history."
    ),
    "several_nothing": _(
        "Several records hold this number, the search dialog is switched off (Integration options) "
        "and your softphone layout opens nothing. Under Needs review somebody can say which one it "
        "was."
    ),
    "several_outbound": _(
        "Several records hold this number, and the search dialog is switched off (Integration "
        "options). Under Needs review somebody can say which one it was."
    ),
    "several_inside": _(
        "Several records hold this number. Your softphone layout opens them in a page of "
        "Salesforce, which only a softphone inside Salesforce can do."
    ),
    "not_searched": _(
        "Salesforce is not searched for this number: it is one of your company's, or your admins "
        "have not connected Salesforce or have switched the search off."
    ),
}

#: By check: what holds where it passes, and what to do where it fails.
CHECKS: Mapping[Check, tuple[Promise, Promise]] = {
    Check.PANEL_LIVE: (
        _("This panel is connected."),
        _("This panel was not heard of for a while. It reconnects by itself; else load it again."),
    ),
    Check.PANEL_VERSION: (
        _("The panel is new enough."),
        _("This panel is older than Patchbay. Load the page again."),
    ),
    Check.PHONE_SYSTEM: (
        _("A phone system is set up."),
        _("No phone system is set up. Ask an admin to add one."),
    ),
    Check.PHONE_SYSTEM_ENABLED: (
        _("The phone system is switched on."),
        _("The phone system is switched off. Ask an admin to switch it on."),
    ),
    Check.PHONE_SYSTEM_HEALTHY: (
        _("What the phone system reports is understood."),
        _(
            "The phone system's last report was not understood. The next good one mends this; "
            "admins see the report under what arrived."
        ),
    ),
    Check.EXTENSION: (
        _("You have an extension."),
        _("You have no extension, so no call is known to be yours. Ask an admin for one."),
    ),
    Check.LICENCE: (
        _("You have a CRM licence."),
        _("You have no CRM licence. Ask an admin for one."),
    ),
}

NO_CONTROL = _(
    "Your phone system tells Patchbay about calls but takes no commands. Answer, hold, transfer "
    "and hang up on the telephone."
)


def describe_panel(panel: Panel) -> dict[str, Any]:
    """A panel as its script reads it, with the texts for people."""
    has_phone_system = dict(panel.presence.checks)[Check.PHONE_SYSTEM]
    takes_no_commands = has_phone_system and not panel.controls
    return {
        "now": panel.read_at.isoformat(),
        "sequence": panel.sequence,
        "is_whole": panel.is_whole,
        "presence": describe_presence(panel.presence),
        "controls": sorted(panel.controls),
        "no_control": str(NO_CONTROL) if takes_no_commands else "",
        "calls": [_describe_call(one, panel) for one in panel.calls],
        "shown": panel.shown,
    }


def _describe_call(call: PanelCall, panel: Panel) -> dict[str, Any]:
    described: dict[str, Any] = dict(call.to_json())
    is_outside = call.number.startswith("+")
    return described | {
        "number_text": format_national(call.number, panel.region) if is_outside else call.number,
        "no_badge_text": str(NO_BADGE.get(call.no_badge, "")),
        "records": [
            record | {"url": record_url(panel.salesforce, record["record_id"])}
            for record in described["records"]
        ],
        "new_url": _new_url(call, panel) if call.badge == "new" else "",
    }


def _new_url(call: PanelCall, panel: Panel) -> str:
    """The form of what the layout has New make, with the number in it."""
    number = {NEW_PHONE_FIELDS[call.new_object]: call.number}
    return new_record_url(panel.salesforce, call.new_object, **number)


def describe_recent(calls: Iterable[Call], member: Membership) -> list[dict[str, str]]:
    """Calls of the past as the panel lists them; times where the member is."""
    zone, workspace = zone_of(member), member.workspace
    return [
        {
            "caller": call.person or format_national(call.external_e164, workspace.default_region),
            "direction": call.direction,
            "outcome": call.outcome.capitalize(),
            "at": date_format(localtime(call.started_at, zone), "SHORT_DATETIME_FORMAT"),
            "url": console_url(workspace, "calls_call_change", call.pk),
        }
        for call in calls
    ]


def describe_presence(presence: Presence) -> dict[str, Any]:
    """Available or not, with the reason, and every check for diagnostics."""
    return {
        "state": presence.state,
        "reason": presence.reason,
        "text": str(CHECKS[presence.reason][1]) if presence.reason else "",
        "checks": [
            {"name": check, "holds": holds, "text": str(CHECKS[check][0 if holds else 1])}
            for check, holds in presence.checks
        ],
    }
