"""Call events in: ``POST /hooks/calls/<connection key>/`` (RULES A1)."""

import json
from datetime import datetime

from django.http import HttpRequest

from calls.events import EnvelopeInvalid, check_envelope
from integrations.models import Connection
from integrations.phone_systems import signing_secrets
from integrations.standard_webhooks import (
    SignatureRejected,
    TimestampRejected,
    WebhookHeaders,
    verify,
)
from integrations.webhooks import Refusal, Result, WebhookView


class CallEventWebhookView(WebhookView):
    """Events of a phone system, signed by the Standard Webhooks scheme."""

    connection_kind = Connection.Kind.PHONE_SYSTEM
    handler = "calls"

    def authenticate(
        self, request: HttpRequest, connection: Connection, body: bytes, *, now: datetime
    ) -> str:
        try:
            headers = WebhookHeaders.from_environ(request.META)
            verify(headers, body, secrets=signing_secrets(connection), now=now)
        except TimestampRejected as error:
            raise Refusal(401, Result.STALE, str(error)) from error
        except SignatureRejected as error:
            raise Refusal(401, Result.BAD_SIGNATURE, str(error)) from error
        if len(headers.message_id) > 200:
            raise Refusal(400, Result.INCOMPLETE, "webhook-id is longer than 200 characters.")
        return headers.message_id

    def check_payload(self, body: bytes) -> None:
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Refusal(400, Result.NOT_JSON, f"The body is not JSON: {error}") from error
        try:
            check_envelope(payload)
        except EnvelopeInvalid as error:
            result = Result.INCOMPLETE if isinstance(payload, dict) else Result.NOT_JSON
            raise Refusal(400, result, str(error)) from error
