"""What we ask an org once, when it is connected: who, which org, how a finished call is marked."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from integrations.errors import NeedsAttention
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.soql import quote

#: Preferred among several closed statuses; orgs rename and add to them.
_USUAL_CLOSED_STATUS = "Completed"


@dataclass(frozen=True, slots=True)
class OrgFacts:
    """The connected user and org; ids have 18 characters, ``time_zone`` is an IANA name.

    ``edition`` is Salesforce's own name of it, ``versions`` are those that the API offers.
    """

    org_id: str
    org_name: str
    user_id: str
    username: str
    time_zone: str
    closed_task_status: str
    edition: str = ""
    is_sandbox: bool = False
    versions: tuple[str, ...] = ()

    def columns(self) -> dict[str, Any]:
        """What a connection keeps of it, and may change while it stands."""
        return {
            "org_name": self.org_name[:120],
            "closed_task_status": self.closed_task_status[:80],
            "edition": self.edition[:40],
            "is_sandbox": self.is_sandbox,
            "offered_versions": list(self.versions),
            "checked_at": timezone.now(),
        }


def read_org_facts(client: SalesforceClient) -> OrgFacts:
    """Ask the org (three charged requests). Raises what the client raises."""
    versions = client.versions()
    user_id = str(client.userinfo().get("user_id", ""))
    organization = _only(
        client.query("SELECT Id, Name, OrganizationType, IsSandbox FROM Organization"), "org"
    )
    this_user = f"Id = {quote(user_id)}"
    user = _only(
        client.query(f"SELECT Id, Username, TimeZoneSidKey FROM User WHERE {this_user}"),  # noqa: S608
        "user",
    )
    statuses = client.query(
        "SELECT ApiName, SortOrder FROM TaskStatus WHERE IsClosed = true ORDER BY SortOrder"
    )
    return OrgFacts(
        org_id=str(organization["Id"]),
        org_name=str(organization["Name"]),
        user_id=str(user["Id"]),
        username=str(user["Username"]),
        time_zone=str(user["TimeZoneSidKey"] or ""),
        closed_task_status=_choose_closed(statuses),
        edition=str(organization.get("OrganizationType") or ""),
        is_sandbox=bool(organization.get("IsSandbox")),
        versions=tuple(versions),
    )


def _only(records: list[Record], what: str) -> Record:
    if len(records) != 1:
        raise NeedsAttention(f"Salesforce does not tell which {what} this is.", "ODD_ANSWER")
    return records[0]


def _choose_closed(statuses: list[Record]) -> str:
    names = [str(status["ApiName"]) for status in statuses]
    if _USUAL_CLOSED_STATUS in names or not names:
        return _USUAL_CLOSED_STATUS
    return names[0]
