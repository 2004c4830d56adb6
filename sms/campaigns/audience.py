"""The members of a campaign, read from Salesforce page by page into a snapshot (MIT-42 to 46).

Pages go by the member's id, and each is stored with the place after it: whoever stops in between,
Salesforce or a worker, the next step goes on from there. A lead that was converted is written to as
the contact that it became; a person account stands in a campaign as its contact.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.claims import update_claimed
from integrations.countries import find_region
from integrations.errors import NeedsAttention, Refused
from integrations.models import Connection
from integrations.phones import parse_phone, region_of
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.oauth import INTERACTIVE_SECONDS
from integrations.salesforce.soql import like_start, quote
from sms.campaigns.hours import zones_of_person
from sms.merge_fields import KnownFields, known_fields, read_fields
from sms.models import CampaignRecipient, SmsCampaign
from sms.recipients import COUNTRY_FIELDS, as_text, read_value

FEATURE = "campaigns"
#: Salesforce's own page of a query.
PAGE = 2_000
_STATE_FIELDS = {"Contact": "MailingState", "Lead": "State"}
#: Read of everybody whatever the text says, so that other words seldom need the members again.
USUAL_FIELDS = ("FirstName", "LastName", "Name", "Salutation")
_DELETED_AT_ONCE = 1_000
_FOUND_AT_MOST = 20
_PREFIX = "701"
Reason = CampaignRecipient.Reason
State = CampaignRecipient.State


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """A campaign in Salesforce; ``member_count`` is its own count of leads and contacts."""

    record_id: str
    name: str
    status: str
    member_count: int


@dataclass(frozen=True, slots=True)
class Member:
    """A member as Salesforce has it: the person's own fields, not the member's copies."""

    member_id: str
    sobject: str
    person: Record


class CampaignNotFound(Refused):
    """There is no such campaign, or nobody can be asked."""


def find_campaign(record_id: str) -> CampaignRecord:
    """Read one campaign, live. Raises CampaignNotFound, or what the client raises."""
    if not (record_id.isalnum() and record_id.isascii() and record_id.startswith(_PREFIX)):
        raise CampaignNotFound(_("This is no campaign of Salesforce."))
    found = _select(f"WHERE Id = {quote(record_id)} LIMIT 1")
    if not found:
        raise CampaignNotFound(_("Salesforce shows no such campaign. It may have been deleted."))
    return found[0]


def search_campaigns(term: str) -> list[CampaignRecord]:
    """Campaigns whose name begins with ``term``; without one those made last."""
    where = f"WHERE Name LIKE {like_start(term)} ORDER BY Name" if term else "ORDER BY CreatedDate"
    order = "" if term else " DESC"
    return _select(f"{where}{order} LIMIT {_FOUND_AT_MOST}")


def _select(rest: str) -> list[CampaignRecord]:
    client = SalesforceClient(
        usable_connection(), feature=FEATURE, deadline_seconds=INTERACTIVE_SECONDS
    )
    rows = client.query(
        "SELECT Id, Name, Status, NumberOfLeads, NumberOfContacts"  # noqa: S608 - quoted values
        f" FROM Campaign {rest}"
    )
    return [
        CampaignRecord(
            record_id=str(row["Id"]),
            name=str(row["Name"]),
            status=str(row.get("Status") or ""),
            member_count=int(row.get("NumberOfLeads") or 0) + int(row.get("NumberOfContacts") or 0),
        )
        for row in rows
    ]


def usable_connection() -> Connection:
    """The Sync User of the workspace in scope; raises NeedsAttention where nobody can be asked."""
    connection = Connection.objects.find_sync_user()
    if connection is None or not connection.is_usable:
        raise NeedsAttention(_("Salesforce is not connected."), "NOT_CONNECTED")
    return connection


def connection_of(campaign: SmsCampaign) -> Connection:
    """The Sync User of the campaign's own org (RULES E3); raises NeedsAttention for another."""
    connection = usable_connection()
    if connection.org_id != campaign.org_id:
        raise NeedsAttention(
            _("The campaign belongs to another Salesforce org than the connected one."), "OTHER_ORG"
        )
    return connection


def read_on(campaign: SmsCampaign, token: UUID) -> bool:
    """Read and store the next page; False if the claim was lost. Raises what the client raises."""
    client = SalesforceClient(connection_of(campaign), feature=FEATURE)
    try:
        members = _read_page(client, campaign, known_fields())
    except NeedsAttention as error:
        # A field that was deleted or hidden since fails the whole query.
        if error.code != "INVALID_FIELD":
            raise
        read_fields(client.connection)
        members = _read_page(client, campaign, known_fields())
    is_last = len(members) < PAGE
    rows = list(_to_rows(campaign, members))
    with transaction.atomic():
        owned = update_claimed(
            campaign,
            token,
            last_member_id=members[-1].member_id if members else campaign.last_member_id,
            members_read=campaign.members_read + len(members),
            read_at=timezone.now() if is_last else None,
            waits_for="",
        )
        if owned:
            CampaignRecipient.objects.bulk_create(rows, batch_size=500)
    return owned


def forget(campaign: SmsCampaign, token: UUID) -> bool:
    """Drop an earlier snapshot, at most a thousand rows a transaction (RULES C8); False if the
    claim was lost: what is there then is another worker's."""
    rows = CampaignRecipient.objects.filter(campaign=campaign).order_by("pk")
    while True:
        with transaction.atomic():
            if not update_claimed(campaign, token, members_read=0):
                return False
            keys = list(rows.values_list("pk", flat=True)[:_DELETED_AT_ONCE])
            if not keys:
                return True
            CampaignRecipient.objects.filter(pk__in=keys).delete()


def read_member_ids(campaign: SmsCampaign) -> list[str]:
    """The next page of ids alone, for the look at who is still a member when it is launched."""
    client = SalesforceClient(connection_of(campaign), feature=FEATURE)
    rows = client.query(f"SELECT Id FROM CampaignMember {_page_of(campaign)}")  # noqa: S608
    return [str(row["Id"]) for row in rows]


def _page_of(campaign: SmsCampaign) -> str:
    after = f" AND Id > {quote(campaign.last_member_id)}" if campaign.last_member_id else ""
    where = f"WHERE CampaignId = {quote(campaign.campaign_record_id)}{after}"
    return f"{where} ORDER BY Id LIMIT {PAGE}"


def _read_page(client: SalesforceClient, campaign: SmsCampaign, known: KnownFields) -> list[Member]:
    columns = ["Id", "ContactId", "LeadId"]
    for sobject in ("Contact", "Lead"):
        columns += [f"{sobject}.{name}" for name in _columns(known, sobject, campaign.fields)]
    rows = client.query(
        f"SELECT {', '.join(columns)} FROM CampaignMember {_page_of(campaign)}"  # noqa: S608
    )
    return [_to_member(row) for row in rows]


def _columns(known: KnownFields, sobject: str, names: Collection[str]) -> list[str]:
    """The person's fields to ask for: only what the org has, one other fails the whole query."""
    has = known.by_sobject[sobject]
    wanted = ("MobilePhone", COUNTRY_FIELDS[sobject], _STATE_FIELDS[sobject], *names)
    return list(dict.fromkeys(("Name", *(name for name in wanted if name in has))))


def _to_member(row: Record) -> Member:
    # A converted lead's member keeps its lead and gains the contact (salesforce.md 4.6).
    sobject = "Contact" if row.get("ContactId") else "Lead" if row.get("LeadId") else ""
    person = dict(row.get(sobject) or {}) if sobject else {}
    person["Id"] = row.get(f"{sobject}Id") if sobject else ""
    return Member(str(row["Id"]), sobject, person)


def _to_rows(campaign: SmsCampaign, members: Sequence[Member]) -> Iterator[CampaignRecipient]:
    """The snapshot of a page; whoever has the number of an earlier member is left out."""
    known = known_fields()
    rows = [_to_row(campaign, member, known) for member in members]
    numbers = {row.phone_e164 for row in rows if row.phone_e164}
    taken = set(
        CampaignRecipient.objects.filter(campaign=campaign, phone_e164__in=numbers)
        .exclude(state=State.EXCLUDED)
        .values_list("phone_e164", flat=True)
    )
    for row in rows:
        if not row.reason and row.phone_e164 in taken:
            row.state, row.reason = State.EXCLUDED, Reason.DUPLICATE
        elif not row.reason:
            taken.add(row.phone_e164)
        yield row


def _to_row(campaign: SmsCampaign, member: Member, known: KnownFields) -> CampaignRecipient:
    person = member.person
    raw = str(person.get("MobilePhone") or "").strip()
    country = str(person.get(COUNTRY_FIELDS.get(member.sobject, "")) or "")
    region = find_region(country) or campaign.workspace.default_region
    e164 = parse_phone(raw, region).e164 or ""
    reason = _why_not(member, raw, e164)
    state = str(person.get(_STATE_FIELDS.get(member.sobject, "")) or "")
    return CampaignRecipient(
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        member_id=member.member_id,
        sobject=member.sobject,
        record_id=str(person.get("Id") or ""),
        name=str(person.get("Name") or "")[:255],
        raw_phone=raw[:80],
        phone_e164=e164,
        country=(region_of(e164) or "") if e164 else "",
        zones=list(zones_of_person(e164, find_region(country), state)) if e164 else [],
        values=dict(_values(member, campaign.fields, known)),
        state=State.EXCLUDED if reason else State.ELIGIBLE,
        reason=reason,
    )


def _why_not(member: Member, raw: str, e164: str) -> str:
    """What is wrong with the record itself; empty where it can be written to."""
    if not member.sobject:
        return Reason.NO_PERSON
    if not raw:
        return Reason.NO_MOBILE
    return "" if e164 else Reason.INVALID


def _values(
    member: Member, names: Collection[str], known: KnownFields
) -> Iterator[tuple[str, str]]:
    has: Mapping[str, object] = known.by_sobject.get(member.sobject, {})
    for name in names:
        if name in has:
            field = known.by_sobject[member.sobject][name]
            yield name, as_text(read_value(member.person, name), field)
