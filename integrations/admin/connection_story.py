"""How a Salesforce connection is, in sentences: its health, who broke it, what its terms are."""

from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.admin.chips import Chip
from integrations.models import Connection
from integrations.options import active_options
from integrations.preflights import find_preflight, report_of
from integrations.salesforce import editions, versions

#: A part of the reason that a connection broke with, and whose doing that is.
_CULPRITS = (
    (
        "no longer accepts our approval",
        gettext_lazy(
            "Somebody ended the approval in Salesforce (the user or an admin), a sixth approval "
            "of the same user replaced it, or nothing was asked for thirty days."
        ),
    ),
    (
        "inactive or frozen",
        gettext_lazy("A Salesforce admin deactivated or froze the user."),
    ),
    ("org is locked", gettext_lazy("Salesforce locked the org.")),
    (
        "refuses patchbay's address",
        gettext_lazy("A Salesforce admin restricted networks or hours of signing in."),
    ),
    (
        "refused the user's sign-in",
        gettext_lazy("The user’s password or a login policy was changed in Salesforce."),
    ),
    (
        "consumer secret is wrong",
        gettext_lazy("Somebody replaced the secret of the Salesforce app."),
    ),
    ("consumer key is unknown", gettext_lazy("Somebody removed the app in Salesforce.")),
    ("answers to two renewals", gettext_lazy("Nobody: the network lost two answers in a row.")),
)


@dataclass(frozen=True)
class Health:
    """One chip and one sentence."""

    chip: Chip
    word: str
    sentence: str


def tell_health(connection: Connection, waiting: int) -> Health:
    """How the connection is, in one sentence."""
    if not connection.is_usable:
        since = (
            _(" since %(when)s") % {"when": naturaltime(connection.broken_at)}
            if connection.broken_at
            else ""
        )
        sentence = _("Salesforce does not let Patchbay in%(since)s; what is to be written waits.")
        return Health(Chip.FAILED, _("Broken"), sentence % {"since": since})
    heard = (
        _("Salesforce’s last answer: %(when)s") % {"when": naturaltime(connection.last_used_at)}
        if connection.last_used_at
        else _("Salesforce let Patchbay in; there was nothing to ask since")
    )
    on_its_way = (
        ngettext(
            ", and %(count)s record is on its way",
            ", and %(count)s records are on their way",
            waiting,
        )
        % {"count": localize(waiting)}
        if waiting
        else ""
    )
    return Health(Chip.DONE, _("Connected"), f"{heard}{on_its_way}.")


def name_culprit(connection: Connection) -> str:
    """Who broke it, as far as Salesforce's answer tells; empty where it does not."""
    reason = connection.state_reason.lower()
    return next((str(text) for part, text in _CULPRITS if part in reason), "")


def describe_terms(connection: Connection) -> dict[str, Any]:
    """Edition, interface, versions and preflight, for the page and for "Check org"."""
    options = active_options()
    offered = versions.list_usable(connection.offered_versions or ())
    is_strict = bool(options["strict_editions"])
    report = report_of(find_preflight(connection))
    return {
        "edition": connection.edition,
        "edition_problem": editions.find_refusal(connection.edition, is_strict=is_strict)
        if connection.edition
        else "",
        "interfaces": Connection.Interface.choices,
        "offered": offered,
        "newest": offered[-1] if offered else "",
        "is_default_offered": versions.DEFAULT in offered,
        "default_version": versions.DEFAULT,
        "is_version_retired": bool(offered) and connection.api_version not in offered,
        "report": report,
        "suggests_history": (
            report is not None
            and report.is_ready_for_activity_history
            and not options["activity_history"]
        ),
        "warns_of_history": (
            report is not None
            and not report.is_ready_for_activity_history
            and bool(options["activity_history"])
        ),
    }
