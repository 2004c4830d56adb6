"""The door of the API: who comes in, how often, and what the others are told."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.api_keys import find_key, make_key, revoke_key
from integrations.api_scopes import ApiScope
from integrations.memberships import deactivate
from integrations.models import ApiKey, AuditEntry, Membership, Workspace
from integrations.redaction import redact
from integrations.tenancy import workspace_scope
from tests.factories import make_call, make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Workspace:
    return make_workspace()


def _key(member: Membership, *scopes: ApiScope, **more: object) -> tuple[ApiKey, str]:
    with workspace_scope(member.workspace_id):
        return make_key(member, "Warehouse", scopes or list(ApiScope), **more)  # type: ignore[arg-type]


def _get(client: Client, address: str, text: str = "") -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {text}"} if text else {}
    response = client.get(f"/api/v1/{address}", headers=headers)
    return response.status_code, response.json()


def test_a_key_reads_the_calls_of_its_workspace_and_no_other(
    client: Client, acme: Workspace
) -> None:
    _, text = _key(make_member(acme))
    own, foreign = make_call(acme), make_call(make_workspace("Globex"))
    status, call = _get(client, f"calls/{own.pk}/", text)
    assert (status, call["id"], call["phone"]) == (200, own.pk, "+14155550123")
    for missing in (foreign.pk, 10**9):
        status, problem = _get(client, f"calls/{missing}/", text)
        assert (status, problem["code"]) == (404, "not_found")


def test_what_is_no_live_key_is_told_so_without_more(client: Client, acme: Workspace) -> None:
    member = make_member(acme)
    past = timezone.now() - timedelta(seconds=1)
    revoked, revoked_text = _key(member)
    with workspace_scope(acme):
        revoke_key(revoked, actor=member.user)
        revoke_key(revoked, actor=member.user)
    _, text = _key(member)
    mark, public, secret = text.split("_")
    wrong = {
        "nothing": "",
        "no key": "hello",
        "another secret": f"{mark}_{public}_{secret[::-1]}",
        "the public half": f"{mark}_{public}_",
        "another mark": f"xyz_{public}_{secret}",
        "not ascii": f"{mark}_{public}_\xe9",
        "revoked": revoked_text,
        "expired": _key(member, expires_at=past)[1],
    }
    for what, tried in wrong.items():
        response = client.get("/api/v1/calls/1/", headers={"Authorization": f"Bearer {tried}"})
        assert response.status_code == 401, what
        assert response["WWW-Authenticate"].startswith("Bearer"), what
        assert response.json()["code"] in {"not_authenticated", "authentication_failed"}, what
    assert list(AuditEntry.unscoped.values_list("action", flat=True)).count("api_key.revoked") == 1


def test_a_key_without_the_scope_is_refused(client: Client, acme: Workspace) -> None:
    key, text = _key(make_member(acme))
    ApiKey.unscoped.filter(pk=key.pk).update(scopes=[])
    status, problem = _get(client, f"calls/{make_call(acme).pk}/", text)
    assert (status, problem["code"]) == (403, "permission_denied")


def test_a_persons_keys_end_with_the_membership(client: Client, acme: Workspace) -> None:
    owner, leaver = make_member(acme, roles=("owner",)), make_member(acme)
    _, kept = _key(owner)
    left, text = _key(leaver)
    with workspace_scope(acme):
        deactivate(leaver, actor=owner.user)
        left.refresh_from_db()
        assert left.revoked_at is not None
    assert find_key(text) is None
    assert find_key(kept) is not None


def test_too_many_requests_are_told_when_to_come_again(
    client: Client, acme: Workspace, settings: Settings
) -> None:
    _, text = _key(make_member(acme))
    settings.API_KEY_RATE_LIMIT = "1/hour"
    statuses = [_get(client, "calls/1/", text)[0] for _ in range(2)]
    assert statuses == [404, 429]
    settings.API_ADDRESS_RATE_LIMIT = "1/day"
    # Guesses count too, and are refused before any key is looked at.
    client.get("/api/v1/calls/1/", headers={"Authorization": "Bearer guess"})
    refused = client.get("/api/v1/calls/1/", headers={"Authorization": "Bearer guess"})
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 86_400
    assert refused.json()["code"] == "throttled"


def test_a_session_opens_nothing_and_none_is_made(client: Client, acme: Workspace) -> None:
    member = make_member(acme, roles=("owner",))
    client.force_login(member.user)
    address = f"/api/v1/calls/{make_call(acme).pk}/"
    assert client.get(address).status_code == 401
    _, text = _key(member)
    headers = {"Authorization": f"Bearer {text}", "Accept": "text/html"}
    stranger = Client(enforce_csrf_checks=True)
    response = stranger.get(address, headers=headers)
    assert response.status_code == 406, "there is no page to browse"
    response = stranger.post(address, headers={**headers, "Accept": "application/json"})
    assert response.status_code == 403, "no scope for it; not a matter of CSRF"
    assert not response.cookies
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


def test_an_address_that_is_not_there_answers_in_the_same_shape(client: Client) -> None:
    status, problem = _get(client, "nothing/here/")
    assert (status, set(problem)) == (404, {"status", "code", "detail", "faults"})


def test_keys_are_stored_as_digests_and_masked_in_logs(acme: Workspace) -> None:
    key, text = _key(make_member(acme))
    secret = text.rsplit("_", 1)[1]
    assert secret not in str(ApiKey.unscoped.filter(pk=key.pk).values().get())
    assert secret not in str(list(AuditEntry.unscoped.values()))
    assert secret not in redact(f"used {text} there")


def test_the_last_use_is_noted(client: Client, acme: Workspace) -> None:
    key, text = _key(make_member(acme))
    _get(client, "calls/1/", text)
    key = ApiKey.unscoped.get(pk=key.pk)
    assert key.last_used_at is not None
