"""A company whose agents telephone: events go in by HTTP, and what came of them is read outside.

Acme's agents are users of a simulated org, and its people type records into that org themselves.
"""

import re
from datetime import timedelta
from typing import Any

import requests
from django.db.models import F
from django.test import Client
from django.utils import timezone

from calls.models import Call
from integrations.jobs import answer_lookups
from integrations.models import Connection, DirectoryContact, Membership, PhoneLookup
from integrations.options import active_options, publish_revision
from integrations.tenancy import workspace_scope
from tests.deliveries import PhoneCall
from tests.factories import make_member
from tests.filed_calls import Desk
from tests.harness.salesforce import COLLECTIONS, SalesforceOrg

AGENT = "agent@acme.test"  # America/Los_Angeles
SECOND_AGENT = "agent2@acme.test"  # Europe/Madrid
LONDON_AGENT = "member@acme.test"
_CLERK = "manager@acme.test"


class Company(Desk):
    """A desk in an org of its own: extension 201 is the Salesforce user ``agent@acme.test``."""

    def __init__(self, org: SalesforceOrg) -> None:
        super().__init__(org)
        self.org = org
        self._clerks_token = org.act("issue-tokens", username=_CLERK)["access_token"]
        self.link(self.agent, AGENT)

    @property
    def connection(self) -> Connection:
        """The Sync User's."""
        assert self.sync_user is not None
        return self.sync_user

    def choose(self, **options: Any) -> None:
        """An admin publishes other integration options."""
        with workspace_scope(self.workspace):
            active = active_options()
            publish_revision({**active.values, **options}, based_on=active.number, actor=None)

    def find(self, sobject: str, **fields: str) -> dict[str, Any]:
        """The one record in Salesforce with these values."""
        [record] = self.org.records(sobject, **fields)
        return record

    def read_page(self, address: str) -> str:
        """A page of the org as somebody sees it who is signed in there."""
        return self.org.read_page(address, AGENT)

    def user(self, username: str) -> dict[str, Any]:
        """A Salesforce user."""
        return self.find("User", Username=username)

    def link(self, member: Membership, username: str) -> None:
        """Make a member the same person as a Salesforce user."""
        user = self.user(username)
        member.salesforce_user_id = user["Id"]
        member.salesforce_time_zone = user["TimeZoneSidKey"]
        member.save()

    def hire_user(self, extension: str, username: str) -> Membership:
        """One more agent, who is a Salesforce user."""
        member = self.hire(extension)
        self.link(member, username)
        return member

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

    def query(self, soql: str) -> list[dict[str, Any]]:
        """What a clerk sees in Salesforce."""
        answer = requests.get(
            f"{self.org.url}/services/data/v60.0/query",
            params={"q": soql},
            headers={"Authorization": f"Bearer {self._clerks_token}"},
            timeout=5,
        )
        assert answer.ok, answer.text
        records: list[dict[str, Any]] = answer.json()["records"]
        return records

    def report(self, external: str, direction: str = "inbound", **data: Any) -> PhoneCall:
        """A call of a minute that has arrived and was not worked on yet."""
        call = self.call(external, direction=direction)
        call.play(**data)
        return call

    def dial(self, external: str, **data: Any) -> Call:
        """An outbound call of a minute, all the way."""
        return self.work(self.report(external, direction="outbound", **data))

    def record(self, call: PhoneCall) -> dict[str, Any]:
        """Bring a reported call all the way; its one Task."""
        self.work(call)
        return self.task()

    def tasks(self) -> list[dict[str, Any]]:
        """The call records that Salesforce holds, the oldest first."""
        tasks = [task for task in self.org.records("Task") if task["CallObject"]]
        return sorted(tasks, key=lambda task: (task["CreatedDate"], task["Id"]))

    def task(self) -> dict[str, Any]:
        """The only one."""
        [task] = self.tasks()
        return task

    def searches(self) -> list[str]:
        """The questions that Salesforce was asked about numbers (SOSL)."""
        return [request["notes"]["q"] for request in self.org.requests("/search")]

    def spent(self) -> int:
        """Requests that Salesforce has charged so far for finding people, not for writing."""
        return sum(
            request["api_requests"]
            for request in self.org.requests()
            if request["path"].startswith("/services/data/v51.0/")
            and not re.search(COLLECTIONS, request["path"])
        )

    def wait_for_answers(self) -> None:
        """Let time pass until no search waits to be repeated."""
        waiting = PhoneLookup.unscoped.filter(state=PhoneLookup.State.WAITING)
        while waiting.update(next_attempt_at=timezone.now() - timedelta(seconds=1)):
            answer_lookups(self.connection.pk)
        self.file()

    def let_answers_age(self, **by: float) -> None:
        """Time passes since Salesforce answered whose number it is."""
        age = timedelta(**by)
        PhoneLookup.unscoped.update(answered_at=F("answered_at") - age)
        Call.unscoped.filter(matched_at__isnull=False).update(matched_at=F("matched_at") - age)

    def let_calls_be_planned_again(self) -> None:
        """As a late fact would have it, for every call so far."""
        Call.unscoped.update(plan_due_at=timezone.now())
        self.file()

    def directory(self) -> list[DirectoryContact]:
        """Our own copies of the people who called."""
        with workspace_scope(self.workspace):
            return list(DirectoryContact.objects.order_by("id"))

    def page_of(self, call: Call) -> str:
        """The call's own page, as an admin reads it."""
        return self.page(f"calls/call/{call.pk}/change/")

    def page(self, rest: str = "") -> str:
        """A page of the console, as an admin reads it, on one line."""
        client = Client()
        client.force_login(make_member(self.workspace).user)
        response = client.get(f"/w/{self.workspace.slug}/{rest}", follow=True)
        assert response.status_code == 200, response.content
        return re.sub(r"\s+", " ", response.content.decode())
