"""Who a token belongs to: userinfo and the identity URL (reference 1.11)."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from integrations.simulators.salesforce.forms import base_url
from integrations.simulators.salesforce.grants import Grants
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.store import Record


class IdentityEndpoints:
    """The endpoints of one org. They know a token from a header or from the query."""

    def __init__(self, org: Org, grants: Grants) -> None:
        self._org = org
        self._grants = grants

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/services/oauth2/userinfo", self.userinfo, methods=["GET", "POST"]),
            Route("/id/{org_id}/{user_id}", self.identity, methods=["GET", "POST"]),
        ]

    async def userinfo(self, request: Request) -> Response:
        """OpenID user info."""
        user = self._user_of(request)
        if isinstance(user, Response):
            return user
        base = base_url(request, self._org)
        return JSONResponse(_shared(self._org, user, base) | _openid(self._org, user, base))

    async def identity(self, request: Request) -> Response:
        """The identity URL of a token response."""
        user = self._user_of(request)
        if isinstance(user, Response):
            return user
        if request.path_params["user_id"][:15] != str(user["Id"])[:15]:
            return PlainTextResponse("Wrong_Id", 403)
        base = base_url(request, self._org)
        return JSONResponse(_shared(self._org, user, base) | _identity(self._org, user, base))

    def _user_of(self, request: Request) -> Record | Response:
        token = bearer_token(request.headers.get("authorization", ""))
        token = token or request.query_params.get("oauth_token")
        if not token:
            return PlainTextResponse("Missing_OAuth_Token", 403)
        caller = self._grants.caller(token)
        if caller is None:
            return PlainTextResponse("Bad_OAuth_Token", 403)
        user = self._org.store.get(self._org.sobject("User"), caller.user_id)
        return user or PlainTextResponse("Bad_OAuth_Token", 403)


def bearer_token(header: str) -> str | None:
    """The token of `Bearer x` or `OAuth x`, or None."""
    kind, _, token = header.partition(" ")
    return token.strip() or None if kind.lower() in ("bearer", "oauth") else None


def _shared(org: Org, user: Record, base: str) -> dict[str, Any]:
    zone = ZoneInfo(str(user["TimeZoneSidKey"]))
    # The offset without daylight saving, as Salesforce gives it.
    winter = org.now().replace(month=1, day=1).astimezone(zone)
    offset = winter.utcoffset()
    data = f"{base}/services/data/v{{version}}/"
    return {
        "user_id": user["Id"],
        "organization_id": org.org_id,
        "email": user["Email"],
        "email_verified": True,
        "active": bool(user["IsActive"]),
        "user_type": "STANDARD",
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": int(offset.total_seconds() * 1000) if offset else 0,
        "is_app_installed": True,
        "photos": {
            "picture": f"{base}/profilephoto/005/F",
            "thumbnail": f"{base}/profilephoto/005/T",
        },
        "urls": {
            "rest": data,
            "sobjects": f"{data}sobjects/",
            "search": f"{data}search/",
            "query": f"{data}query/",
            "profile": f"{base}/{user['Id']}",
            "custom_domain": base,
        },
    }


def _openid(org: Org, user: Record, base: str) -> dict[str, Any]:
    return {
        "sub": f"{base}/id/{org.org_id}/{user['Id']}",
        "preferred_username": user["Username"],
        "nickname": user["CommunityNickname"],
        "name": user["Name"],
        "given_name": user["FirstName"],
        "family_name": user["LastName"],
        "zoneinfo": user["TimeZoneSidKey"],
        "profile": f"{base}/{user['Id']}",
        "picture": f"{base}/profilephoto/005/F",
        "updated_at": str(user["LastModifiedDate"]).replace(".000+0000", "Z"),
    }


def _identity(org: Org, user: Record, base: str) -> dict[str, Any]:
    url = f"{base}/id/{org.org_id}/{user['Id']}"
    return {
        "id": url,
        "asserted_user": True,
        "username": user["Username"],
        "nick_name": user["CommunityNickname"],
        "display_name": user["Name"],
        "first_name": user["FirstName"],
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "mobile_phone": user["MobilePhone"],
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "last_modified_date": user["LastModifiedDate"],
    }
