"""The door of `/services/data`: versions, sign-in, limits; then the call itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.simulators.requestlog import ARRIVAL
from integrations.simulators.salesforce import (
    collections,
    composite,
    limits,
    metadata_api,
    replication,
    rest,
    tooling,
    tree,
)
from integrations.simulators.salesforce.api import Answer, ApiCall, Router
from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.compression import pack, unpack
from integrations.simulators.salesforce.errors import SalesforceError, not_found
from integrations.simulators.salesforce.forms import base_url
from integrations.simulators.salesforce.grants import Grants
from integrations.simulators.salesforce.identity import bearer_token
from integrations.simulators.salesforce.org import Org

RETIRED = range(7, 31)
DEPRECATED = range(31, 41)
LATEST = 68
SUPPORTED = range(DEPRECATED.start, LATEST + 1)
_SEASONS = ("Spring", "Summer", "Winter")
_SPRING_2021 = 51


def version_label(number: int) -> str:
    """The release behind an API version: three a year, 51 was Spring '21."""
    season = _SEASONS[(number - _SPRING_2021) % 3]
    year = 21 + (number - _SPRING_2021) // 3 + (season == "Winter")
    return f"{season} '{year:02d}"


class DataEndpoint:
    """The REST API of one org."""

    def __init__(self, org: Org, grants: Grants) -> None:
        self._org = org
        self._grants = grants
        self._router = Router(
            (
                *composite.RESOURCES,
                *tree.RESOURCES,
                *collections.RESOURCES,
                *replication.RESOURCES,
                *tooling.RESOURCES,
                *metadata_api.RESOURCES,
                *limits.RESOURCES,
                *rest.RESOURCES,
            )
        )

    def routes(self) -> list[Route]:
        """Where it is."""
        methods = ["GET", "POST", "PATCH", "PUT", "DELETE"]
        return [
            Route("/services/data", self.versions),
            Route("/services/data/", self.versions),
            Route("/services/data/{version}", self.call, methods=methods),
            Route("/services/data/{version}/{path:path}", self.call, methods=methods),
        ]

    async def versions(self, request: Request) -> Response:
        """Every supported version, oldest first; no sign-in, no charge."""
        return JSONResponse(
            [
                {
                    "label": version_label(number),
                    "url": f"/services/data/v{number}.0",
                    "version": f"{number}.0",
                }
                for number in SUPPORTED
            ]
        )

    async def call(self, request: Request) -> Response:
        """One call of the API."""
        body = await request.body()
        if too_long := _status_of_length(request):
            return Response(status_code=too_long)
        # From here on nothing waits: the call is atomic.
        response = self._answer(request, body)
        return pack(response, request.headers.get("accept-encoding", ""))

    def _answer(self, request: Request, packed: bytes) -> Response:
        try:
            body = unpack(packed, request.headers.get("content-encoding", ""))
            number = _version_number(request.path_params["version"])
            caller = self._sign_in(request)
            self._org.fail_if_told_to()
            self._require_api()
            self._org.switches.limit.charge()
        except SalesforceError as error:
            return _json(error.to_rest(), error.status, {})
        used_before = self._org.switches.limit.used
        answer = self._api_call(request, caller, number, body).answer()
        request.scope[ARRIVAL].api_requests = 1 + self._org.switches.limit.used - used_before
        return self._respond(answer, number)

    def _api_call(self, request: Request, caller: Caller, number: int, body: bytes) -> ApiCall:
        params = parse_qs(request.url.query, keep_blank_values=True)
        override = params.get("_HttpMethod") if request.method == "POST" else None
        headers = dict(request.headers) | {"x-base-url": base_url(request, self._org)}
        return ApiCall(
            org=self._org,
            caller=caller,
            version=f"{number}.0",
            method=override[0] if override else request.method,
            path=_path_after_version(request.scope["raw_path"]),
            params=params,
            headers=headers,
            body=body,
            router=self._router,
        )

    def _sign_in(self, request: Request) -> Caller:
        header = request.headers.get("authorization")
        if header is not None and bearer_token(header) is None:
            raise SalesforceError("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401)
        caller = self._grants.caller(bearer_token(header) or "") if header else None
        if caller is None:
            raise SalesforceError("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        if not caller.scope & {"api", "full"}:
            message = "This session is not valid for use with the REST API"
            raise SalesforceError("INVALID_SESSION_ID", message, status=401)
        if not self._org.may(caller.user_id, "PermissionsApiEnabled"):
            message = "API is disabled for this User"
            raise SalesforceError("API_CURRENTLY_DISABLED", message, status=403)
        return caller

    def _require_api(self) -> None:
        if self._org.switches.is_locked:
            raise SalesforceError("ORG_LOCKED", "organization is locked", status=403)
        if not self._org.switches.has_api:
            message = "The REST API is not enabled for this Organization."
            raise SalesforceError("API_DISABLED_FOR_ORG", message, status=403)

    def _respond(self, answer: Answer, number: int) -> Response:
        headers = {**answer.headers, "Sforce-Limit-Info": self._org.switches.limit.header}
        if number in DEPRECATED:
            notice = "This API is deprecated and will be removed by Summer '28."
            headers["Warning"] = f'299 - "{notice}"'
        if answer.body is None:
            return Response(status_code=answer.status, headers=headers)
        return _json(answer.body, answer.status, headers)


def _status_of_length(request: Request) -> int | None:
    """The status for an address or headers that are too long; None for the rest."""
    if len(request.scope["raw_path"]) + len(request.scope["query_string"]) > limits.MAX_URI_BYTES:
        return 414
    sizes = (len(name) + len(value) for name, value in request.headers.raw)
    return 431 if sum(sizes) > limits.MAX_HEADER_BYTES else None


def _json(body: object, status: int, headers: Mapping[str, str]) -> Response:
    media_type = "application/json;charset=UTF-8"
    return Response(json.dumps(body), status, headers=headers, media_type=media_type)


def _path_after_version(raw_path: bytes) -> str:
    """What follows `/services/data/vXX.X/`, undecoded: an external id may hold a slash."""
    return "".join(raw_path.decode("ascii").split("/", 4)[4:])


def _version_number(text: str) -> int:
    """31 for `v31.0`. Raises `SalesforceError` for retired and unknown versions."""
    if text == "latest":
        return LATEST
    digits = text.removeprefix("v").removesuffix(".0")
    is_version = text == f"v{digits}.0" and digits.isdecimal()
    if is_version and int(digits) in RETIRED:
        message = f"API version {digits}.0 is retired"
        raise SalesforceError("UNSUPPORTED_API_VERSION", message, status=410)
    if not is_version or int(digits) not in SUPPORTED:
        raise not_found()
    return int(digits)
