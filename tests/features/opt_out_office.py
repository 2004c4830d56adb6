"""An office that texts people of its org: a gateway, handsets, and a checkbox for STOP."""

from typing import Any

import requests
from django.utils import timezone

from integrations.jobs import deliver_crm_writes, drain_inbox
from integrations.models import Connection, DrainLease, Workspace
from integrations.salesforce.downloads import OPT_OUT_FIELD, Place, find_download
from integrations.tenancy import workspace_scope
from sms.jobs import mirror_due_opt_outs, scan_opt_out_flags, submit_messages
from sms.keywords import fold
from sms.messaging import NewText, queue_message
from sms.models import Message, OptOut, OptOutKeyword, OptOutMirror
from tests.factories import make_workspace
from tests.harness.deploying import deploy
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways
from tests.sms.scripted_gateway import make_sender

ADMIN, SYNC_USER, CLERK = "admin@acme.test", "sync@acme.test", "manager@acme.test"


class OptOutOffice:
    """Acme, whose administrator has deployed the checkbox that Patchbay offers."""

    def __init__(self, org: SalesforceOrg, gateways: SmsGateways, backend: str = "mitto") -> None:
        self.org, self.gateways = org, gateways
        self.workspace: Workspace = make_workspace(default_region="US")
        self.sync_user: Connection = org.connect(self.workspace)
        self.gateway: Connection = gateways.connect(self.workspace, backend)
        make_sender(self.gateway, "14155550170")
        with workspace_scope(self.workspace):
            OptOutKeyword.objects.create(workspace=self.workspace, word="STOP", folded=fold("STOP"))

    def deploy_checkbox(self) -> None:
        """What the page Downloads gives, deployed and given to the Sync User and a clerk."""
        token = self.org.act("issue-tokens", username=ADMIN)["access_token"]
        download = find_download("opt-out-field")
        assert download is not None
        package = download.package(Place("", "", "admin@acme.test"))
        assert package is not None
        assert deploy(self.org.url, token, package)["status"] == "Succeeded"
        [permission_set] = self.org.records("PermissionSet", Name="Patchbay_SMS_Opt_Out")
        for username in (SYNC_USER, CLERK):
            [user] = self.org.records("User", Username=username)
            given = {"AssigneeId": user["Id"], "PermissionSetId": permission_set["Id"]}
            answer = requests.post(
                f"{self.org.url}/services/data/v60.0/sobjects/PermissionSetAssignment",
                json=given,
                headers={"Authorization": f"Bearer {token}"},
                timeout=5,
            )
            assert answer.status_code == 201, answer.text

    def person(self, sobject: str, **fields: str) -> dict[str, Any]:
        """The one record in Salesforce with these values."""
        [record] = self.org.records(sobject, **fields)
        return record

    def mark(self, record: dict[str, Any], flag: bool, username: str = CLERK) -> None:
        """Somebody in Salesforce sets the checkbox of a record, or takes it off."""
        sobject = "Lead" if record["Id"].startswith("00Q") else "Contact"
        fields = {OPT_OUT_FIELD: flag}
        arguments = {"sobject": sobject, "id": record["Id"], "fields": fields}
        self.org.act("edit-record", **arguments, username=username)

    def is_marked(self, record: dict[str, Any]) -> bool:
        """Whether Salesforce shows the record as opted out."""
        sobject = "Lead" if record["Id"].startswith("00Q") else "Contact"
        return bool(self.person(sobject, Id=record["Id"])[OPT_OUT_FIELD])

    def scan(self) -> None:
        """Four minutes later, Patchbay looks for what changed."""
        OptOutMirror.unscoped.update(next_attempt_at=timezone.now())
        scan_opt_out_flags(self.sync_user.pk)

    def keep_in_step(self) -> None:
        """What workers do about opt-outs that changed here."""
        mirror_due_opt_outs()
        DrainLease.unscoped.update(drained_at=None)
        deliver_crm_writes(self.sync_user.pk)

    def is_opted_out(self, phone: str) -> bool:
        """Our own truth."""
        return OptOut.unscoped.filter(
            workspace=self.workspace, phone_e164=phone, is_active=True
        ).exists()

    def send(self, phone: str, purpose: Message.Purpose = Message.Purpose.CONVERSATION) -> Message:
        """One text to one person, as far as the gateway; the message as it stands then."""
        with workspace_scope(self.workspace):
            message = queue_message(
                NewText(to=phone, text="Hello", purpose=purpose, origin=Message.Origin.COMPOSE)
            )
        submit_messages(self.gateway.pk)
        message.refresh_from_db()
        return message

    def answer(self, phone: str, text: str) -> None:
        """The handset writes, and the text is understood."""
        before = len(self.gateways.records("deliveries"))
        arguments = {"from": phone, "to": "+14155550170", "text": text}
        self.gateways.act("reply", **arguments)
        self.gateways.deliveries(before + 1)
        drain_inbox(self.gateway.pk, DrainLease.Lane.TEXTS)

    def sent_to(self, phone: str) -> int:
        """How many texts the gateway took for a number."""
        taken = self.gateways.records("messages", direction="outbound")
        return sum(text["handset"] == phone for text in taken)
