"""Reading messages for people: which ones a member may see, and what belongs to one."""

from collections.abc import Collection, Mapping
from datetime import datetime

from integrations.models import Membership
from integrations.phones import e164_prefix
from integrations.policy import can
from integrations.record_links import record_id_prefix
from integrations.roles import Capability
from integrations.row_search import find_by_name, find_by_number
from integrations.tenancy import WorkspaceQuerySet
from sms.models import Message, OptOut
from sms.suppression import suppressed_since


def list_visible_messages(membership: Membership) -> WorkspaceQuerySet[Message]:
    """All messages of the workspace in scope for those who may see any, else none."""
    messages = Message.objects.all()
    return messages if can(membership, Capability.VIEW_MESSAGES) else messages.none()


def search_messages(
    messages: WorkspaceQuerySet[Message], term: str, region: str
) -> WorkspaceQuerySet[Message]:
    """Messages with a number, as people in ``region`` type it or its beginning, or with a person,
    by the beginnings of words of the name, or by the Salesforce id."""
    if record_id := record_id_prefix(term):
        return messages.filter(person_record_id__startswith=record_id)
    if prefix := e164_prefix(term, region):
        return find_by_number(messages, "phone_e164", prefix)
    return find_by_name(messages, term, "person_name")


def opted_out_since(phones: Collection[str]) -> Mapping[str, datetime]:
    """Since when each of these numbers is opted out; those that are not are left out."""
    active = OptOut.objects.filter(phone_e164__in=set(phones), is_active=True)
    since = dict(active.values_list("phone_e164", "since"))
    # In this order: who is being erased leaves `OptOut` when the suppression is there.
    return suppressed_since(phones) | since
