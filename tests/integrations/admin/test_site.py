"""The console's frame: menu by role, switcher, search, signing out; and the operators' site."""

from unittest.mock import Mock

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client, override_settings
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from integrations.admin.pagination import COUNT_CAP, CappedCount
from integrations.models import Team, User
from tests.factories import make_member, make_user, make_workspace

pytestmark = pytest.mark.django_db


def _text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_the_menu_offers_what_the_roles_allow(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("admin",)).user)
    assert f'href="/w/{acme.slug}/integrations/membership/"' in _text(client, f"/w/{acme.slug}/")
    client.force_login(make_member(acme, roles=("call_agent",)).user)
    assert "/integrations/membership/" not in _text(client, f"/w/{acme.slug}/")


def test_a_refusal_stays_in_the_frame_and_names_what_is_missing(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("call_agent",)).user)
    response = client.get(f"/w/{acme.slug}/integrations/membership/")
    assert response.status_code == 403
    assert "An admin of this workspace can change your roles." in response.content.decode()
    missing = client.get(f"/w/{acme.slug}/no/such/page/")
    assert missing.status_code == 404
    assert f'href="/w/{acme.slug}/"' in missing.content.decode()


def test_the_switcher_lists_the_visitors_workspaces_only(client: Client) -> None:
    acme, globex, secret = (make_workspace(name) for name in ("Acme", "Globex", "Initech"))
    member = make_member(acme)
    make_member(globex, user=member.user)
    make_member(secret, user=member.user, is_active=False)
    client.force_login(member.user)
    page = _text(client, f"/w/{acme.slug}/")
    assert f'href="/w/{globex.slug}/"' in page
    assert "Initech" not in page


def test_the_demo_wears_a_badge(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme).user)
    assert ">Demo<" not in _text(client, f"/w/{acme.slug}/").replace("\n", "").replace(" ", "")
    with override_settings(DEMO=True):
        page = _text(client, f"/w/{acme.slug}/").replace("\n", "").replace(" ", "")
    assert ">Demo<" in page


def test_search_finds_pages_and_rows_that_the_member_may_see(client: Client) -> None:
    acme = make_workspace()
    team = Team.unscoped.create(workspace=acme, name="Salespeople")
    address = f"/w/{acme.slug}/search/?s=sale"
    client.force_login(make_member(acme, roles=("admin",)).user)
    assert f"/integrations/team/{team.pk}/change/" in _text(client, address)
    assert "Home" in _text(client, f"/w/{acme.slug}/search/?s=home")
    assert _text(client, f"/w/{acme.slug}/search/?s=s").strip() == "", "too short to search for"
    assert "Nothing found" in _text(client, f"/w/{acme.slug}/search/?s=zebra")
    client.force_login(make_member(acme, roles=("call_agent",)).user)
    assert "Salespeople" not in _text(client, address)


def test_signing_out_and_passwords_are_the_account_pages_business(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme).user)
    out = client.post(f"/w/{acme.slug}/logout/")
    assert (out.status_code, out["Location"]) == (307, "/accounts/logout/")
    password = client.get(f"/w/{acme.slug}/password_change/")
    assert password["Location"] == "/accounts/password/change/"
    again = client.get(f"/w/{acme.slug}/login/")
    assert again["Location"] == "/", "signed in already: no circle"


def test_django_history_pages_are_closed(client: Client) -> None:
    acme = make_workspace()
    team = Team.unscoped.create(workspace=acme, name="Sales")
    client.force_login(make_member(acme, roles=("owner",)).user)
    base = f"/w/{acme.slug}/integrations/team/{team.pk}"
    assert client.get(f"{base}/history/").status_code == 404
    assert client.get(f"/w/{acme.slug}/r/1/{team.pk}/").status_code == 404


def test_counts_stop_at_the_cap_and_say_so() -> None:
    assert str(CappedCount(1_999)) == "1,999"
    assert str(CappedCount(COUNT_CAP)) == "2,000+"


def _operator(*, is_superuser: bool = False) -> User:
    return make_user(is_staff=True, is_superuser=is_superuser)


def test_operators_need_a_second_factor(client: Client) -> None:
    operator = _operator()
    client.force_login(operator)
    response = client.get("/ops/", follow=True)
    assert [step[0] for step in response.redirect_chain][-1] == "/accounts/2fa/"

    Authenticator.objects.create(
        user=operator, type=Authenticator.Type.TOTP, data={"secret": "sealed"}
    )
    assert client.get("/ops/").status_code == 200
    assert client.get("/ops/queues/0/").status_code == 200
    assert client.get("/ops/stats.json").status_code == 200


def test_operators_are_told_when_redis_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = _operator()
    Authenticator.objects.create(
        user=operator, type=Authenticator.Type.TOTP, data={"secret": "sealed"}
    )
    client.force_login(operator)
    with monkeypatch.context() as patch:
        patch.setattr(Redis, "execute_command", Mock(side_effect=RedisConnectionError))
        response = client.get("/ops/queues/0/")
    assert response.status_code == 503
    assert "Redis does not answer" in response.content.decode()


def test_nobody_else_gets_into_operations(client: Client) -> None:
    addresses = ("/ops/", "/ops/queues/0/", "/ops/stats.json", "/ops/metrics")
    for address in addresses:
        assert client.get(address).status_code == 302
    owner = make_member(make_workspace(), roles=("owner",))
    client.force_login(owner.user)
    for address in addresses:
        assert client.get(address, follow=True).status_code == 403


def test_operations_show_no_workspace_data(client: Client) -> None:
    operator = _operator(is_superuser=True)
    Authenticator.objects.create(
        user=operator, type=Authenticator.Type.TOTP, data={"secret": "sealed"}
    )
    make_workspace("Acme Confidential")
    client.force_login(operator)
    assert "Acme Confidential" not in _text(client, "/ops/")
    assert client.get("/ops/integrations/").status_code == 404
