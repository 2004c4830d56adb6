"""Which softphone layout a member has, and the changes of layouts (CRC-16 to CRC-18, CRC-35)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from django.db import transaction
from django.db.models import Q

from calls.events import Direction as DirectionWord
from calls.layout_file import read_layout
from calls.layout_settings import LayoutSettings
from calls.models import CallLeg, SoftphoneLayout, SoftphoneLayoutAssignment
from integrations.audit import record
from integrations.models import Membership, RoleGrant, User
from integrations.roles import Role
from integrations.tenancy import current_workspace_id

DEFAULT_NAME = "Default"


def layout_for(membership: Membership) -> LayoutSettings:
    """What holds for a member: their own layout, else their role's, else the default."""
    return layouts_for([membership.pk])[membership.pk]


def layouts_for(membership_ids: Collection[int]) -> Mapping[int, LayoutSettings]:
    """The layouts of several members by id, in a constant number of queries.

    Where several roles of one member have a layout, the first role counts in the order in which
    roles are listed everywhere: owner, admin and so on.
    """
    rows = layout_rows_for(membership_ids)
    read = {row.pk: read_layout(row.settings) for row in rows.values() if row}
    return {pk: read[row.pk] if row else LayoutSettings() for pk, row in rows.items()}


def layout_rows_for(
    membership_ids: Collection[int],
) -> Mapping[int, SoftphoneLayout | None]:
    """The rows of the layouts that members have; None while the workspace has no layout at all."""
    assignments = SoftphoneLayoutAssignment.objects.filter(
        Q(membership__in=membership_ids) | Q(membership=None)
    ).select_related("layout")
    by_member = {one.membership_id: one.layout for one in assignments if one.membership_id}
    by_role = {one.role: one.layout for one in assignments if one.role}
    held = _roles_of(membership_ids) if by_role else {}
    default = SoftphoneLayout.objects.filter(is_default=True).first()
    return {
        pk: by_member.get(pk) or _of_roles(held.get(pk, set()), by_role) or default
        for pk in membership_ids
    }


def searched_objects_of(
    legs: Sequence[CallLeg], earlier: Mapping[str, Any]
) -> Mapping[str, frozenset[str]]:
    """By leg what its member's layout has searched (CRC-36); absent for legs of nobody.

    ``earlier`` are the facts of the call's last plan. What they say of a leg is pinned: another
    layout holds for later calls. But not what they say of another direction: until a late event
    tells who was transferred, their leg may look internal, for which nothing is searched.
    """
    directions = {leg.leg_key: leg.direction for leg in legs}
    found = {
        one["leg_key"]: frozenset(one["searched_objects"])
        for one in earlier.get("legs", ())
        if one.get("searched_objects") is not None
        and one["direction"] == directions.get(one["leg_key"])
    }
    new = {
        leg.leg_key: (leg.membership_id, cast("DirectionWord", leg.direction))
        for leg in legs
        if leg.membership_id and leg.leg_key not in found
    }
    layouts = layouts_for({pk for pk, _direction in new.values()}) if new else {}
    return found | {key: layouts[pk].searched(direction) for key, (pk, direction) in new.items()}


def _roles_of(membership_ids: Collection[int]) -> Mapping[int, set[str]]:
    held: dict[int, set[str]] = {}
    grants = RoleGrant.objects.filter(membership__in=membership_ids)
    for pk, role in grants.values_list("membership_id", "role"):
        held.setdefault(pk, set()).add(role)
    return held


def _of_roles(
    held: Collection[str], by_role: Mapping[str, SoftphoneLayout]
) -> SoftphoneLayout | None:
    return next((by_role[role] for role in Role if role in held and role in by_role), None)


def begin_with_usual_layout() -> None:
    """Give the workspace in scope, which is new, Salesforce's defaults as its default layout."""
    SoftphoneLayout.objects.create(
        workspace_id=current_workspace_id(), name=DEFAULT_NAME, is_default=True
    )


def make_default(layout: SoftphoneLayout, *, actor: User) -> None:
    """Let a layout hold for everybody who was given none."""
    with transaction.atomic():
        others = list(SoftphoneLayout.objects.select_for_update().filter(is_default=True))
        if layout in others:
            return
        SoftphoneLayout.objects.filter(is_default=True).update(is_default=False)
        SoftphoneLayout.objects.filter(pk=layout.pk).update(is_default=True)
        record(
            actor,
            "softphonelayout.made_default",
            str(layout),
            before={"default": str(others[0]) if others else ""},
            after={"default": str(layout)},
        )


def import_layout(name: str, settings: LayoutSettings, *, actor: User) -> SoftphoneLayout:
    """Keep an imported layout: a new one, or the one of this name with other settings."""
    with transaction.atomic():
        row = SoftphoneLayout.objects.select_for_update().filter(name=name).first()
        before = row.settings if row else {}
        if row is None:
            row = SoftphoneLayout(workspace_id=current_workspace_id(), name=name)
            row.is_default = not SoftphoneLayout.objects.filter(is_default=True).exists()
        row.settings = settings.to_json()
        row.save()
        record(actor, "softphonelayout.imported", name, before=before, after=row.settings)
    return row
