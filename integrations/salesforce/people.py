"""Which member is which Salesforce user: owners and time zones of records depend on it (MII-36)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import structlog
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integrations import audit
from integrations.errors import PatchbayError, Refused
from integrations.models import ArchivedUserLink, Membership, User
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.suggestions import Hint, Person, Suggestion, suggest
from integrations.salesforce.users import SalesforceUser, find_namesakes, find_users

log = structlog.get_logger()

_UNLINKED = {"salesforce_user_id": "", "salesforce_username": "", "salesforce_time_zone": ""}


@dataclass(frozen=True)
class PeopleInOrg:
    """What an org says about some members: proposals by member, and users by id."""

    suggestions: Mapping[int, Suggestion] = field(default_factory=dict)
    users: Mapping[str, SalesforceUser] = field(default_factory=dict)


def read_people(client: SalesforceClient, members: Iterable[Membership]) -> PeopleInOrg:
    """Ask the org about members of the workspace in scope; three requests a hundred members."""
    everybody = list(members)
    unlinked = [_to_person(member) for member in everybody if not member.salesforce_user_id]
    users = find_users(client, [member.salesforce_user_id for member in everybody])
    namesakes = (
        find_namesakes(client, [one.email for one in unlinked], [one.name for one in unlinked])
        if unlinked
        else []
    )
    taken = Membership.objects.exclude(salesforce_user_id="")
    suggestions = suggest(unlinked, namesakes, taken.values_list("salesforce_user_id", flat=True))
    return PeopleInOrg(suggestions, {**users, **{one.user_id: one for one in namesakes}})


def _to_person(member: Membership) -> Person:
    return Person(member.pk, member.user.email, member.user.get_full_name())


def link_members(client: SalesforceClient) -> int:
    """Link members of the workspace in scope who are linked to nobody; returns how many.

    By mail address alone, and only where exactly one active Salesforce user has it. Salesforce in
    trouble is only logged: people can be linked by hand.
    """
    unlinked = list(
        Membership.objects.active().filter(salesforce_user_id="").select_related("user")
    )
    try:
        in_org = read_people(client, unlinked)
    except PatchbayError as error:
        log.warning("people_not_linked", code=error.code, error=type(error).__name__)
        return 0
    sure = {
        key: in_org.users[one.user_id]
        for key, one in in_org.suggestions.items()
        if one.hint is Hint.ADDRESS and one.conflict is None
    }
    return sum(_store(member, sure[member.pk]) for member in unlinked if member.pk in sure)


def link(
    member: Membership,
    user: SalesforceUser | None,
    *,
    actor: User,
    request: HttpRequest | None = None,
) -> None:
    """Make a member the same person as a Salesforce user, whoever they were before.

    Raises Refused where the org shows no such user, or an inactive one, or another member is
    that user already.
    """
    if user is None:
        raise Refused(_("Salesforce shows no such user."))
    if not user.is_active:
        raise Refused(
            _("%(user)s is not active in Salesforce and cannot own records.") % {"user": user.name}
        )
    before = _describe(member)
    with transaction.atomic():
        if not _store(member, user, whoever_it_was=True):
            raise Refused(
                _("%(user)s is linked to another member already. End that link first.")
                % {"user": user.name or user.username}
            )
        member.refresh_from_db()
        audit.record(
            actor, "member.linked", str(member), before, _describe(member), request=request
        )


def unlink(member: Membership, *, actor: User, request: HttpRequest | None = None) -> None:
    """Make a member nobody in Salesforce."""
    before = _describe(member)
    with transaction.atomic():
        Membership.objects.filter(pk=member.pk).update(**_UNLINKED)
        audit.record(actor, "member.unlinked", str(member), before, {}, request=request)


def archive_links(org_id: str) -> int:
    """Put every link of the workspace in scope aside with the org that it belongs to (E3)."""
    linked = list(Membership.objects.exclude(salesforce_user_id=""))
    ArchivedUserLink.objects.filter(org_id=org_id, membership__in=linked).delete()
    ArchivedUserLink.objects.bulk_create(
        ArchivedUserLink(
            workspace_id=member.workspace_id,
            org_id=org_id,
            membership=member,
            salesforce_user_id=member.salesforce_user_id,
            salesforce_username=member.salesforce_username,
            salesforce_time_zone=member.salesforce_time_zone,
        )
        for member in linked
    )
    return Membership.objects.exclude(salesforce_user_id="").update(**_UNLINKED)


def restore_links(org_id: str) -> int:
    """Bring back the links of an org that is connected again, where nobody was linked since."""
    restored = 0
    for kept in ArchivedUserLink.objects.filter(org_id=org_id).select_related("membership"):
        user = SalesforceUser(
            kept.salesforce_user_id,
            "",
            kept.salesforce_username,
            "",
            is_active=True,
            time_zone=kept.salesforce_time_zone,
        )
        restored += _store(kept.membership, user)
    ArchivedUserLink.objects.filter(org_id=org_id).delete()
    return restored


def _store(member: Membership, user: SalesforceUser, *, whoever_it_was: bool = False) -> int:
    """1, or 0 where a person was faster or another member is linked to this user."""
    rows = Membership.objects.filter(pk=member.pk)
    try:
        with transaction.atomic():
            return (rows if whoever_it_was else rows.filter(salesforce_user_id="")).update(
                salesforce_user_id=user.user_id,
                salesforce_username=user.username[:120],
                salesforce_time_zone=user.time_zone,
            )
    except IntegrityError:
        return 0


def _describe(member: Membership) -> dict[str, str]:
    if not member.salesforce_user_id:
        return {}
    return {
        "salesforce_user_id": member.salesforce_user_id,
        "username": member.salesforce_username,
    }
