"""A call that waits for a person, ready to be shown with the records to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from calls.admin import call_cells
from calls.models import Call
from calls.review import offered_records, reasons_for
from integrations.models import Connection, Membership
from integrations.record_links import record_url
from integrations.salesforce.precedence import Candidate


@dataclass(frozen=True)
class Offer:
    """A record that a call can be filed under, with its page in Salesforce."""

    record: Candidate
    kind: str
    url: str


@dataclass(frozen=True)
class Question:
    """One call that waits, and what there is to choose from."""

    call: Call
    direction: SafeString
    number: SafeString
    agents: str
    why: Sequence[str]
    offers: Sequence[Offer]


def ask_about(membership: Membership, calls: Sequence[Call]) -> list[Question]:
    """The calls with what stands beside each, in a constant number of queries."""
    connection = Connection.objects.find_sync_user()
    reasons = reasons_for(calls)
    return [
        Question(
            call=call,
            direction=call_cells.direction_cell(call),
            number=call_cells.number_cell(call, membership.workspace.default_region),
            agents=", ".join(call_cells.agent_names(call)),
            why=reasons[call.pk],
            offers=[_offer(one, connection) for one in offered_records(call)],
        )
        for call in calls
    ]


def _offer(record: Candidate, connection: Connection | None) -> Offer:
    kind: Any = _("Person account") if record.is_person_account else record.sobject
    return Offer(record, kind, record_url(connection, record.record_id))
