"""Which member is which Salesforce user: owners and time zones of records depend on it."""

from collections import defaultdict

import structlog
from django.db import IntegrityError, transaction

from integrations.errors import PatchbayError
from integrations.models import Membership
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.soql import in_list

log = structlog.get_logger()

#: Addresses in one query: far inside the length of a request line (salesforce.md 3.1).
_ADDRESSES_PER_QUERY = 100


def link_members(client: SalesforceClient) -> int:
    """Link members of the workspace in scope who are linked to nobody; returns how many.

    By mail address (our members proved theirs), and only where exactly one active Salesforce user
    has it. Salesforce in trouble is only logged: people can be linked by hand.
    """
    unlinked = {
        member.user.email.lower(): member
        for member in Membership.objects.active()
        .filter(salesforce_user_id="")
        .select_related("user")
    }
    try:
        users = _users_by_address(client, sorted(unlinked))
    except PatchbayError as error:
        log.warning("people_not_linked", code=error.code, error=type(error).__name__)
        return 0
    return sum(
        _link(member, users[address][0])
        for address, member in unlinked.items()
        if len(users[address]) == 1
    )


def unlink_members() -> int:
    """Forget every link of the workspace in scope: they were to users of another org (E3)."""
    return Membership.objects.exclude(salesforce_user_id="").update(
        salesforce_user_id="", salesforce_time_zone=""
    )


def _users_by_address(client: SalesforceClient, addresses: list[str]) -> dict[str, list[Record]]:
    users: dict[str, list[Record]] = defaultdict(list)
    for start in range(0, len(addresses), _ADDRESSES_PER_QUERY):
        some = in_list(addresses[start : start + _ADDRESSES_PER_QUERY])
        active = f"IsActive = true AND Email IN {some}"
        for user in client.query(f"SELECT Id, Email, TimeZoneSidKey FROM User WHERE {active}"):  # noqa: S608
            users[str(user["Email"]).lower()].append(user)
    return users


def _link(member: Membership, user: Record) -> int:
    """1, or 0 where a person was faster or another member is linked to this user."""
    try:
        with transaction.atomic():
            return Membership.objects.filter(pk=member.pk, salesforce_user_id="").update(
                salesforce_user_id=user["Id"], salesforce_time_zone=user["TimeZoneSidKey"] or ""
            )
    except IntegrityError:
        return 0
