"""Whose number it is, ready to be shown: how the search went, and the records that it found."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from calls.models import Call, MatchState
from integrations.models import Connection
from integrations.record_links import record_url


@dataclass(frozen=True)
class Match:
    """A Salesforce record that holds the number, as it was found then."""

    sobject: str
    name: str
    account: str
    url: str
    is_chosen: bool


def describe_lookup(call: Call, error: str) -> str:
    """How the search for the number went, in a sentence; ``error`` says why it failed."""
    if call.match_state == MatchState.PENDING:
        return _("Salesforce was asked whose number it is and has not answered yet.")
    if call.match_state == MatchState.FAILED:
        reason = error or _("no reason is known")
        return _("The search in Salesforce failed: %(reason)s.") % {"reason": reason.rstrip(".")}
    if call.match_state == MatchState.FOUND:
        if call.candidates:
            return _("Salesforce was asked; these records hold the number.")
        return _("Salesforce was asked; no record holds the number.")
    return _("Salesforce was not asked whose number it is.")


def list_matches(call: Call, chosen: Collection[str | None]) -> list[Match]:
    """The matches that are pinned to a call; ``chosen`` are ids that its records hang on."""
    connection = Connection.objects.find_sync_user()
    return [
        Match(
            sobject=_("Person account") if one.get("is_person_account") else one.get("sobject", ""),
            name=one.get("name") or one.get("record_id", ""),
            account=one.get("account_name") or "",
            url=record_url(connection, one.get("record_id", "")),
            is_chosen=any(
                one.get(key) in chosen for key in ("record_id", "person_contact_id") if one.get(key)
            ),
        )
        for one in call.candidates
    ]
