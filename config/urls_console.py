"""Addresses below /w/<slug>/: the console, and nothing else (RULES F1)."""

from django.urls import URLPattern, URLResolver, path

from integrations.admin.site import console_site

urlpatterns: list[URLPattern | URLResolver] = [path("", console_site.urls)]

handler403 = "integrations.admin.errors.permission_denied"
handler404 = "integrations.admin.errors.page_not_found"
