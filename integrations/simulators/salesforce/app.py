"""The simulated org as an ASGI application."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from starlette.applications import Starlette
from starlette.types import Scope

from integrations.simulators.control import ControlError, Controls, make_simulator
from integrations.simulators.faults import Faults
from integrations.simulators.requestlog import RequestLog
from integrations.simulators.salesforce import seed
from integrations.simulators.salesforce.access_actions import AccessActions
from integrations.simulators.salesforce.actions import Actions
from integrations.simulators.salesforce.compression import unpack
from integrations.simulators.salesforce.config import OrgConfig
from integrations.simulators.salesforce.data_endpoint import DataEndpoint
from integrations.simulators.salesforce.errors import SalesforceError
from integrations.simulators.salesforce.forms import parse_form
from integrations.simulators.salesforce.grants import Grants, digest
from integrations.simulators.salesforce.identity import IdentityEndpoints
from integrations.simulators.salesforce.oauth import OAuthEndpoints
from integrations.simulators.salesforce.oauth_actions import OAuthActions
from integrations.simulators.salesforce.openid import OpenIdEndpoints
from integrations.simulators.salesforce.org import Org, record_to_json
from integrations.simulators.salesforce.rule_actions import RuleActions
from integrations.simulators.salesforce.schema import SObject
from integrations.simulators.salesforce.ui.pages import page_routes
from integrations.simulators.salesforce.ui.sessions import Sessions
from integrations.simulators.salesforce.ui.setup.pages import Setup
from integrations.simulators.salesforce.ui.shell import style_route

_QUERIES = re.compile(rb'[?&]q=([^&"\\]+)')
"""Queries in the addresses of a composite request."""


def make_app(config: OrgConfig | None = None) -> Starlette:
    """An org that answers on the wire. A store that is still empty is seeded.

    `app.state.org` is the org itself; close its `store` when done.
    """
    org = Org(config or OrgConfig())
    if org.store.is_empty:
        seed.sow(org)
    grants, sessions = Grants(org), Sessions(org)
    controls = Controls(
        records=_Records(org, grants).list,
        reset=lambda: seed.reset(org),
        actions={
            name: action
            for group in (Actions, AccessActions, OAuthActions, RuleActions)
            for name, action in group(org, grants).by_name().items()
        },
        log=RequestLog(),
        faults=Faults(org.config.seed),
    )
    routes = [
        *OAuthEndpoints(org, grants, sessions).routes(),
        *OpenIdEndpoints(org, grants).routes(),
        *IdentityEndpoints(org, grants).routes(),
        *DataEndpoint(org, grants).routes(),
        *page_routes(org, sessions, controls.actions),
    ]
    control_pages = [style_route(), *Setup(org, controls).routes()]
    app = make_simulator(
        routes, controls, annotate=_Notes(grants).take, control_pages=control_pages
    )
    app.state.org = org
    return app


class _Records:
    """What `/_sim/records/<name>` shows: records of an object, or `grants`."""

    def __init__(self, org: Org, grants: Grants) -> None:
        self._org = org
        self._grants = grants

    def list(self, name: str, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Living records (deleted ones with `IsDeleted=true`) whose fields have these values."""
        if name == "grants":
            return [dict(grant) for grant in self._grants.to_json()]
        sobject = self._org.schema.find(name)
        if sobject is None:
            raise ControlError(f"no object {name}", 404)
        if unknown := [key for key in filters if sobject.field(key) is None]:
            raise ControlError(f"{sobject.name} has no field {', '.join(unknown)}")
        wanted = {"IsDeleted": "false", **filters}
        rows = self._org.store.find(sobject, _exact(sobject, wanted))
        records = [record_to_json(sobject, row) for row in rows]
        return [one for one in records if all(_text(one, key) == wanted[key] for key in wanted)]


def _exact(sobject: SObject, wanted: Mapping[str, str]) -> dict[str, str]:
    """The filters that the store can apply by itself: texts that are not empty."""
    found = ((sobject.field(name), value) for name, value in wanted.items())
    return {one.name: value for one, value in found if one and value and one.is_text}


def _text(record: Mapping[str, Any], name: str) -> str:
    """A value as it is written in a filter: null is empty, booleans are true and false."""
    value = record.get(name)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


class _Notes:
    """What the request log keeps of a request: queries, and which token was presented."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    def take(self, scope: Scope, body: bytes) -> dict[str, Any]:
        """Notes of one request, taken before it is carried out."""
        path = scope["path"].rstrip("/")
        if path == "/services/oauth2/token":
            return self._token_notes(parse_form(body))
        notes: dict[str, Any] = {}
        question = parse_qs(scope["query_string"].decode("latin-1")).get("q")
        if question:
            notes["q"] = question[0]
        if path.endswith("/composite/sobjects"):
            notes["records"] = _count_records(_unpacked(scope, body))
        if nested := _QUERIES.findall(_unpacked(scope, body)) if "/composite" in path else ():
            notes["queries"] = [unquote_plus(one.decode("latin-1")) for one in nested]
        return notes

    def _token_notes(self, form: Mapping[str, str]) -> dict[str, Any]:
        notes: dict[str, Any] = {"grant_type": form.get("grant_type")}
        token = form.get("refresh_token")
        if token:
            notes["refresh_token_sha256"] = digest(token)
            notes["refresh_token_state"] = self._grants.refresh_token_state(token)
        return notes


def _unpacked(scope: Scope, body: bytes) -> bytes:
    """A body as its sender meant it; what cannot be read is refused later."""
    encoding = dict(scope["headers"]).get(b"content-encoding", b"").decode("latin-1")
    try:
        return unpack(body, encoding)
    except SalesforceError:
        return body


def _count_records(body: bytes) -> int:
    try:
        return len(json.loads(body)["records"])
    except (ValueError, KeyError, TypeError):
        return 0
