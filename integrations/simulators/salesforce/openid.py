"""OpenID Connect: discovery, signing keys, id tokens; and token introspection (reference 1.11)."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.simulators.salesforce.client_auth import authenticated_app
from integrations.simulators.salesforce.config import OAuthApp
from integrations.simulators.salesforce.forms import base_url, oauth_error, read_form
from integrations.simulators.salesforce.grants import Grants, Issued, OAuthError
from integrations.simulators.salesforce.org import Org

KEY_ID = "240"
ID_TOKEN_SECONDS = 120


@cache
def _signing_key() -> rsa.RSAPrivateKey:
    """The key of this process; made when first needed, because that takes a moment."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _encoded_number(number: int) -> str:
    return _encoded(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def make_id_token(org: Org, app: OAuthApp, issued: Issued, base: str) -> str:
    """A signed JWT about the user of tokens that were just issued."""
    user = org.store.get(org.sobject("User"), issued.user_id) or {}
    now = int(org.now().timestamp())
    claims: dict[str, Any] = {
        "iss": base,
        "sub": f"{base}/id/{org.org_id}/{issued.user_id}",
        "aud": app.consumer_key,
        "iat": now,
        "exp": now + ID_TOKEN_SECONDS,
        "at_hash": _encoded(hashlib.sha256(issued.access_token.encode()).digest()[:16]),
        "user_id": issued.user_id,
        "organization_id": org.org_id,
        "preferred_username": user.get("Username"),
        "name": user.get("Name"),
        "email": user.get("Email"),
        "email_verified": True,
    }
    if issued.nonce:
        claims["nonce"] = issued.nonce
    header = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = _signing_key().sign(signed.encode(), padding.PKCS1v15(), SHA256())
    return f"{signed}.{_encoded(signature)}"


class OpenIdEndpoints:
    """The endpoints of one org."""

    def __init__(self, org: Org, grants: Grants) -> None:
        self._org = org
        self._grants = grants

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/.well-known/openid-configuration", self.discovery, methods=["GET"]),
            Route("/id/keys", self.keys, methods=["GET"]),
            Route("/services/oauth2/introspect", self.introspect, methods=["POST"]),
        ]

    async def discovery(self, request: Request) -> Response:
        """Where everything is."""
        base = base_url(request, self._org)
        scopes = {scope for app in self._org.config.apps for scope in app.scopes}
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/services/oauth2/authorize",
                "token_endpoint": f"{base}/services/oauth2/token",
                "revocation_endpoint": f"{base}/services/oauth2/revoke",
                "userinfo_endpoint": f"{base}/services/oauth2/userinfo",
                "introspection_endpoint": f"{base}/services/oauth2/introspect",
                "jwks_uri": f"{base}/id/keys",
                "scopes_supported": sorted(scopes),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                ],
            }
        )

    async def keys(self, request: Request) -> Response:
        """The keys that verify id tokens."""
        numbers = _signing_key().public_key().public_numbers()
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": KEY_ID,
            "n": _encoded_number(numbers.n),
            "e": _encoded_number(numbers.e),
        }
        return JSONResponse({"keys": [key]})

    async def introspect(self, request: Request) -> Response:
        """What a token is worth; an app may ask about its own only."""
        form = await read_form(request)
        try:
            app = authenticated_app(self._grants, request.headers.get("authorization", ""), form)
        except OAuthError as error:
            return oauth_error(error)
        told = self._grants.introspect(app, form.get("token", ""))
        if told is None:
            return JSONResponse({"active": False})
        user = self._org.store.get(self._org.sobject("User"), told.user_id) or {}
        return JSONResponse(
            {
                "active": True,
                "scope": " ".join(sorted(told.scope)),
                "client_id": app.consumer_key,
                "username": user.get("Username"),
                "sub": f"{base_url(request, self._org)}/id/{self._org.org_id}/{told.user_id}",
                "token_type": f"{told.kind}_token",
                "exp": int(told.expires_at),
                "iat": int(told.issued_at),
                "nbf": int(told.issued_at),
            }
        )
