"""Converting a lead (reference 4.5). REST has no verb for it; a user does it on a page."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.simulators.salesforce.campaigns import after_member, after_person
from integrations.simulators.salesforce.errors import cannot_reference_converted_lead
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.records import create_record, find_record
from integrations.simulators.salesforce.store import Record

SHARED_FIELDS = ("Phone", "MobilePhone", "Email", "Title", "OwnerId")


@dataclass(frozen=True)
class Into:
    """What a lead is converted into; None makes a new record, no opportunity name none at all."""

    account_id: str | None = None
    contact_id: str | None = None
    opportunity_name: str | None = None


def convert_lead(org: Org, actor_id: str, lead_id: str, into: Into | None = None) -> dict[str, str]:
    """Make an account and a contact of a lead; its activities and campaigns follow the contact.

    The row stays, is still found, and is read-only from now on. Raises `SalesforceError`.
    """
    into = into or Into()
    lead_type = org.sobject("Lead")
    lead = find_record(org, lead_type, lead_id)
    if lead["IsConverted"]:
        raise cannot_reference_converted_lead()
    account_id = into.account_id or _make_account(org, actor_id, lead)
    contact_id = into.contact_id or _make_contact(org, actor_id, lead, account_id)
    made = {"account_id": account_id, "contact_id": contact_id}
    if into.opportunity_name:
        made["opportunity_id"] = _make_opportunity(org, actor_id, into.opportunity_name, account_id)
    now = org.now_on_wire()
    changes: Record = {
        "Status": _converted_status(org),
        "IsConverted": 1,
        "ConvertedDate": now[:10],
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
        "ConvertedOpportunityId": made.get("opportunity_id"),
        "LastModifiedDate": now,
        "LastModifiedById": actor_id,
        "SystemModstamp": now,
    }
    org.store.update(lead_type, str(lead["Id"]), changes)
    _move_activities(org, str(lead["Id"]), contact_id, account_id)
    _follow_in_campaigns(org, str(lead["Id"]), contact_id)
    return made


def _make_account(org: Org, actor_id: str, lead: Record) -> str:
    account = {"Name": lead["Company"], "Phone": lead["Phone"], "BillingCountry": lead["Country"]}
    return create_record(org, actor_id, org.sobject("Account"), account)


def _make_contact(org: Org, actor_id: str, lead: Record, account_id: str) -> str:
    contact = {
        "FirstName": lead["FirstName"],
        "LastName": lead["LastName"],
        "AccountId": account_id,
        "MailingCountry": lead["Country"],
        **{name: lead[name] for name in SHARED_FIELDS},
    }
    return create_record(org, actor_id, org.sobject("Contact"), contact)


def _make_opportunity(org: Org, actor_id: str, name: str, account_id: str) -> str:
    opportunity = {
        "Name": name,
        "AccountId": account_id,
        "StageName": "Prospecting",
        "CloseDate": org.now().date().isoformat(),
    }
    return create_record(org, actor_id, org.sobject("Opportunity"), opportunity)


def _converted_status(org: Org) -> str:
    rows = org.store.find(org.sobject("LeadStatus"), {"IsConverted": 1})
    return str(rows[0]["ApiName"]) if rows else "Closed - Converted"


def _move_activities(org: Org, lead_id: str, contact_id: str, account_id: str) -> None:
    now = org.now_on_wire()
    for name in ("Task", "Event"):
        for activity in org.store.find(org.sobject(name), {"WhoId": lead_id}):
            moved: Record = {"WhoId": contact_id, "AccountId": account_id, "SystemModstamp": now}
            org.store.update(org.sobject(name), str(activity["Id"]), moved)


def _follow_in_campaigns(org: Org, lead_id: str, contact_id: str) -> None:
    """A member keeps its LeadId and gains a ContactId."""
    members = org.sobject("CampaignMember")
    for member in org.store.find(members, {"LeadId": lead_id, "IsDeleted": 0}):
        changes: Record = {"ContactId": contact_id, "LeadOrContactId": contact_id}
        org.store.update(members, str(member["Id"]), changes)
        after_member(org, member)
    contact = org.store.get(org.sobject("Contact"), contact_id)
    if contact is not None:
        after_person(org, "Contact", contact)
