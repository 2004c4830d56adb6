"""Addresses below ``/api/v1/``: the kernel's, and what the other apps registered."""

from django.urls import path

from integrations.api.activities import routes
from integrations.api.document import openapi
from integrations.api.problems import not_found
from integrations.registry import registry

urlpatterns = [
    path("openapi.json", openapi, name="api_document"),
    *routes,
    *registry.api_routes,
    path("<path:rest>", not_found, name="api_not_found"),
]
