"""The door for vendors' webhooks: authenticated, bounded, stored, then acknowledged (RULES F6).

A kind of webhook is a subclass that says how its sender proves itself and what the door checks.
Every refusal is JSON with a reason, and is counted for the connection's admins.
"""

from datetime import datetime
from typing import ClassVar

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views import View

from integrations import inbox, intake, known_connections
from integrations.arrivals import Received
from integrations.models import Connection, IntakeCount
from integrations.ratelimits import allow

log = structlog.get_logger()

Result = IntakeCount.Result


class Refusal(Exception):  # noqa: N818
    """Why a delivery is not taken, as the sender is told and as it is counted."""

    def __init__(self, status: int, result: IntakeCount.Result, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.result = result
        self.reason = reason


class WebhookView(View):
    """One kind of webhook, at an address below ``/hooks/`` that carries the connection's key.

    202 once the delivery is committed, and the same for a repeat; 4xx with a reason otherwise.
    """

    http_method_names = ["post"]
    #: The kind of connection whose key the address carries.
    connection_kind: ClassVar[str]
    #: The inbound handler that understands what arrives.
    handler: ClassVar[str]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        connection = known_connections.find(self.connection_kind, key)
        if connection is None:
            return _answer(404, "No connection has this key: copy the address from the console.")
        try:
            dedupe_key = self._receive(request, connection)
        except Refusal as refusal:
            intake.count(connection, refusal.result)
            log.info("delivery_refused", connection=connection.pk, result=refusal.result)
            return _answer(refusal.status, refusal.reason)
        return JsonResponse({"status": "accepted", "id": dedupe_key}, status=202)

    def _receive(self, request: HttpRequest, connection: Connection) -> str:
        self._check_rate(request, connection)
        body = read_body(request)
        try:
            dedupe_key = self._admit(request, connection, body)
        except Refusal:
            # Perhaps the row at hand is a second old, and the secret or the state is new.
            fresh = known_connections.find(self.connection_kind, connection.key, fresh=True)
            if fresh is None:
                raise
            dedupe_key = self._admit(request, fresh, body)
        self.check_payload(body)
        received = inbox.receive(connection, handler=self.handler, dedupe_key=dedupe_key, body=body)
        if received is Received.CONFLICT:
            raise Refusal(
                409,
                Result.CONFLICT,
                "This id was received before with another body. Give every event its own id.",
            )
        if received is Received.REPEATED:
            intake.count(connection, Result.REPEATED)
        return dedupe_key

    def _admit(self, request: HttpRequest, connection: Connection, body: bytes) -> str:
        dedupe_key = self.authenticate(request, connection, body, now=timezone.now())
        if connection.state == Connection.State.DISABLED:
            raise Refusal(403, Result.DISABLED, "This connection is disabled in the console.")
        return dedupe_key

    def _check_rate(self, request: HttpRequest, connection: Connection) -> None:
        if not allow("intake", str(connection.pk), settings.INTAKE_RATE_LIMIT):
            raise Refusal(
                429, Result.RATE_LIMITED, "Too many deliveries at once: send them again later."
            )

    def authenticate(
        self, request: HttpRequest, connection: Connection, body: bytes, *, now: datetime
    ) -> str:
        """Prove where the body comes from; returns the key by which repeats are known.

        Raises Refusal.
        """
        raise NotImplementedError

    def check_payload(self, body: bytes) -> None:
        """Refuse what can never be an event; anything else is stored and understood later."""
        raise NotImplementedError


def read_body(request: HttpRequest) -> bytes:
    """The body, of at most ``INTAKE_MAX_BODY_BYTES``; raises Refusal for more.

    A chunked body has no length, and a WSGI server hands it over as nothing at all.
    """
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        raise Refusal(411, Result.NOT_JSON, "Send a Content-Length instead of a chunked body.")
    limit = settings.INTAKE_MAX_BODY_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise Refusal(413, Result.TOO_LARGE, f"The body is larger than {limit // 1024} KiB.")
    return request.body


def _answer(status: int, reason: str) -> HttpResponse:
    return JsonResponse({"error": reason}, status=status)
