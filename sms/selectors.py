"""Reading messages for people: which ones a member may see, and what belongs to one."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Q

from integrations.models import Membership
from integrations.phones import e164_prefix
from integrations.policy import can
from integrations.record_links import record_id_prefix
from integrations.roles import Capability
from integrations.tenancy import WorkspaceQuerySet
from sms.models import Message, OptOut


def list_visible_messages(membership: Membership) -> WorkspaceQuerySet[Message]:
    """All messages of the workspace in scope for those who may see any, else none."""
    messages = Message.objects.all()
    return messages if can(membership, Capability.VIEW_MESSAGES) else messages.none()


def search_messages(
    messages: WorkspaceQuerySet[Message], term: str, region: str
) -> WorkspaceQuerySet[Message]:
    """Messages with a number, as people in ``region`` type it or its beginning, or with a person,
    by the beginning of the name or of a word in it, or by the Salesforce id."""
    if record_id := record_id_prefix(term):
        return messages.filter(person_record_id__startswith=record_id)
    if prefix := e164_prefix(term, region):
        return messages.filter(begins_with("phone_e164", prefix))
    name = Q(person_name__istartswith=term) | Q(person_name__icontains=f" {term}")
    return messages.filter(name)


def begins_with(column: str, prefix: str) -> Q:
    """Numbers that begin so, as a range, which an index answers whatever the collation is.

    The upper end counts the prefix up by one: +4158 for +4157, +42 for +419.
    """
    found = Q(**{f"{column}__startswith": prefix, f"{column}__gte": prefix})
    head = prefix.rstrip("9")
    if head[-1:].isdigit():
        found &= Q(**{f"{column}__lt": f"{head[:-1]}{int(head[-1]) + 1}"})
    return found


def opted_out_since(phones: Collection[str]) -> Mapping[str, datetime]:
    """Since when each of these numbers is opted out; those that are not are left out."""
    active = OptOut.objects.filter(phone_e164__in=set(phones), is_active=True)
    return dict(active.values_list("phone_e164", "since"))
