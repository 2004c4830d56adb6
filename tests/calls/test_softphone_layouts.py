"""Which layout a member has, and what the database holds about layouts and their assignments."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from calls.layout_settings import SEARCHED_OBJECTS, LayoutSettings, Matches, Pop, PopKind
from calls.models import CallLeg, SoftphoneLayout, SoftphoneLayoutAssignment, SoftphoneUser
from calls.softphone_layouts import layout_for, layouts_for, make_default, searched_objects_of
from integrations.models import AuditEntry, Membership, Workspace
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Any:
    workspace = make_workspace()
    with workspace_scope(workspace):
        yield workspace


def layout(workspace: Workspace, makes: str, *, is_default: bool = False) -> SoftphoneLayout:
    """A layout that is known by what New makes."""
    pops = {**LayoutSettings().pops, Matches.NONE: Pop(PopKind.ENTITY, makes)}
    return SoftphoneLayout.objects.create(
        workspace=workspace,
        name=makes,
        is_default=is_default,
        settings=LayoutSettings(pops=pops).to_json(),
    )


def give(chosen: SoftphoneLayout, *, to: Membership | None = None, role: str = "") -> None:
    SoftphoneLayoutAssignment.objects.create(
        workspace=chosen.workspace, layout=chosen, membership=to, role=role
    )


def test_a_member_s_own_layout_goes_before_the_role_s_and_that_before_the_default(
    acme: Workspace,
) -> None:
    agent, manager = make_member(acme, ("call_agent",)), make_member(acme, ("call_manager",))
    assert layout_for(agent) == LayoutSettings(), "before there is a layout at all"
    layout(acme, "Account", is_default=True)
    assert layout_for(agent).new_object == "Account"
    give(layout(acme, "Contact"), role="call_agent")
    assert layout_for(agent).new_object == "Contact"
    give(layout(acme, "Case"), to=agent)
    assert layout_for(agent).new_object == "Case"
    assert layout_for(manager).new_object == "Account"


def test_of_several_roles_the_first_in_the_list_of_roles_counts(acme: Workspace) -> None:
    both = make_member(acme, ("call_agent", "call_manager"))
    give(layout(acme, "Contact"), role="call_agent")
    give(layout(acme, "Account"), role="call_manager")
    assert layout_for(both).new_object == "Account"


def test_layouts_of_many_members_take_as_many_queries_as_of_one(
    acme: Workspace, django_assert_max_num_queries: Any
) -> None:
    give(layout(acme, "Contact"), role="call_agent")
    members = [make_member(acme, ("call_agent",)) for _number in range(5)]
    with django_assert_max_num_queries(3):
        found = layouts_for([one.pk for one in members])
    assert {one.new_object for one in found.values()} == {"Contact"}


def test_layouts_of_another_workspace_do_not_count(acme: Workspace) -> None:
    elsewhere = make_workspace("Elsewhere")
    with workspace_scope(elsewhere):
        give(layout(elsewhere, "Case", is_default=True), role="call_agent")
    assert layout_for(make_member(acme, ("call_agent",))).new_object == "Lead"


def test_the_database_keeps_one_default_and_one_layout_a_member_and_role(acme: Workspace) -> None:
    first, second = layout(acme, "Lead", is_default=True), layout(acme, "Contact")
    agent = make_member(acme, ("call_agent",))
    give(first, to=agent)
    give(first, role="call_agent")
    SoftphoneUser.objects.create(workspace=acme, membership=agent)
    for refused in (
        lambda: layout(acme, "Case", is_default=True),
        lambda: layout(acme, "Contact"),
        lambda: give(second, to=agent),
        lambda: give(second, role="call_agent"),
        lambda: give(second),
        lambda: give(second, to=make_member(acme), role="admin"),
        lambda: SoftphoneUser.objects.create(workspace=acme, membership=agent),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            refused()


def test_another_default_takes_over_and_the_audit_says_so(acme: Workspace) -> None:
    first, second = layout(acme, "Lead", is_default=True), layout(acme, "Contact")
    actor = make_member(acme).user
    make_default(second, actor=actor)
    make_default(second, actor=actor)
    assert list(SoftphoneLayout.objects.filter(is_default=True)) == [second]
    entry = AuditEntry.objects.get(action="softphonelayout.made_default")
    assert (entry.before, entry.after) == ({"default": first.name}, {"default": second.name})


def test_what_a_plan_searched_is_pinned_until_a_late_event_tells_another_direction(
    acme: Workspace,
) -> None:
    """A leg may look internal until the transfer that reached it is known."""
    agent = make_member(acme, ("call_agent",))
    leg = CallLeg(leg_key="leg-2", membership=agent, direction="internal")
    earlier = {"legs": [{"leg_key": "leg-2", "direction": "internal", "searched_objects": []}]}
    assert searched_objects_of([leg], earlier) == {"leg-2": frozenset()}
    leg.direction = "inbound"
    assert searched_objects_of([leg], earlier) == {"leg-2": frozenset(SEARCHED_OBJECTS)}
    pinned = {"legs": [{"leg_key": "leg-2", "direction": "inbound", "searched_objects": ["Lead"]}]}
    assert searched_objects_of([leg], pinned) == {"leg-2": frozenset({"Lead"})}
