"""/w/<slug>/ in the address: links stay inside, pages outside are reached, times are local."""

import pytest
from django.test import Client
from django.urls import get_script_prefix, reverse
from django.utils import timezone

from integrations.addresses import (
    console_url,
    installation_prefix,
    root_url,
    script_prefix,
    split_workspace_path,
)
from integrations.middleware import LAST_WORKSPACE_KEY
from integrations.models import AuditEntry, Team
from integrations.tenancy import WorkspaceScopeMissing, current_workspace_id
from tests.factories import NOON, make_member, make_workspace


@pytest.mark.parametrize(
    ("path", "slug", "rest"),
    [
        ("/w/acme/", "acme", "/"),
        ("/w/acme/calls/call/", "acme", "/calls/call/"),
        ("/w/acme", "acme", ""),
        ("/w/acme/w/globex/", "acme", "/w/globex/"),
    ],
)
def test_paths_are_split_at_the_workspace(path: str, slug: str, rest: str) -> None:
    assert split_workspace_path(path) == (slug, rest)


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/w/", "/w//x/", "/worker/acme/"])
def test_other_paths_belong_to_no_workspace(path: str) -> None:
    assert split_workspace_path(path) is None


@pytest.mark.parametrize("prefix", ["/", "/w/acme/", "/under/", "/under/w/acme/"])
def test_pages_outside_are_reached_from_anywhere(prefix: str) -> None:
    base = "/under" if prefix.startswith("/under") else ""
    with script_prefix(prefix):
        assert root_url("account_login") == f"{base}/accounts/login/"
        assert installation_prefix() == f"{base}/"
        assert get_script_prefix() == prefix


@pytest.mark.django_db
def test_console_pages_are_reached_from_anywhere() -> None:
    globex = make_workspace("Globex")
    for prefix in ("/", "/w/acme/"):
        with script_prefix(prefix):
            assert console_url(globex, "index") == f"/w/{globex.slug}/"


@pytest.mark.django_db
def test_links_of_a_page_carry_its_workspace(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("owner",)).user)
    text = client.get(f"/w/{acme.slug}/integrations/team/").content.decode()
    assert f'href="/w/{acme.slug}/integrations/team/add/"' in text
    assert 'href="/integrations/' not in text


@pytest.mark.django_db
def test_the_script_prefix_and_the_scope_end_with_the_request(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme).user)
    client.get(f"/w/{acme.slug}/")
    client.get(f"/w/{acme.slug}/no/such/page/")
    assert get_script_prefix() == "/"
    assert reverse("account_login") == "/accounts/login/"
    with pytest.raises(WorkspaceScopeMissing):
        current_workspace_id()


@pytest.mark.django_db
def test_a_missing_slash_is_added_and_the_query_kept(client: Client) -> None:
    response = client.get("/w/acme?tab=1")
    assert (response.status_code, response["Location"]) == (301, "/w/acme/?tab=1")


@pytest.mark.django_db
def test_sign_in_leads_back_to_the_page_that_was_asked_for(client: Client) -> None:
    acme = make_workspace()
    response = client.get(f"/w/{acme.slug}/integrations/team/?q=x")
    assert response["Location"] == (
        f"/accounts/login/?next=/w/{acme.slug}/integrations/team/%3Fq%3Dx"
    )


@pytest.mark.django_db
def test_a_poll_after_sign_out_moves_the_whole_page(client: Client) -> None:
    acme = make_workspace()
    response = client.get(f"/w/{acme.slug}/home/live/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (401, "/accounts/login/")


@pytest.mark.django_db
def test_the_session_remembers_the_last_workspace_but_not_by_polls(client: Client) -> None:
    acme, globex = make_workspace("Acme"), make_workspace("Globex")
    member = make_member(acme)
    make_member(globex, user=member.user)
    client.force_login(member.user)
    client.get(f"/w/{acme.slug}/")
    assert client.session[LAST_WORKSPACE_KEY] == acme.slug
    client.get(f"/w/{globex.slug}/home/live/", headers={"HX-Request": "true"})
    assert client.session[LAST_WORKSPACE_KEY] == acme.slug


@pytest.mark.django_db
def test_times_are_shown_where_the_member_is(client: Client) -> None:
    acme = make_workspace(time_zone="America/New_York")
    member = make_member(acme, roles=("owner",), time_zone="Asia/Tokyo")
    AuditEntry.unscoped.create(workspace=acme, action="team.added", created_at=NOON)
    client.force_login(member.user)
    response = client.get(f"/w/{acme.slug}/integrations/auditentry/")
    assert "2026-11-16 21:00:00 Asia/Tokyo" in response.content.decode()
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.django_db
def test_a_console_page_answers_in_few_queries(
    client: Client, django_assert_max_num_queries: object
) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("owner",)).user)
    for number in range(30):
        Team.unscoped.create(workspace=acme, name=f"Team {number}")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get(f"/w/{acme.slug}/integrations/team/")
