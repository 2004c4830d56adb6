"""A marketer who writes to all members of a Salesforce campaign."""

import re
from datetime import time, timedelta
from typing import Any

import requests
from django.utils import timezone

from integrations.tenancy import workspace_scope
from sms.campaigns.work import take_step
from sms.jobs import submit_messages
from sms.models import CampaignRecipient, SmsCampaign
from tests.features.marketer import Marketer
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

TEXT = "Hi {{FirstName|there}}, the spring sale begins today."


class Campaigner(Marketer):
    """``record`` is a campaign in Salesforce, without members at first."""

    def __init__(self, org: SalesforceOrg, gateways: SmsGateways) -> None:
        super().__init__(org, gateways)
        self.record = self.add_record("Campaign", Name="Spring Zyx", IsActive=True)

    def add_member(self, sobject: str = "Contact", **fields: Any) -> str:
        """A person with a mobile number, unless told otherwise, in the campaign; their id."""
        usual = {"FirstName": "Ada", "LastName": "Zyxwv", "MobilePhone": "+14155550001"}
        company = {"Company": "Acme"} if sobject == "Lead" else {}
        person = self.add_record(sobject, **{**usual, **company, **fields})
        self.add_record(
            "CampaignMember", CampaignId=self.record, **{f"{sobject}Id": person}, Status="Sent"
        )
        return person

    def delete_record(self, sobject: str, record_id: str) -> None:
        """A clerk deletes a record in Salesforce."""
        requests.delete(
            f"{self.org.url}/services/data/v60.0/sobjects/{sobject}/{record_id}",
            headers={"Authorization": f"Bearer {self._clerks_token}"},
            timeout=5,
        ).raise_for_status()

    def begin(self, text: str = TEXT, **fields: Any) -> str:
        """Write the words on the page that a button in Salesforce opens; what it says then."""
        return self.post(
            f"sms/smscampaign/add/?record={self.record}", text=text, act="save", **fields
        )

    def work(self) -> SmsCampaign:
        """Workers have done what was due, and hours are always open."""
        SmsCampaign.unscoped.update(
            next_attempt_at=timezone.now() - timedelta(seconds=1),
            opens=time.min,
            closes=time.max,
            on_sundays=True,
        )
        campaign = self.campaign
        take_step(campaign.pk)
        return self.campaign

    @property
    def campaign(self) -> SmsCampaign:
        """The one that was made last."""
        with workspace_scope(self.workspace):
            campaign = SmsCampaign.objects.first()
        assert campaign is not None
        return campaign

    def prepare(self, text: str = TEXT, **fields: Any) -> SmsCampaign:
        """Begin, and let the members be read."""
        page = self.begin(text, **fields)
        assert "Its members are read now" in page, page
        return self.work()

    def page_of(self) -> str:
        """The campaign's page."""
        return self.page(f"sms/smscampaign/{self.campaign.pk}/change/")

    def act(self, name: str) -> str:
        """Press one of its buttons and confirm."""
        return self.post(f"sms/smscampaign/{self.campaign.pk}/{name}/")

    def launch(self) -> str:
        """Read the confirmation and press the button on it; what the page says then."""
        question = self.page(f"sms/smscampaign/{self.campaign.pk}/launch/")
        agreed = dict(re.findall(r'name="(people|segments)" value="(\d+)"', question))
        return self.post(f"sms/smscampaign/{self.campaign.pk}/launch/", **agreed)

    def send(self) -> list[dict[str, Any]]:
        """Messages are made and handed over: what the gateway got."""
        self.work()
        submit_messages(self.gateway.pk)
        return self.gateways.records("messages")

    def recipients(self) -> dict[str, str]:
        """Reason, or state where there is none, by name."""
        with workspace_scope(self.workspace):
            rows = CampaignRecipient.objects.filter(campaign=self.campaign)
            return {one.name: one.reason or one.state for one in rows}
