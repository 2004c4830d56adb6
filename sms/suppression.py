"""Numbers that had opted out when their person was erased: still never written to (RULES C8).

`OptOut` cannot hold them any more, because it holds numbers that can be read. What asks whether
someone opted out asks both, by `sms.selectors.opted_out_since`.
"""

from collections.abc import Collection
from datetime import datetime

from integrations.pseudonyms import find_pseudonyms, make_pseudonym
from integrations.tenancy import current_workspace_id
from sms.models import SuppressedNumber


def suppressed_since(phones: Collection[str]) -> dict[str, datetime]:
    """Since when each of these numbers is suppressed; those that are not are left out."""
    numbers = find_pseudonyms(current_workspace_id(), phones)
    if not numbers:
        return {}
    rows = SuppressedNumber.objects.filter(pseudonym__in=numbers.values())
    since = dict(rows.values_list("pseudonym", "since"))
    return {phone: since[hidden] for phone, hidden in numbers.items() if hidden in since}


def suppress(phone_e164: str, since: datetime) -> None:
    """Never write to this number again, without keeping it; again is harmless."""
    workspace_id = current_workspace_id()
    SuppressedNumber.objects.get_or_create(
        workspace_id=workspace_id,
        pseudonym=make_pseudonym(workspace_id, phone_e164),
        defaults={"since": since},
    )


def is_suppressed(phone_e164: str) -> bool:
    """Whether this number had opted out when its person was erased."""
    return bool(suppressed_since([phone_e164]))


def lift_suppression(phone_e164: str) -> bool:
    """The number may be written to again; returns whether it was suppressed.

    Opting out once more lifts nothing: there would be a moment in which neither row says so.
    """
    numbers = find_pseudonyms(current_workspace_id(), [phone_e164])
    lifted, _ = SuppressedNumber.objects.filter(pseudonym__in=numbers.values()).delete()
    return bool(lifted)
