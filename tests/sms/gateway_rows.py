"""Messages that were handed to a gateway, and callbacks about them at the door."""

from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from integrations.encryption import seal
from integrations.jobs import drain_inbox
from integrations.models import Connection, Workspace
from sms.backends.twilio_signature import sign
from sms.callbacks import Kind, callback_address
from sms.models import Message
from sms.statuses import RANK, MessageStatus

TOKEN = "0123456789abcdef0123456789abcdef"


def make_mitto(workspace: Workspace, **credentials: Any) -> Connection:
    """A connection whose callback addresses carry a secret."""
    values = {"product_key": "key", "callback_secrets": ["cbs_the-secret-of-this-test-address"]}
    return _make(workspace, "mitto", values | credentials)


def make_twilio(workspace: Workspace) -> Connection:
    """A connection whose callbacks are signed."""
    return _make(workspace, "twilio", {"product_key": TOKEN, "account_sid": "AC1"})


def _make(workspace: Workspace, backend: str, credentials: dict[str, Any]) -> Connection:
    return Connection.unscoped.create(
        workspace=workspace,
        kind=Connection.Kind.SMS_GATEWAY,
        backend=backend,
        name=backend.title(),
        sealed_credentials=seal(credentials),
    )


def make_message(connection: Connection, **fields: Any) -> Message:
    """A text that its gateway has accepted."""
    state = fields.pop("state", MessageStatus.ACCEPTED)
    values = {
        "workspace": connection.workspace,
        "connection": connection,
        "direction": Message.Direction.OUTBOUND,
        "purpose": Message.Purpose.CONVERSATION,
        "origin": Message.Origin.COMPOSE,
        "phone_e164": "+14155550123",
        "our_number": "+14155550170",
        "text": "Hello",
        "encoding": "GSM-7",
        "segments": 1,
        "state": state,
        "rank": RANK[state],
        "provider_message_id": f"gw-{uuid4().hex}",
    }
    return Message.unscoped.create(**(values | fields))


def call_back(
    connection: Connection, fields: dict[str, str], kind: Kind = "report", **details: Any
) -> HttpResponse:
    """Post a form to a connection's address, signed where the gateway signs."""
    address = details.pop("address", callback_address(connection, kind))
    headers: dict[str, str] = details.pop("headers", {})
    if connection.backend == "twilio" and not headers:
        values = {name: [value] for name, value in fields.items()}
        headers = {"X-Twilio-Signature": sign(address, values, TOKEN)}
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    answer: HttpResponse = Client().post(  # type: ignore[assignment]
        path,
        data=urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
        **details,
    )
    return answer


def mitto_report(message: Message, status: str, **fields: str) -> dict[str, str]:
    """The fields of a report."""
    usual = {
        "id": message.provider_message_id,
        "status": status,
        "reference": str(message.reference),
    }
    return usual | fields


def understand(connection: Connection) -> None:
    """Do what the workers of reports do."""
    drain_inbox(connection.pk)
