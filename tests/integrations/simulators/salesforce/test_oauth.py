"""OAuth over real HTTP: the page, codes, refresh with rotation, revocation."""

import base64
import hashlib
import hmac
import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from tests.integrations.simulators.org_client import (
    APP,
    CALLBACK,
    NO_PKCE_APP,
    SERVER_APP,
    OrgClient,
    refused,
)

VERIFIER = "v" * 171  # longer than the RFC allows, as jsforce sends it (reference 1.5)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")


def _ask(org: OrgClient, **changes: str | None) -> requests.Response:
    params: dict[str, str | None] = {
        "response_type": "code",
        "client_id": APP.consumer_key,
        "redirect_uri": CALLBACK,
        "code_challenge": CHALLENGE.decode(),
        "state": "s t&te",
        "scope": "api refresh_token",
    }
    given = {name: value for name, value in (params | changes).items() if value is not None}
    return org.session.get(
        f"{org.url}/services/oauth2/authorize", params=given, allow_redirects=False, timeout=5
    )


def _decide(org: OrgClient, page: requests.Response, decision: str, username: str) -> Any:
    """Press a button of the page; the query of the callback."""
    fields = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', page.text)
    }
    user_id = re.search(rf'value="(\w+)"[^>]*> [^<]*<small>\({username}\)', page.text)
    assert user_id is not None
    answer = org.session.post(
        f"{org.url}/services/oauth2/authorize",
        data={**fields, "user_id": user_id[1], "decision": decision},
        allow_redirects=False,
        timeout=5,
    )
    assert answer.status_code == 302
    return _callback(answer)


def _callback(answer: requests.Response) -> dict[str, str]:
    location = answer.headers["location"]
    assert location.startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def _token(org: OrgClient, **form: str) -> requests.Response:
    whole = {"client_id": APP.consumer_key, "client_secret": APP.consumer_secret, **form}
    return org.session.post(f"{org.url}/services/oauth2/token", data=whole, timeout=5)


def _code(org: OrgClient, username: str = "agent@acme.test", **changes: str | None) -> str:
    return str(_decide(org, _ask(org, **changes), "allow", username)["code"])


def _redeem(org: OrgClient, code: str, **form: str) -> requests.Response:
    whole = {"redirect_uri": CALLBACK, "code_verifier": VERIFIER, **form}
    return _token(org, grant_type="authorization_code", code=code, **whole)


def _refresh(org: OrgClient, token: str) -> requests.Response:
    return _token(org, grant_type="refresh_token", refresh_token=token)


def _error(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]


def test_allowing_leads_to_tokens_without_an_expiry(org: OrgClient) -> None:
    callback = _decide(org, _ask(org), "allow", "agent@acme.test")
    assert callback["state"] == "s t&te"
    assert callback["code"].endswith("==")
    answer = _redeem(org, callback["code"])
    tokens = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert set(tokens) == {
        "access_token",
        "refresh_token",
        "signature",
        "scope",
        "instance_url",
        "id",
        "token_type",
        "issued_at",
    }
    assert re.fullmatch(r"00D\w{12}![.\w]+", tokens["access_token"])
    assert tokens["instance_url"] == org.url
    assert set(tokens["scope"].split()) == {"api", "refresh_token"}
    assert isinstance(tokens["issued_at"], str)
    assert int(tokens["issued_at"]) > 1_700_000_000_000
    assert tokens["id"].endswith(org.user_id("agent@acme.test"))
    message = (tokens["id"] + tokens["issued_at"]).encode()
    mac = hmac.new(APP.consumer_secret.encode(), message, hashlib.sha256).digest()
    assert base64.b64decode(tokens["signature"]) == mac


def test_denying_comes_back_to_the_callback(org: OrgClient) -> None:
    assert _decide(org, _ask(org), "deny", "agent@acme.test") == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "s t&te",
    }


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"client_id": "wrong"}, "error=invalid_client_id"),
        ({"redirect_uri": CALLBACK.rstrip("/")}, "error=redirect_uri_mismatch"),
        ({"redirect_uri": "http://127.0.0.1:9999/callback/"}, "error=redirect_uri_mismatch"),
    ],
)
def test_some_errors_never_reach_the_callback(
    org: OrgClient, changes: dict[str, str], words: str
) -> None:
    answer = _ask(org, **changes)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert words in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"scope": "api full"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
def test_other_errors_do_before_anybody_logs_in(
    org: OrgClient, changes: dict[str, str | None], error: str
) -> None:
    callback = _callback(_ask(org, **changes))
    assert (callback["error"], callback["state"]) == (error, "s t&te")


def test_the_page_offers_active_users_only_and_escapes(org: OrgClient) -> None:
    org.act(
        "edit-record",
        sobject="User",
        id=org.user_id("member@acme.test"),
        fields={"LastName": "<script>"},
    )
    page = _ask(org, login_hint="agent@acme.test", state='"><script>')
    assert "left@acme.test" not in page.text
    assert "<script>" not in page.text
    assert page.text.count("checked>") == 1
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_code_works_once(org: OrgClient) -> None:
    code = _code(org)
    assert _redeem(org, code).status_code == 200
    assert _error(_redeem(org, code)) == (400, "invalid_grant", "expired authorization code")


def test_a_code_is_bound_to_its_redirect_app_and_verifier(org: OrgClient) -> None:
    assert _error(_redeem(org, _code(org), redirect_uri="http://x/"))[1] == "redirect_uri_mismatch"
    assert _error(_redeem(org, _code(org), code_verifier=""))[1] == "invalid_grant"
    assert _error(_redeem(org, _code(org), code_verifier="other"))[1] == "invalid_request"
    other = {
        "client_id": NO_PKCE_APP.consumer_key,
        "client_secret": NO_PKCE_APP.consumer_secret,
    }
    assert _error(_redeem(org, _code(org), **other))[1] == "invalid_grant"


def test_the_token_endpoint_reads_chunked_bodies(org: OrgClient) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": org.tokens["refresh_token"],
        "client_id": APP.consumer_key,
        "client_secret": APP.consumer_secret,
    }

    def chunks() -> Iterator[bytes]:
        text = urlencode(form).encode()
        yield text[:20]
        yield text[20:]

    answer = org.session.post(f"{org.url}/services/oauth2/token", data=chunks(), timeout=5)
    assert answer.request.headers["Transfer-Encoding"] == "chunked"
    assert answer.status_code == 200


def test_credentials_may_come_by_basic_authentication(org: OrgClient) -> None:
    answer = requests.post(
        f"{org.url}/services/oauth2/token",
        data={"grant_type": "refresh_token", "refresh_token": org.tokens["refresh_token"]},
        auth=(APP.consumer_key, APP.consumer_secret),
        timeout=5,
    )
    assert answer.status_code == 200


def test_an_app_may_come_without_a_user_on_the_orgs_own_host(org: OrgClient) -> None:
    answer = _token_of_server(org)
    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert org.call("GET", "limits", headers=headers).status_code == 200
    assert answer.json()["id"].endswith(org.user_id("sync@acme.test"))
    elsewhere = _token_of_server(org, Host="login.salesforce.com")
    assert _error(elsewhere)[2] == "request not supported on this domain"
    without_user = _token(org, grant_type="client_credentials")
    assert _error(without_user)[2] == "no client credentials user enabled"


def _token_of_server(org: OrgClient, **headers: str) -> requests.Response:
    return requests.post(
        f"{org.url}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(SERVER_APP.consumer_key, SERVER_APP.consumer_secret),
        headers=headers,
        timeout=5,
    )


def test_a_locked_org_gives_no_tokens_and_no_data(org: OrgClient) -> None:
    org.act("lock-org", on=True)
    locked = (400, "invalid_grant", "inactive organization")
    assert _error(_refresh(org, org.tokens["refresh_token"])) == locked
    assert refused(org.call("GET", "limits")) == (403, "ORG_LOCKED")
    org.act("lock-org", on=False)
    assert org.call("GET", "limits").status_code == 200


def test_an_org_that_moved_tells_its_new_address_with_the_next_tokens(org: OrgClient) -> None:
    org.act("move-org", url="https://acme-new.my.salesforce.com/")
    answer = _refresh(org, org.tokens["refresh_token"]).json()
    assert answer["instance_url"] == "https://acme-new.my.salesforce.com"


def test_client_errors(org: OrgClient) -> None:
    token = org.tokens["refresh_token"]
    wrong_secret = _token(
        org, grant_type="refresh_token", refresh_token=token, client_secret="wrong"
    )
    assert _error(wrong_secret) == (400, "invalid_client", "invalid client credentials")
    assert _error(_token(org, client_id="nobody"))[1] == "invalid_client_id"
    assert _error(_token(org, grant_type="password"))[1] == "unsupported_grant_type"


def test_refreshing_rotates_the_token(org: OrgClient) -> None:
    old = org.tokens["refresh_token"]
    first = _refresh(org, old).json()
    second = _refresh(org, first["refresh_token"]).json()
    assert len({old, first["refresh_token"], second["refresh_token"]}) == 3
    assert first["access_token"] != second["access_token"]


def test_a_replaced_token_revokes_the_whole_family_and_is_seen_in_the_log(org: OrgClient) -> None:
    old = org.tokens["refresh_token"]
    new = _refresh(org, old).json()
    assert _error(_refresh(org, old)) == (400, "invalid_grant", "expired access/refresh token")
    assert _error(_refresh(org, new["refresh_token"]))[1] == "invalid_grant"
    headers = {"Authorization": f"Bearer {new['access_token']}"}
    assert refused(org.call("GET", "limits", headers=headers)) == (401, "INVALID_SESSION_ID")
    (grant,) = org.records("grants")
    assert (grant["revoked"], grant["reason"]) == (1, "a replaced refresh token was presented")
    notes = [line["notes"] for line in org.log() if line["path"].endswith("/token")]
    assert [note["refresh_token_state"] for note in notes] == ["current", "replaced", "revoked"]
    assert notes[1]["refresh_token_sha256"] == hashlib.sha256(old.encode()).hexdigest()


def test_a_lost_answer_costs_the_connection_when_the_old_token_is_presented(
    org: OrgClient,
) -> None:
    org.break_next(fault="after", path="/oauth2/token$", times=1)
    with pytest.raises(requests.ConnectionError):
        _refresh(org, org.tokens["refresh_token"])
    assert _error(_refresh(org, org.tokens["refresh_token"]))[1] == "invalid_grant"


def test_without_rotation_the_token_stays(org: OrgClient) -> None:
    org.act("set-rotation", on=False)
    for _ in range(2):
        answer = _refresh(org, org.tokens["refresh_token"])
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()
    org.act("set-rotation", on=True)
    assert "refresh_token" in _refresh(org, org.tokens["refresh_token"]).json()


def test_a_grant_without_the_scope_has_no_refresh_token(org: OrgClient) -> None:
    tokens = _redeem(org, _code(org, scope="api")).json()
    assert "refresh_token" not in tokens


def test_without_the_api_scope_data_calls_are_refused_for_good(org: OrgClient) -> None:
    org.sign_in(scope="id openid")
    answer = org.call("GET", "limits")
    assert refused(answer) == (401, "INVALID_SESSION_ID")
    assert "not valid for use with the REST API" in answer.text
    userinfo = org.session.get(f"{org.url}/services/oauth2/userinfo", timeout=5)
    assert userinfo.status_code == 200


def test_the_sixth_grant_silently_ends_the_first(org: OrgClient) -> None:
    first = org.tokens["refresh_token"]
    for _ in range(5):
        org.sign_in()
    assert _error(_refresh(org, first))[1] == "invalid_grant"
    assert _refresh(org, org.tokens["refresh_token"]).status_code == 200


def test_an_inactive_user_gets_nothing_more(org: OrgClient) -> None:
    org.sign_in("agent@acme.test")
    org.act("deactivate-user", username="agent@acme.test")
    assert refused(org.call("GET", "limits")) == (401, "INVALID_SESSION_ID")
    assert _error(_refresh(org, org.tokens["refresh_token"]))[2] == "inactive user"


def test_expired_access_tokens_can_be_refreshed(org: OrgClient) -> None:
    assert org.act("expire-access-tokens", username="sync@acme.test") == {"expired": 1}
    assert refused(org.call("GET", "limits")) == (401, "INVALID_SESSION_ID")
    tokens = _refresh(org, org.tokens["refresh_token"]).json()
    headers = {"Authorization": f"OAuth {tokens['access_token']}"}
    assert org.call("GET", "limits", headers=headers).status_code == 200


def test_a_user_can_take_the_permission_back(org: OrgClient) -> None:
    assert org.act("revoke-grant") == {"revoked": 1}
    assert _error(_refresh(org, org.tokens["refresh_token"]))[1] == "invalid_grant"
    assert refused(org.call("GET", "limits")) == (401, "INVALID_SESSION_ID")


def _revoke(org: OrgClient, token: str) -> requests.Response:
    return org.session.post(f"{org.url}/services/oauth2/revoke", data={"token": token}, timeout=5)


def test_revoking_the_refresh_token_ends_its_access_tokens(org: OrgClient) -> None:
    answer = _revoke(org, org.tokens["refresh_token"])
    assert (answer.status_code, answer.content) == (200, b"")
    assert refused(org.call("GET", "limits")) == (401, "INVALID_SESSION_ID")


def test_revoking_an_access_token_leaves_the_refresh_token(org: OrgClient) -> None:
    assert _revoke(org, org.tokens["access_token"]).status_code == 200
    assert refused(org.call("GET", "limits")) == (401, "INVALID_SESSION_ID")
    assert _refresh(org, org.tokens["refresh_token"]).status_code == 200
    assert _error(_revoke(org, "nonsense"))[:2] == (400, "unsupported_token_type")


def test_userinfo_and_identity_name_the_user(org: OrgClient) -> None:
    org.sign_in("agent2@acme.test")
    userinfo = org.session.get(f"{org.url}/services/oauth2/userinfo", timeout=5).json()
    assert userinfo["preferred_username"] == "agent2@acme.test"
    assert (userinfo["zoneinfo"], userinfo["utcOffset"]) == ("Europe/Madrid", 3_600_000)
    assert len(userinfo["organization_id"]) == len(userinfo["user_id"]) == 18
    path = urlsplit(org.act("issue-tokens", username="agent2@acme.test")["id"]).path
    identity = org.session.get(f"{org.url}{path}", params={"format": "json"}, timeout=5).json()
    assert identity["username"] == "agent2@acme.test"
    assert identity["user_id"] == userinfo["user_id"]
    assert "{version}" in identity["urls"]["rest"]
    other = path[:-18] + org.user_id("admin@acme.test")
    assert org.session.get(f"{org.url}{other}", timeout=5).status_code == 403


def test_userinfo_says_no_in_plain_text(org: OrgClient) -> None:
    url = f"{org.url}/services/oauth2/userinfo"
    bad = requests.get(url, headers={"Authorization": "Bearer x"}, timeout=5)
    assert (bad.status_code, bad.text) == (403, "Bad_OAuth_Token")
    none = requests.get(url, timeout=5)
    assert (none.status_code, none.text) == (403, "Missing_OAuth_Token")
    by_query = requests.get(url, params={"oauth_token": org.tokens["access_token"]}, timeout=5)
    assert by_query.status_code == 200
