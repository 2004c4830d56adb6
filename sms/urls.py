"""Addresses of text messages outside the console."""

from django.urls import path, register_converter

from sms.webhooks import CallbackKind, GatewayCallbackView

register_converter(CallbackKind, "sms_callback")

urlpatterns = [
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
