"""Nobody sees or changes another workspace's rows, on any address of the console.

The walk reads the console's URL table and every model's fields: pages and admin classes that are
added later are covered without a line here. Rows of the other workspace carry ``FOREIGN``.
"""

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.management.color import no_style
from django.db import connection
from django.forms import ModelChoiceField
from django.test import Client, RequestFactory

from integrations.addresses import console_url
from integrations.admin.base import WorkspaceScopedAdmin, refuse_foreign_rows
from integrations.admin.site import console_site
from integrations.models import InboundEvent, Membership, RoleGrant, Team, Workspace
from integrations.roles import ROLE_CAPABILITIES, Role
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.integrations.admin.addresses_of_console import console_paths
from tests.integrations.admin.world import World

pytestmark = pytest.mark.django_db

OWN = "Ownmarkedrow"
FOREIGN = "Quaggamarked"
#: Finds the foreign rows, but is not their mark: pages repeat what was searched for.
FOREIGN_SEARCH = "Quagga"

ADMINS: list[WorkspaceScopedAdmin] = list(console_site._registry.values())


@pytest.fixture
def small_ids(db: None) -> None:
    """Ids begin at 1 in each table, so that few numbers name rows of all of them: PostgreSQL goes
    on counting where other tests ended."""
    tables = [model for model in apps.get_models() if model._meta.managed]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


@pytest.fixture
def ours(small_ids: None) -> World:
    return World(OWN)


@pytest.fixture
def theirs(small_ids: None, ours: World) -> World:
    return World(FOREIGN)


def _client_of(workspace: Workspace, *roles: str) -> Client:
    client = Client()
    client.force_login(make_member(workspace, roles=roles).user)
    return client


def _text(response: Any) -> str:
    body: bytes = response.getvalue()  # streamed or not
    return body.decode()


def _names(page: WorkspaceScopedAdmin) -> str:
    return f"{page.opts.app_label}_{page.opts.model_name}"


def test_anonymous_visitors_are_sent_to_sign_in_from_every_address(client: Client) -> None:
    acme = make_workspace()
    for path in console_paths(fill=1):
        for send in (client.get, client.post):
            response = send(f"/w/{acme.slug}/{path}")
            assert response.status_code == 302, path
            assert response["Location"].startswith("/accounts/login/"), path


def test_strangers_find_nothing_at_any_address(ours: World) -> None:
    stranger = _client_of(make_workspace("Elsewhere"), Role.OWNER)
    for path in console_paths(fill=ours.row(Team).pk):
        for send in (stranger.get, stranger.post):
            response = send(f"/w/{ours.workspace.slug}/{path}")
            assert response.status_code == 404, path
            assert OWN not in _text(response), path


def test_missing_and_foreign_workspaces_read_the_same(ours: World) -> None:
    stranger = _client_of(make_workspace("Elsewhere"), Role.OWNER)
    foreign = stranger.get(f"/w/{ours.workspace.slug}/")
    missing = stranger.get("/w/no-such-workspace/")
    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)


def test_ids_of_another_workspace_show_nothing_and_change_nothing(
    ours: World, theirs: World
) -> None:
    member = make_member(ours.workspace, roles=(Role.OWNER,), pk=max(theirs.ids()) + 1)
    owner = Client()
    owner.force_login(member.user)
    before = theirs.snapshot()
    for foreign_id in theirs.ids():
        for path in console_paths(fill=foreign_id):
            address = f"/w/{ours.workspace.slug}/{path}"
            shown = owner.get(address, follow=True)
            assert FOREIGN not in _text(shown), address
            sent = owner.post(address, _mischief(theirs, foreign_id))
            assert FOREIGN not in _text(sent), address
        assert theirs.snapshot() == before, foreign_id
    still_in = owner.get(f"/w/{ours.workspace.slug}/").status_code
    assert still_in == 200, "the walk ended its own membership and then saw nothing"


def _mischief(theirs: World, foreign_id: int) -> dict[str, Any]:
    """A body that names foreign rows in every way that a form or action understands."""
    return {
        "action": "delete_selected",
        "_selected_action": [str(foreign_id)],
        "select_across": "1",
        "post": "yes",
        "workspace": str(theirs.workspace.pk),
        "id": str(foreign_id),
        "name": "Taken over",
    }


@pytest.mark.parametrize("page", ADMINS, ids=_names)
def test_lists_show_own_rows_and_no_foreign_ones(
    page: WorkspaceScopedAdmin, ours: World, theirs: World
) -> None:
    owner = _client_of(ours.workspace, Role.OWNER)
    address = console_url(ours.workspace, f"{_names(page)}_changelist")
    shown = owner.get(address)
    assert shown.status_code == 200
    assert OWN in _text(shown), "not shown at all: does the row need a value in world._FITTING?"
    assert FOREIGN not in _text(shown)
    assert FOREIGN not in _text(owner.get(address, {"q": FOREIGN_SEARCH}))
    assert FOREIGN not in _text(owner.get(address, {"all": "1"}))


@pytest.mark.parametrize("page", ADMINS, ids=_names)
def test_parameters_cannot_ask_about_hidden_columns(
    page: WorkspaceScopedAdmin, ours: World
) -> None:
    owner = _client_of(ours.workspace, Role.OWNER)
    address = console_url(ours.workspace, f"{_names(page)}_changelist")
    for column in page.opts.concrete_fields:
        for lookup in ("startswith", "contains", "regex", "in"):
            response = owner.get(address, {f"{column.name}__{lookup}": "x"})
            assert response.status_code == 400, f"{column.name}__{lookup}"


@pytest.mark.parametrize("page", ADMINS, ids=_names)
def test_actions_reach_own_rows_only(
    page: WorkspaceScopedAdmin, ours: World, theirs: World
) -> None:
    owner = _client_of(ours.workspace, Role.OWNER)
    before = theirs.snapshot()
    names = [*page.actions, "delete_selected"]
    for name in (name if isinstance(name, str) else name.__name__ for name in names):
        owner.post(
            console_url(ours.workspace, f"{_names(page)}_changelist"),
            {
                "action": name,
                "_selected_action": [str(theirs.row(page.model).pk)],
                "select_across": "0",
                "post": "yes",
            },
        )
    assert theirs.snapshot() == before


@pytest.mark.parametrize("page", ADMINS, ids=_names)
def test_forms_neither_offer_nor_take_foreign_rows(
    page: WorkspaceScopedAdmin, ours: World, theirs: World
) -> None:
    owner = _client_of(ours.workspace, Role.OWNER)
    addresses = [console_url(ours.workspace, f"{_names(page)}_add")]
    addresses.append(console_url(ours.workspace, f"{_names(page)}_change", ours.row(page.model).pk))
    for address in addresses:
        shown = owner.get(address)
        assert FOREIGN not in _text(shown)
        form = getattr(shown.context.get("adminform"), "form", None) if shown.context else None
        for name, choice in form.fields.items() if form else ():
            if isinstance(choice, ModelChoiceField):
                _post_foreign_choice(owner, address, form, name, theirs)


def _post_foreign_choice(owner: Client, address: str, form: Any, name: str, theirs: World) -> None:
    data = {key: value for key, value in form.initial.items() if value is not None}
    data[name] = theirs.row(form.fields[name].queryset.model).pk
    answered = owner.post(address, data)
    assert answered.status_code == 200, "the form was taken"
    assert name in answered.context["adminform"].form.errors
    assert FOREIGN not in _text(answered)


@pytest.mark.parametrize("role", list(Role))
def test_every_page_opens_for_exactly_the_roles_of_the_table(role: Role, ours: World) -> None:
    client = _client_of(ours.workspace, role)
    held = ROLE_CAPABILITIES[role]
    for page in console_site.pages:
        path = page.route if "<" not in page.route else None
        if path is None:
            continue
        response = client.get(f"/w/{ours.workspace.slug}/{path}")
        assert (response.status_code != 403) == (page.capability in held), page.name
        if page.capability not in held:
            response = client.post(f"/w/{ours.workspace.slug}/{path}")
            assert response.status_code == 403, page.name


@pytest.mark.parametrize("role", list(Role))
def test_every_list_and_form_opens_for_exactly_the_roles_of_the_table(
    role: Role, ours: World
) -> None:
    client = _client_of(ours.workspace, role)
    held = ROLE_CAPABILITIES[role]
    for page in ADMINS:
        own_id = ours.row(page.model).pk
        expected = {
            console_url(ours.workspace, f"{_names(page)}_changelist"): page.view_capability,
            console_url(ours.workspace, f"{_names(page)}_add"): page.add_capability,
            # The row belongs to no member that we sign in as.
            console_url(ours.workspace, f"{_names(page)}_change", own_id): (
                page.every_row_capability or page.view_capability
            ),
            console_url(ours.workspace, f"{_names(page)}_delete", own_id): page.delete_capability,
        }
        for address, capability in expected.items():
            status = client.get(address).status_code
            assert (status == 200) == (capability in held), (address, status)
            assert status in (200, 403, 404), (address, status)


def test_two_tabs_on_two_workspaces_do_not_mix(ours: World, theirs: World) -> None:
    here = make_member(ours.workspace, roles=("owner",))
    make_member(theirs.workspace, roles=("owner",), user=here.user)
    client = Client()
    client.force_login(here.user)
    for page in ADMINS:
        name = f"{_names(page)}_changelist"
        for world, other in ((ours, theirs), (theirs, ours)):
            text = _text(client.get(console_url(world.workspace, name)))
            assert world.mark in text
            assert other.mark not in text
    for world, other in ((ours, theirs), (theirs, ours)):
        found = _text(client.get(console_url(world.workspace, "search"), {"s": "mark"}))
        assert other.mark not in found


def test_search_never_answers_from_another_workspace(ours: World, theirs: World) -> None:
    here = make_member(ours.workspace, roles=("owner",))
    make_member(theirs.workspace, roles=("owner",), user=here.user)
    client = Client()
    client.force_login(here.user)
    there = console_url(theirs.workspace, "search")
    assert FOREIGN in _text(client.get(there, {"s": FOREIGN_SEARCH}))
    assert FOREIGN not in _text(
        client.get(console_url(ours.workspace, "search"), {"s": FOREIGN_SEARCH})
    )


def test_losing_the_membership_closes_every_address_at_once(ours: World) -> None:
    member = make_member(ours.workspace, roles=("owner",))
    client = Client()
    client.force_login(member.user)
    assert client.get(f"/w/{ours.workspace.slug}/").status_code == 200

    member.is_active = False
    member.save(update_fields=["is_active"])

    for path in console_paths(fill=ours.row(Team).pk):
        response = client.get(f"/w/{ours.workspace.slug}/{path}")
        assert response.status_code == 404, path


def test_superusers_get_no_further_than_their_membership(ours: World) -> None:
    client = Client()
    member = make_member(make_workspace("Elsewhere"), roles=("owner",))
    member.user.is_superuser = member.user.is_staff = True
    member.user.save()
    client.force_login(member.user)
    assert client.get(f"/w/{ours.workspace.slug}/").status_code == 404


def test_a_row_that_points_abroad_is_refused(ours: World, theirs: World) -> None:
    event: InboundEvent = ours.row(InboundEvent)
    event.connection_id = theirs.row(InboundEvent).connection_id
    with pytest.raises(PermissionDenied):
        refuse_foreign_rows(event, ours.workspace.pk)


def test_deleting_never_reaches_abroad(ours: World, theirs: World) -> None:
    """No constraint of the database keeps a child from another workspace, so the page does."""
    row = ours.row(Membership)
    RoleGrant.unscoped.create(workspace=theirs.workspace, membership=row, role=Role.MEMBER)
    request = RequestFactory().get("/")
    request.membership = make_member(ours.workspace, roles=(Role.OWNER,))  # type: ignore[attr-defined]
    page = console_site.get_model_admin(Membership)
    with workspace_scope(ours.workspace), pytest.raises(PermissionDenied):
        page.get_deleted_objects([row], request)


def test_the_walk_meets_every_registered_page(ours: World) -> None:
    paths = set(console_paths(fill=1))
    for page in ADMINS:
        assert f"{page.opts.app_label}/{page.opts.model_name}/" in paths
    assert all("<" in page.route or page.route in paths for page in console_site.pages)
