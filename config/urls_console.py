"""Addresses below /w/<slug>/: the console, and nothing else (RULES F1)."""

from django.urls import URLPattern, URLResolver, path

from integrations.admin.site import console_site

urlpatterns: list[URLPattern | URLResolver] = [path("", console_site.urls)]
