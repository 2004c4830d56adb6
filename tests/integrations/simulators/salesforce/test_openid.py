"""Discovery, id tokens and introspection; how long tokens live; what the endpoint can refuse."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests

from tests.integrations.simulators.org_client import APP, CALLBACK, NO_PKCE_APP, OrgClient, refused

VERIFIER = "verifier-" * 6
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
AUTHORIZE = {
    "response_type": "code",
    "client_id": APP.consumer_key,
    "redirect_uri": CALLBACK,
    "code_challenge": CHALLENGE.decode(),
    "scope": "openid api refresh_token",
    "nonce": "n-1",
}


def _post(org: OrgClient, path: str, **form: str) -> requests.Response:
    client = {"client_id": APP.consumer_key, "client_secret": APP.consumer_secret}
    return requests.post(f"{org.url}/services/oauth2/{path}", data=client | form, timeout=5)


def _refresh(org: OrgClient) -> requests.Response:
    return _post(
        org, "token", grant_type="refresh_token", refresh_token=org.tokens["refresh_token"]
    )


def _authorize(org: OrgClient) -> Any:
    """Allow the app as an agent; the token answer."""
    decided = requests.post(
        f"{org.url}/services/oauth2/authorize",
        data={**AUTHORIZE, "user_id": org.user_id("agent@acme.test"), "decision": "allow"},
        allow_redirects=False,
        timeout=5,
    )
    code = parse_qs(urlsplit(decided.headers["location"]).query)["code"][0]
    form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return _post(org, "token", grant_type="authorization_code", **form).json()


def test_discovery_leads_to_endpoints_that_exist(org: OrgClient) -> None:
    told = requests.get(f"{org.url}/.well-known/openid-configuration", timeout=5).json()
    assert told["issuer"] == org.url
    for name in ("authorization", "token", "revocation", "userinfo", "introspection"):
        assert requests.get(told[f"{name}_endpoint"], timeout=5).status_code != 404
    assert "refresh_token" in told["scopes_supported"]


def test_an_id_token_can_be_verified_with_the_published_key(org: OrgClient) -> None:
    tokens = _authorize(org)
    (key,) = requests.get(f"{org.url}/id/keys", timeout=5).json()["keys"]
    claims = jwt.decode(
        tokens["id_token"],
        jwt.PyJWK(key).key,
        algorithms=["RS256"],
        audience=APP.consumer_key,
        issuer=org.url,
    )
    assert claims["sub"] == tokens["id"]
    assert (claims["nonce"], claims["preferred_username"]) == ("n-1", "agent@acme.test")
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def test_there_is_no_id_token_without_the_scope_or_the_switch(org: OrgClient) -> None:
    assert "id_token" in org.tokens
    assert "id_token" not in org.act("issue-tokens", username="sync@acme.test", scope="api")
    org.act("set-id-token", on=False)
    assert "id_token" not in _authorize(org)


def test_introspection_tells_what_a_token_is_worth(org: OrgClient) -> None:
    told = _post(org, "introspect", token=org.tokens["access_token"]).json()
    assert told["active"] is True
    assert (told["username"], told["token_type"]) == ("sync@acme.test", "access_token")
    assert set(told["scope"].split()) == {"api", "id", "openid", "refresh_token"}
    assert told["exp"] - told["iat"] == 7_200
    assert told["client_id"] == APP.consumer_key
    refresh = _post(org, "introspect", token=org.tokens["refresh_token"]).json()
    assert refresh["token_type"] == "refresh_token"
    org.act("expire-access-tokens")
    dead = _post(org, "introspect", token=org.tokens["access_token"])
    assert (dead.status_code, dead.json()) == (200, {"active": False})


def test_an_app_introspects_its_own_tokens_only(org: OrgClient) -> None:
    other = {"client_id": NO_PKCE_APP.consumer_key, "client_secret": NO_PKCE_APP.consumer_secret}
    answer = _post(org, "introspect", token=org.tokens["access_token"], **other)
    assert answer.json() == {"active": False}
    wrong = _post(org, "introspect", token="x", client_secret="wrong")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")


def test_a_session_ends_after_two_hours_without_requests(org: OrgClient) -> None:
    org.act("let-time-pass", seconds=7_000)
    assert org.call("GET", "limits").status_code == 200  # which begins the two hours anew
    org.act("let-time-pass", seconds=7_000)
    assert org.call("GET", "limits").status_code == 200
    org.act("let-time-pass", seconds=7_300)
    assert refused(org.call("GET", "limits")) == (401, "INVALID_SESSION_ID")
    assert _refresh(org).status_code == 200


def test_a_grant_ends_after_thirty_days_without_a_refresh(org: OrgClient) -> None:
    org.act("let-time-pass", seconds=29 * 86_400)
    org.tokens = _refresh(org).json()
    org.act("let-time-pass", seconds=29 * 86_400)
    org.tokens = _refresh(org).json()
    org.act("let-time-pass", seconds=31 * 86_400)
    answer = _refresh(org)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "expired access/refresh token",
    }
    assert org.records("grants")[0]["revoked"] == 1


def test_policy_zero_makes_refresh_tokens_useless(org: OrgClient) -> None:
    org.act("set-token-life", refresh_idle_seconds=0)
    assert _refresh(org).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("error", "description"),
    [
        ("invalid_grant", "ip restricted"),
        ("invalid_grant", "inactive organization"),
        ("invalid_app_access", "user is not admin approved to access this app"),
        ("unknown_error", "retry your request"),
    ],
)
def test_the_token_endpoint_says_what_it_is_told_to(
    org: OrgClient, error: str, description: str
) -> None:
    org.act("refuse-tokens", error=error, description=description, times=1)
    answer = _refresh(org)
    assert answer.status_code == 400
    assert answer.json() == {"error": error, "error_description": description}
    assert _refresh(org).status_code == 200  # the refused one was not used up


def test_an_app_that_is_not_installed_ends_on_a_page(org: OrgClient) -> None:
    org.act("set-app-installed", on=False)
    page = requests.get(f"{org.url}/services/oauth2/authorize", params=AUTHORIZE, timeout=5)
    assert page.status_code == 400
    assert "OAUTH_APPROVAL_ERROR_GENERIC" in page.text
