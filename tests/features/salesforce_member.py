"""A member who connects an own Salesforce account at the console."""

import re

from integrations.models import Connection
from integrations.simulators.salesforce.seed import SYNC_USERNAME
from integrations.tenancy import workspace_scope
from tests.features.salesforce_admin import Admin


class Member(Admin):
    """Walks the pages under My account; Salesforce's own pages are answered as an admin does."""

    def url(self, rest: str = "") -> str:
        return f"/w/{self.membership.workspace.slug}/my/salesforce/{rest}"

    def integrate(self, rest: str = "connect/") -> str:
        return super().integrate(rest)

    def connect(self, username: str = SYNC_USERNAME, rest: str = "connect/") -> str:
        page = self.come_back(self.answer(self.integrate(rest), username))
        return re.sub(r"\s+", " ", page)

    def account(self) -> Connection | None:
        """The own connection."""
        with workspace_scope(self.workspace_id):
            return Connection.objects.find_personal_account(self.membership.pk)
