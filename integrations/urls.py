"""Addresses of the kernel outside the console."""

from django.urls import path

from integrations import health, icon, oauth_views

urlpatterns = [
    path("favicon.ico", icon.favicon, name="favicon"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("oauth/salesforce/callback/", oauth_views.salesforce_callback, name="salesforce_callback"),
    path("oauth/salesforce/unknown/", oauth_views.salesforce_unknown, name="salesforce_unknown"),
]
