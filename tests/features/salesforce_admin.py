"""An admin who connects Salesforce at the console, and answers Salesforce's own pages too."""

import re
from urllib.parse import parse_qsl, urlsplit

import requests
from django.test import Client

from integrations.models import Connection, Membership
from integrations.simulators.salesforce import seed
from tests.harness.salesforce import SalesforceOrg


class Admin:
    """An admin at the console, who answers Salesforce's pages too."""

    def __init__(self, org: SalesforceOrg, membership: Membership) -> None:
        self.org = org
        self.membership = membership
        membership.user.set_password("a password of their own")
        membership.user.save()
        self.client = Client()
        self.client.force_login(membership.user)
        self.client.post("/accounts/reauthenticate/", {"password": "a password of their own"})

    @property
    def workspace_id(self) -> int:
        return self.membership.workspace_id

    def url(self, rest: str = "") -> str:
        return f"/w/{self.membership.workspace.slug}/salesforce/connection/{rest}"

    def page(self, rest: str = "") -> str:
        response = self.client.get(self.url(rest))
        assert response.status_code == 200
        return re.sub(r"\s+", " ", response.content.decode())

    def integrate(self, rest: str = "integrate/") -> str:
        """Press the button; where the browser is sent."""
        response = self.client.post(self.url(rest))
        assert response.status_code == 302
        return str(response["Location"])

    def answer(self, url: str, username: str = seed.SYNC_USERNAME, decision: str = "allow") -> str:
        """Sign in at Salesforce and decide; where Salesforce sends the browser."""
        [user] = self.org.records("User", Username=username)
        form = dict(parse_qsl(urlsplit(url).query)) | {"user_id": user["Id"], "decision": decision}
        response = requests.post(url.partition("?")[0], data=form, allow_redirects=False, timeout=5)
        return str(response.headers["Location"])

    def come_back(self, callback: str) -> str:
        """Follow Salesforce back to us; the page at the end."""
        response = self.client.get(callback.removeprefix("http://localhost:8000"), follow=True)
        assert response.status_code == 200
        return response.content.decode()

    def connect(self, username: str = seed.SYNC_USERNAME, rest: str = "integrate/") -> str:
        """The whole way; the page at its end."""
        return self.come_back(self.answer(self.integrate(rest), username))

    def connect_other_org(self, held: str, username: str = seed.SYNC_USERNAME) -> str:
        """Confirm that another organisation takes over, then go the whole way."""
        response = self.client.post(self.url("other-organisation/"), {"held": held})
        assert response.status_code == 302
        return self.come_back(self.answer(str(response["Location"]), username))

    def sync_user(self) -> Connection | None:
        return Connection.unscoped.sync_users().filter(workspace=self.workspace_id).first()
