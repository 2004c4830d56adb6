"""What every endpoint of the public API is built on: limits, key, scope, workspace (RULES F1, F6).

An endpoint is a subclass that names the scope of each method; its queries run in the workspace of
the key, so a foreign id finds nothing.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any, ClassVar

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.api.authentication import ApiKeyAuthentication, HasScope
from integrations.api_scopes import ApiScope
from integrations.audit import acting_from, address_of
from integrations.models import ApiKey
from integrations.options import options_read_once
from integrations.ratelimits import allow, seconds_left
from integrations.tenancy import workspace_scope


class ApiView(APIView):
    """An endpoint. ``scopes`` says what a key needs, by HTTP method."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HasScope]
    scopes: ClassVar[Mapping[str, ApiScope]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._entered:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def perform_authentication(self, request: Request) -> None:
        """Limit by address before the key is looked at, by key after; then enter its workspace."""
        limit("api_address", address_of(request._request) or "", settings.API_ADDRESS_RATE_LIMIT)
        super().perform_authentication(request)
        key = request.auth
        if isinstance(key, ApiKey):
            limit("api_key", str(key.pk), settings.API_KEY_RATE_LIMIT)
            self._enter(request._request, key)

    def _enter(self, request: HttpRequest, key: ApiKey) -> None:
        for context in (
            workspace_scope(key.workspace_id),
            structlog.contextvars.bound_contextvars(workspace=key.workspace_id, api_key=key.pk),
            acting_from(request),
            options_read_once(),
        ):
            self._entered.enter_context(context)


def limit(scope: str, key: str, rate: str) -> None:
    """Count one request; raises Throttled beyond ``rate``, with the seconds to wait."""
    if not allow(scope, key, rate):
        raise Throttled(wait=seconds_left(rate))
