"""What gateways call back: ``/hooks/sms/<connection key>/report/`` and ``/inbound/`` (RULES F6)."""

import json
from dataclasses import asdict

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from integrations import inbox, intake
from integrations.addresses import public_address
from integrations.arrivals import Received
from integrations.errors import EventNotUnderstood
from integrations.models import Connection
from integrations.ratelimits import allow
from integrations.webhooks import Refusal, Result, read_body
from sms.backends import gateway_of
from sms.backends.base import Callback, Gateway, digest_of

log = structlog.get_logger()

HANDLERS = {"report": "sms_reports", "inbound": "sms_inbound"}
#: Two equal texts that carry no id are one if they come within this many seconds (sms.md 7.4).
_SAME_TEXT_SECONDS = 60


class CallbackKind:
    """The last word of a callback's address."""

    regex = "|".join(HANDLERS)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


@method_decorator(csrf_exempt, name="dispatch")
class GatewayCallbackView(View):
    """Stored first, then answered as the gateway likes it; understood by a worker afterwards.

    A callback that is about nothing we know is taken like any other: whoever is told off for it
    tries again for days, or gives the address up (sms.md, trap 11). A gateway that was disconnected
    is heard as long as it can prove who it is: a STOP counts all the same.
    """

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest, key: str, kind: str, secret: str = "") -> HttpResponse:
        return self.post(request, key, kind, secret)

    def post(self, request: HttpRequest, key: str, kind: str, secret: str = "") -> HttpResponse:
        connection = (
            Connection.unscoped.filter(key=key, kind=Connection.Kind.SMS_GATEWAY)
            .exclude(state=Connection.State.ARCHIVED)
            .first()
        )
        if connection is None:
            return JsonResponse({"error": "No gateway has this address."}, status=404)
        try:
            with gateway_of(connection) as gateway:
                _take(request, connection, gateway, HANDLERS[kind])
                content_type, body = gateway.acknowledgement()
        except Refusal as refusal:
            intake.count(connection, refusal.result)
            log.info("callback_refused", connection=connection.pk, result=refusal.result)
            return JsonResponse({"error": refusal.reason}, status=refusal.status)
        return HttpResponse(body, content_type=content_type)


def _take(request: HttpRequest, connection: Connection, gateway: Gateway, handler: str) -> None:
    if not allow("intake", str(connection.pk), settings.INTAKE_RATE_LIMIT):
        raise Refusal(429, Result.RATE_LIMITED, "Too many callbacks at once: try again later.")
    callback = _read(request, gateway)
    if not gateway.is_authentic(callback):
        raise Refusal(401, Result.BAD_SIGNATURE, "This does not come from the gateway.")
    received = inbox.receive(
        connection,
        handler=handler,
        dedupe_key=_key_of(callback, gateway, handler),
        body=json.dumps(asdict(gateway.without_secrets(callback))).encode(),
    )
    if received is not Received.STORED:
        intake.count(connection, Result.REPEATED)


def _read(request: HttpRequest, gateway: Gateway) -> Callback:
    query = request.META.get("QUERY_STRING", "")
    url = public_address(request.path) + (f"?{query}" if query else "")
    names = {name.lower(): value for name, value in request.headers.items()}
    return Callback(
        method=str(request.method),
        url=url,
        content_type=request.content_type or "",
        body=read_body(request).decode(errors="replace"),
        headers={name: names[name] for name in gateway.kept_headers if name in names},
    )


def _key_of(callback: Callback, gateway: Gateway, handler: str) -> str:
    """By which a repeat is known: the whole callback, signatures and tokens of a retry included."""
    words = [handler, callback.method, callback.url, callback.body, *callback.headers.values()]
    if handler == HANDLERS["inbound"] and not _names_its_text(callback, gateway):
        words.append(str(int(timezone.now().timestamp()) // _SAME_TEXT_SECONDS))
    return digest_of(*words)


def _names_its_text(callback: Callback, gateway: Gateway) -> bool:
    try:
        text = gateway.parse_inbound(callback)
    except EventNotUnderstood:
        return False
    return bool(text.provider_message_id or text.sent_at)
