"""Addresses of calls outside the console."""

from django.urls import include, path

from calls.panel_page import panel_page
from calls.webhooks import CallEventWebhookView

urlpatterns = [
    path("hooks/calls/<slug:key>/", CallEventWebhookView.as_view(), name="call_events"),
    path("panel/", include("calls.panel_api")),
    path("softphone/<slug:slug>/", panel_page, name="panel_page"),
]
