"""Campaigns of an org, and making the people of Tasks members of them (salesforce.md 4.6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from integrations.marks import MEMBER
from integrations.salesforce.answers import RecordResult
from integrations.salesforce.client import SalesforceClient, to_record
from integrations.salesforce.errors import Verdict, classify
from integrations.salesforce.soql import in_list
from integrations.salesforce.successors import kind_of

#: Ours: the Task hangs on nobody (any more).
NO_PERSON = "NO_PERSON"
_SLOTS = {"Contact": "ContactId", "Lead": "LeadId"}
_MOST_LISTED = 200

Pair = tuple[str, str]
"""Campaign and person, by id."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign by id and name."""

    campaign_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Joining:
    """Whoever this Task hangs on is to join this campaign; ids."""

    task_id: str
    campaign_id: str


def list_campaigns(client: SalesforceClient) -> list[Campaign]:
    """Active campaigns by name, those changed last if there are many. One request."""
    rows = client.query(
        "SELECT Id, Name FROM Campaign WHERE IsActive = true"  # noqa: S608 - no values
        f" ORDER BY LastModifiedDate DESC LIMIT {_MOST_LISTED}"
    )
    campaigns = [Campaign(str(row["Id"]), str(row["Name"])) for row in rows]
    return sorted(campaigns, key=lambda one: one.name.casefold())


def join_campaigns(client: SalesforceClient, joinings: Sequence[Joining]) -> list[RecordResult]:
    """A result for each, with the id of the member; who is one already is success.

    At most three requests, and a fourth if somebody joins by hand meanwhile.
    """
    people = _people(client, {one.task_id for one in joinings if one.task_id})
    pairs = [(one.campaign_id, people.get(one.task_id, "")) for one in joinings]
    wanted = sorted({pair for pair in pairs if pair[1]})
    members = _find_members(client, wanted)
    refused: dict[Pair, RecordResult] = {}
    if missing := [pair for pair in wanted if pair not in members]:
        records = [
            to_record(MEMBER, {"CampaignId": campaign, _SLOTS[kind_of(person)]: person})
            for campaign, person in missing
        ]
        results = dict(zip(missing, client.create_records(records), strict=True))
        members |= {pair: one.record_id or "" for pair, one in results.items() if one.success}
        refused = {pair: one for pair, one in results.items() if not one.success}
        members |= _find_members(client, [p for p, one in refused.items() if _is_member(one)])
    return [_result(pair, members, refused) for pair in pairs]


def _result(
    pair: Pair, members: Mapping[Pair, str], refused: Mapping[Pair, RecordResult]
) -> RecordResult:
    if member_id := members.get(pair):
        return RecordResult(member_id, success=True)
    nobody = RecordResult(None, False, NO_PERSON, "The Task hangs on no Contact and no Lead.")
    return refused.get(pair, nobody)


def _is_member(result: RecordResult) -> bool:
    return classify(result.error_code, result.error_message) is Verdict.DUPLICATE_VALUE


def _people(client: SalesforceClient, task_ids: Collection[str]) -> dict[str, str]:
    """The Contact or Lead of each Task that has one."""
    if not task_ids:
        return {}
    tasks = client.query(f"SELECT Id, WhoId FROM Task WHERE Id IN {in_list(sorted(task_ids))}")  # noqa: S608
    return {
        str(task["Id"]): str(task["WhoId"])
        for task in tasks
        if task.get("WhoId") and kind_of(str(task["WhoId"])) in _SLOTS
    }


def _find_members(client: SalesforceClient, pairs: Collection[Pair]) -> dict[Pair, str]:
    if not pairs:
        return {}
    campaigns = in_list(sorted({campaign for campaign, _person in pairs}))
    people = in_list(sorted({person for _campaign, person in pairs}))
    rows = client.query(
        "SELECT Id, CampaignId, ContactId, LeadId FROM CampaignMember"  # noqa: S608 - ids are quoted
        f" WHERE CampaignId IN {campaigns} AND (ContactId IN {people} OR LeadId IN {people})"
    )
    return {
        (str(row["CampaignId"]), str(row[slot])): str(row["Id"])
        for row in rows
        for slot in ("LeadId", "ContactId")
        if row.get(slot)
    }
