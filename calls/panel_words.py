"""The softphone panel as its script reads it, with what it says in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.panel import Panel
from calls.presence import Check, Presence

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
        "sequence": panel.sequence,
        "is_whole": panel.is_whole,
        "presence": describe_presence(panel.presence),
        "controls": sorted(panel.controls),
        "no_control": str(NO_CONTROL) if takes_no_commands else "",
        "calls": [
            one.to_json() | {"no_badge_text": str(NO_BADGE.get(one.no_badge, ""))}
            for one in panel.calls
        ],
        "shown": panel.shown,
    }


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
