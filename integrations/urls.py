"""Addresses of the kernel outside the console."""

from django.urls import path

from integrations import health, oauth_views

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("oauth/salesforce/callback/", oauth_views.salesforce_callback, name="salesforce_callback"),
]
