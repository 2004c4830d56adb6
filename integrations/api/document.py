"""The OpenAPI document of the public API, in the subset that Salesforce External Services takes.

OpenAPI 3.0.3, one media type, named types, no ``oneOf``, ``anyOf`` or ``allOf`` and nothing
nullable (reference: External Services). ``tests/integrations/api/test_document.py`` holds it.
"""

from functools import cache
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator

_AUTHENTICATION = "integrations.api.authentication.ApiKeyAuthentication"


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document describes our keys; External Services leaves that to a Named Credential."""

    target_class = _AUTHENTICATION
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


@cache
def openapi_document() -> dict[str, Any]:
    """The document; it is the same as long as a process runs."""
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


@require_GET
def openapi(request: HttpRequest) -> JsonResponse:
    """``GET /api/v1/openapi.json``, open to everybody: it tells of no workspace."""
    return JsonResponse(openapi_document())
