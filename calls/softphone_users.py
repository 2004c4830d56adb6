"""Who may use the softphone: added in bulk by filter, removed with their panels (CRC-09, 10)."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet

from calls.models import SoftphoneUser
from calls.panel_sessions import end_sessions_of
from integrations.audit import record
from integrations.models import Membership, User
from integrations.roles import ROLE_CAPABILITIES, Capability

#: Without one of these roles nobody may use the softphone, listed or not.
SOFTPHONE_ROLES = frozenset(
    role for role, held in ROLE_CAPABILITIES.items() if Capability.USE_SOFTPHONE in held
)
#: Names in one line of the audit.
_NAMED = 200


def find_candidates(term: str = "", role: str = "") -> QuerySet[Membership]:
    """Active members who could be added; without filters all of them (CRC-10).

    ``term`` is the beginning of names or of a mail address.
    """
    members = Membership.objects.active().filter(
        softphone_user=None, role_grants__role__in=SOFTPHONE_ROLES
    )
    for word in term.split():
        members = members.filter(
            Q(user__email__istartswith=word)
            | Q(user__first_name__istartswith=word)
            | Q(user__last_name__istartswith=word)
        )
    if role:
        members = members.filter(pk__in=Membership.objects.filter(role_grants__role=role))
    return members.distinct().order_by("user__email")


def add_users(candidates: QuerySet[Membership], *, actor: User) -> int:
    """Put members on the list; who is there already stays as they are. Returns how many are new."""
    with transaction.atomic():
        members = list(candidates.select_related("user").select_for_update(of=("self",)))
        listed = SoftphoneUser.objects.filter(membership__in=members)
        known = set(listed.values_list("membership_id", flat=True))
        new = [one for one in members if one.pk not in known]
        SoftphoneUser.objects.bulk_create(
            [SoftphoneUser(workspace_id=one.workspace_id, membership=one) for one in new],
            ignore_conflicts=True,
        )
        if new:
            record(actor, "softphone_users.added", after={"members": _names(new)})
    return len(new)


def remove_users(users: Collection[SoftphoneUser], *, actor: User) -> int:
    """Take members off the list; their open panels end at once. Returns how many were on it."""
    members = [one.membership for one in users]
    with transaction.atomic():
        rows = SoftphoneUser.objects.filter(membership__in=members)
        removed = len(list(rows.select_for_update()))
        rows.delete()
        for one in members:
            end_sessions_of(one)
        if removed:
            record(actor, "softphone_users.removed", before={"members": _names(members)})
    return removed


def give_licence(users: Collection[SoftphoneUser], licence: str, *, actor: User) -> int:
    """Give members a CRM licence, or take it away (K-09). Returns how many had another one."""
    with transaction.atomic():
        members = Membership.objects.filter(pk__in=[one.membership_id for one in users]).exclude(
            crm_licence=licence
        )
        changed = list(members.select_related("user").select_for_update(of=("self",)))
        for one in changed:
            record(
                actor,
                "membership.licence_changed",
                str(one),
                before={"crm_licence": one.crm_licence},
                after={"crm_licence": licence},
            )
        Membership.objects.filter(pk__in=[one.pk for one in changed]).update(crm_licence=licence)
    return len(changed)


def end_softphone_of(membership: Membership) -> None:
    """A membership ends: whoever comes back must be added anew."""
    SoftphoneUser.objects.filter(membership=membership).delete()


def _names(members: Collection[Membership]) -> list[str]:
    names = [one.user.email for one in members]
    more = len(names) - _NAMED
    return names if more <= 0 else [*names[:_NAMED], f"and {more} more"]
