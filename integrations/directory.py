"""Our copies of the Salesforce people behind the numbers (MII-04, MII-09..11)."""

from collections.abc import Sequence

from django.utils import timezone

from integrations.countries import find_region
from integrations.models import Connection, DirectoryContact, DirectoryPhone
from integrations.phones import parse_phone
from integrations.salesforce.precedence import Candidate, choose_directory_record


def save_directory_record(
    connection: Connection, candidates: Sequence[Candidate], *, preferred_id: str = ""
) -> DirectoryContact | None:
    """Create or refresh the copy of the record that precedence chooses; None without a match.

    ``preferred_id`` is a record that goes before, if it is a match (MII-30). Call inside
    the workspace's scope and the transaction that stores the answer.
    """
    chosen = choose_directory_record(candidates, preferred_id=preferred_id)
    if chosen is None:
        return None
    contact, _ = DirectoryContact.objects.update_or_create(
        workspace_id=connection.workspace_id,
        org_id=connection.org_id,
        record_id=chosen.record_id,
        defaults={
            "sobject": chosen.sobject,
            "name": chosen.name[:255],
            "account_name": (chosen.account_name or "")[:255],
            "account_id": chosen.account_id or "",
            "record_url": f"{connection.instance_url}/{chosen.record_id}",
            "updated_at": timezone.now(),
        },
    )
    _save_phones(contact, chosen, connection.workspace.default_region)
    return contact


def _save_phones(contact: DirectoryContact, candidate: Candidate, region: str) -> None:
    numbers = {
        field: phone.e164
        for field, raw in candidate.phones.items()
        if (phone := parse_phone(raw, find_region(candidate.country) or region)).e164
    }
    contact.phones.exclude(field__in=numbers).delete()
    for field, e164 in numbers.items():
        DirectoryPhone.objects.update_or_create(
            contact=contact,
            field=field,
            defaults={"workspace_id": contact.workspace_id, "phone_e164": e164},
        )
