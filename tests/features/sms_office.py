"""A company that texts through a simulated gateway, and the members who look after that."""

import time
from typing import Any

from django.test import Client

from integrations.jobs import drain_inbox
from integrations.models import Connection, DrainLease, Workspace
from integrations.tenancy import workspace_scope
from sms.jobs import submit_messages
from sms.messaging import NewText, queue_message
from sms.models import Message
from tests.factories import make_member, make_workspace
from tests.harness.sms_gateways import SmsGateways
from tests.sms.scripted_gateway import make_sender


class Office:
    """A workspace that texts through one gateway, with the console reachable from outside."""

    def __init__(self, gateways: SmsGateways, backend: str) -> None:
        self.gateways = gateways
        self.workspace: Workspace = make_workspace(default_region="US")
        self.connection: Connection = gateways.connect(self.workspace, backend)
        make_sender(self.connection, "14155550170")

    def send(self, last_digits: str, text: str = "Your table is ready.", **fields: Any) -> Message:
        """One text, as far as the gateway."""
        with workspace_scope(self.workspace):
            message = queue_message(
                NewText(
                    to=f"+1415555{last_digits}",
                    text=text,
                    **{
                        "purpose": Message.Purpose.CONVERSATION,
                        "origin": Message.Origin.COMPOSE,
                        **fields,
                    },
                )
            )
        submit_messages(self.connection.pk)
        return message

    def receive(self, *texts: tuple[str, str]) -> None:
        """People write: pairs of the last digits of a number and a text. All are understood."""
        before = len(self.gateways.records("deliveries"))
        for last_digits, text in texts:
            self.gateways.act(
                "reply",
                **{
                    "gateway": self.connection.backend,
                    "from": f"+1415555{last_digits}",
                    "to": "+14155550170",
                    "text": text,
                },
            )
        self.gateways.deliveries(before + len(texts))
        drain_inbox(self.connection.pk, DrainLease.Lane.TEXTS)

    def hear(self, callbacks: int) -> None:
        """Wait until the gateway has called so often, and understand what it said."""
        self.gateways.deliveries(callbacks)
        drain_inbox(self.connection.pk)


class Admin:
    """A member at the gateway's page, who has just given the password."""

    def __init__(self, workspace: Workspace, role: str = "sms_admin") -> None:
        self.address = f"/w/{workspace.slug}/sms/gateway/"
        self.client = Client()
        user = make_member(workspace, roles=(role,)).user
        user.set_password("correct horse battery")
        user.save()
        self.client.force_login(user)
        session = self.client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = session["_auth_user_id"]
        session.save()

    def read(self) -> str:
        return self.client.get(self.address).content.decode()

    def post(self, rest: str, **fields: Any) -> Any:
        return self.client.post(f"{self.address}{rest}/", fields, follow=True)
