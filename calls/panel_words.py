"""What the softphone panel says in words: why there is no badge, and what to do about presence."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from calls.presence import Check

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
