"""Addresses of text messages outside the console."""

from django.urls import path, register_converter

from sms.admin.embedded import frame, person
from sms.webhooks import CallbackKind, GatewayCallbackView

register_converter(CallbackKind, "sms_callback")

urlpatterns = [
    path("embedded/sms/<int:workspace_id>/<str:key>/", frame, name="sms_embedded"),
    path(
        "embedded/sms/<int:workspace_id>/<str:key>/people/<str:record_id>/",
        person,
        name="sms_embedded_person",
    ),
    path(
        "hooks/sms/<slug:key>/<sms_callback:kind>/",
        GatewayCallbackView.as_view(),
        name="sms_callback",
    ),
    path(
        "hooks/sms/<slug:key>/<slug:secret>/<sms_callback:kind>/",
        GatewayCallbackView.as_view(),
        name="sms_callback_with_secret",
    ),
]
