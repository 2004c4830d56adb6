"""Addresses outside any workspace: accounts, hooks, health, operations."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    # Callback addresses first: nothing is asked for as often.
    path("", include("calls.urls")),
    path("", include("sms.urls")),
    path("", include("integrations.account_urls")),
    path("", include("integrations.urls")),
    path("api/v1/", include("integrations.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("ops/", admin.site.urls),
]
