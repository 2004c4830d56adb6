"""The texts of one Salesforce record: a lead's, a contact's, or those of a campaign (MIT-52)."""

from dataclasses import dataclass

from django.db.models import Q

from integrations.models import Membership
from integrations.record_links import id_spellings
from integrations.tenancy import WorkspaceQuerySet
from sms.models import Message
from sms.selectors import list_visible_messages

PAGE = 50
_CAMPAIGN = "701"


@dataclass(frozen=True, slots=True)
class RecordMessages:
    """One page of them, newest first. ``name`` is the record's as the texts know it, and
    ``older_than`` the message to go on from, None on the last page."""

    name: str
    messages: list[Message]
    older_than: int | None


def is_campaign(record_id: str) -> bool:
    """Whether an id is a campaign's (Salesforce: "Standard Field and Object Key Prefixes")."""
    return record_id.startswith(_CAMPAIGN)


def read_record_messages(
    membership: Membership, record_id: str, *, older_than: int | None = None
) -> RecordMessages:
    """The texts of a record, of those that this member may see; none for what is no id."""
    of_record = _of_record(membership, record_id)
    page = of_record
    last = of_record.filter(pk=older_than).first() if older_than else None
    if last is not None:
        page = page.filter(
            Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk)
        )
    found = list(page.select_related("workspace", "membership__user")[: PAGE + 1])
    name_column = "campaign_name" if is_campaign(record_id) else "person_name"
    names = (getattr(message, name_column) for message in found)
    return RecordMessages(
        name=next(filter(None, names), ""),
        messages=found[:PAGE],
        older_than=found[PAGE - 1].pk if len(found) > PAGE else None,
    )


def _of_record(membership: Membership, record_id: str) -> WorkspaceQuerySet[Message]:
    column = "campaign_record_id" if is_campaign(record_id) else "person_record_id"
    spellings = id_spellings(record_id)
    return list_visible_messages(membership).filter(**{f"{column}__in": spellings})
