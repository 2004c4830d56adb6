"""What is recorded in Salesforce for whom: what roles allow, narrowed by members (MIX-15, MIX-16).

Roles add up (RULES E1): a kind is allowed if any role of the member records it. A member can leave
out what is allowed and never add to it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.http import HttpRequest

from integrations import audit
from integrations.activity_kinds import ActivityKind
from integrations.models import Membership, PersonalRecording, RoleGrant, RoleRecording, User
from integrations.roles import Role
from integrations.tenancy import current_workspace_id

#: Who keeps a kind out of Salesforce; None is nobody.
WithheldBy = Literal["role", "member"] | None


@dataclass(frozen=True)
class Recording:
    """The effective choice of one member."""

    allowed: frozenset[ActivityKind]
    left_out: frozenset[str] = frozenset()
    all_messages: bool = False

    def withheld_by(self, kind: ActivityKind) -> WithheldBy:
        """Why a kind is not recorded."""
        if kind not in self.allowed:
            return "role"
        return "member" if kind in self.left_out else None


def recording_of(membership: Membership) -> Recording:
    """The effective choice of a member of the workspace in scope."""
    return recordings_of([membership.pk])[membership.pk]


def recordings_of(membership_ids: Collection[int]) -> Mapping[int, Recording]:
    """The effective choices of some members; at most three queries."""
    if not membership_ids:
        return {}
    chosen = {
        row.membership_id: row
        for row in PersonalRecording.objects.filter(membership__in=membership_ids)
    }
    allowed = _allowed(membership_ids)
    return {
        key: Recording(
            allowed[key],
            frozenset(chosen[key].left_out) if key in chosen else frozenset(),
            chosen[key].all_messages if key in chosen else False,
        )
        for key in membership_ids
    }


def _allowed(membership_ids: Collection[int]) -> Mapping[int, frozenset[ActivityKind]]:
    everything = frozenset(ActivityKind)
    by_role = role_recordings()
    if all(kinds == everything for kinds in by_role.values()):
        return dict.fromkeys(membership_ids, everything)
    allowed: dict[int, frozenset[ActivityKind]] = defaultdict(frozenset)
    for grant in RoleGrant.objects.filter(membership__in=membership_ids):
        allowed[grant.membership_id] |= by_role[Role(grant.role)]
    return allowed


def role_recordings() -> Mapping[Role, frozenset[ActivityKind]]:
    """The kinds that each role records in the workspace in scope."""
    left_out = dict(RoleRecording.objects.values_list("role", "left_out"))
    return {role: _without(left_out.get(role, ())) for role in Role}


def _without(left_out: Iterable[str]) -> frozenset[ActivityKind]:
    unwanted = frozenset(left_out)
    return frozenset(kind for kind in ActivityKind if kind not in unwanted)


def set_role_recordings(
    kinds_by_role: Mapping[Role, Collection[str]],
    *,
    actor: User,
    request: HttpRequest | None = None,
) -> bool:
    """Let each role record exactly these kinds; returns whether anything changed."""
    with transaction.atomic():
        before = role_recordings()
        after = {role: _kinds(kinds_by_role.get(role, ())) for role in Role}
        changed = [role for role in Role if before[role] != after[role]]
        for role in changed:
            _store(role, after[role])
        if changed:
            audit.record(
                actor,
                "recording.roles_changed",
                before={role.value: sorted(before[role]) for role in changed},
                after={role.value: sorted(after[role]) for role in changed},
                request=request,
            )
    return bool(changed)


def set_personal_recording(
    membership: Membership,
    kinds: Collection[str],
    *,
    all_messages: bool,
    request: HttpRequest | None = None,
) -> bool:
    """Record for a member, of what their roles allow, exactly these kinds.

    What the roles do not allow now, and kinds of another release, keep the choice that was made
    for them. Returns whether anything changed.
    """
    with transaction.atomic():
        before = recording_of(membership)
        kept = {value for value in before.left_out if value not in before.allowed}
        left_out = kept | {kind.value for kind in before.allowed if kind.value not in kinds}
        after = {"left_out": sorted(left_out), "all_messages": all_messages}
        stored = {"left_out": sorted(before.left_out), "all_messages": before.all_messages}
        if after == stored:
            return False
        PersonalRecording.objects.update_or_create(
            workspace_id=membership.workspace_id, membership=membership, defaults=after
        )
        audit.record(
            membership.user,
            "recording.personal_changed",
            str(membership.user),
            stored,
            after,
            request,
        )
    return True


def _store(role: Role, kinds: Collection[ActivityKind]) -> None:
    """Kinds of another release keep the choice that was made for them."""
    row, _is_new = RoleRecording.objects.get_or_create(
        workspace_id=current_workspace_id(), role=role
    )
    known = {kind.value for kind in ActivityKind}
    row.left_out = sorted({*set(row.left_out) - known, *known - {kind.value for kind in kinds}})
    row.save(update_fields=["left_out"])


def _kinds(values: Iterable[str]) -> frozenset[ActivityKind]:
    known = {kind.value for kind in ActivityKind}
    return frozenset(ActivityKind(value) for value in values if value in known)
