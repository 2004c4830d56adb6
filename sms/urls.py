"""Addresses of text messages outside the console."""

from django.urls import path, register_converter

from sms.webhooks import CallbackKind, GatewayCallbackView

register_converter(CallbackKind, "sms_callback")

urlpatterns = [
    path(
        "hooks/sms/<str:key>/<sms_callback:kind>/",
        GatewayCallbackView.as_view(),
        name="sms_callback",
    ),
    path(
        "hooks/sms/<str:key>/<str:secret>/<sms_callback:kind>/",
        GatewayCallbackView.as_view(),
        name="sms_callback_with_secret",
    ),
]
