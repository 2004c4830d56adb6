"""A marketer at work: a workspace with an org and a gateway, and the pages of the console."""

import re
from typing import Any

import requests
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

from integrations.models import Connection, Membership, Workspace
from integrations.tenancy import workspace_scope
from sms.jobs import read_merge_fields, submit_messages
from sms.models import Message, Template
from tests.factories import make_member, make_workspace
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways
from tests.sms.scripted_gateway import make_sender

SENDER = "+14155550170"


class Marketer:
    """Signed in to Acme's console; ``org`` is what Acme's people see in Salesforce."""

    def __init__(self, org: SalesforceOrg, gateways: SmsGateways) -> None:
        self.org, self.gateways = org, gateways
        self.workspace: Workspace = make_workspace(default_region="US")
        self.salesforce: Connection = org.connect(self.workspace)
        self.gateway: Connection = gateways.connect(self.workspace, "mitto")
        make_sender(self.gateway, SENDER.removeprefix("+"))
        self.member: Membership = make_member(self.workspace, roles=("marketer",))
        self.client = Client()
        self.client.force_login(self.member.user)
        self._clerks_token = org.act("issue-tokens", username="manager@acme.test")["access_token"]

    def read_fields(self) -> None:
        """The job that asks the org for its fields has run."""
        read_merge_fields(self.salesforce.pk)

    def add_record(self, sobject: str, **fields: Any) -> str:
        """A clerk makes a record in Salesforce; its id."""
        answer = requests.post(
            f"{self.org.url}/services/data/v60.0/sobjects/{sobject}",
            json=fields,
            headers={"Authorization": f"Bearer {self._clerks_token}"},
            timeout=5,
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def get(self, rest: str, **parameters: str) -> HttpResponse:
        """A page, with redirects followed."""
        address = f"/w/{self.workspace.slug}/{rest}"
        answer: HttpResponse = self.client.get(address, parameters, follow=True)  # type: ignore[assignment]
        return answer

    def page(self, rest: str, **parameters: str) -> str:
        """A page that opens, on one line."""
        return one_line(self.get(rest, **parameters))

    def post(self, rest: str, **fields: Any) -> str:
        """What the page says after a form was sent, on one line."""
        address = f"/w/{self.workspace.slug}/{rest}"
        return one_line(self.client.post(address, fields, follow=True))

    def add_template(self, kind: str, text: str, name: str = "Greeting") -> str:
        """Fill in the form of a new template; what the page says then."""
        return self.post("sms/template/add/", kind=kind, name=name, text=text)

    def templates(self) -> list[Template]:
        """All of them, oldest first."""
        with workspace_scope(self.workspace):
            return list(Template.objects.order_by("pk"))

    def messages(self) -> list[Message]:
        """What was taken on or came in, oldest first."""
        with workspace_scope(self.workspace):
            return list(Message.objects.order_by("pk"))

    def hand_over(self) -> list[dict[str, Any]]:
        """Workers have run: what the gateway got."""
        submit_messages(self.gateway.pk)
        return self.gateways.records("messages")


def one_line(response: Any) -> str:
    """The page without its line breaks."""
    assert response.status_code in (200, 422), response.status_code
    return re.sub(r"\s+", " ", response.content.decode())


def quoted(text: str) -> str:
    """A text as it stands in a page."""
    return str(escape(text))
