"""Texts that wait for a person to say whom they were with, and what that person says (RULES B8).

As for calls: the choice is kept, the text is planned again with it, and the outbox changes the
record that stands in Salesforce.
"""

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit, ledger
from integrations.errors import PatchbayError
from integrations.models import Membership
from integrations.queueing import enqueue
from integrations.record_links import find_record_in
from integrations.salesforce.precedence import Candidate, dedupe_person_accounts
from sms.filing import SUBJECT_KIND
from sms.models import Message
from sms.selectors import list_visible_messages


class ReviewRefused(PatchbayError):  # noqa: N818
    """The choice cannot be kept; the message says why, for the person who made it."""


def offered_records(message: Message) -> tuple[Candidate, ...]:
    """The records to choose from: those that had the number when the text was planned last."""
    runs = ledger.plan_runs_about(SUBJECT_KIND, message.pk, limit=1)
    found = (runs[0].facts.get("candidates") if runs else None) or ()
    return dedupe_person_accounts(Candidate.from_json(one) for one in found)


def choose_record(membership: Membership, message_id: int, chosen: str | None) -> Candidate | None:
    """Keep that a text was with ``chosen``, an offered id or what a person typed; None: with no
    record at all. Returns the record.

    Raises Message.DoesNotExist for a text that this member may not see, and ReviewRefused where
    somebody else was faster or the words name no record.
    """
    with transaction.atomic():
        visible = list_visible_messages(membership)
        message = visible.select_for_update(of=("self",)).get(pk=message_id)
        if not message.needs_review:
            raise ReviewRefused(_("Somebody else has settled this text in the meantime."))
        record = None if chosen is None else _find_record(message, chosen)
        if record is not None:
            # Of a person account the contact is what a Task can be about (RULES B8).
            is_person = bool(record.person_contact_id)
            message.person_sobject = "Contact" if is_person else record.sobject
            message.person_record_id = record.person_contact_id or record.record_id
            message.person_name = record.name[:255]
        message.needs_review, message.reviewed_at = False, timezone.now()
        message.plan_due_at = Now()
        message.save(
            update_fields=[
                *("person_sobject", "person_record_id", "person_name"),
                *("needs_review", "reviewed_at", "plan_due_at"),
            ]
        )
        audit.record(
            membership.user,
            "message.reviewed",
            target_label=message.person,
            after={"record": record.record_id if record else ""},
        )
        enqueue("sms-reports", "sms.jobs.file_due_messages")
    return record


def _find_record(message: Message, chosen: str) -> Candidate:
    for one in offered_records(message):
        if one.record_id == chosen:
            return one
    if found := find_record_in(chosen):
        return Candidate(sobject=found[0], record_id=found[1], name="")
    raise ReviewRefused(
        _(
            "“%(text)s” names no contact, lead, account, opportunity or case. Paste the address "
            "of the record's page in Salesforce, or its id."
        )
        % {"text": chosen[:80]}
    )
