"""The rules of campaigns and their members (reference 4.6)."""

from __future__ import annotations

from integrations.simulators.salesforce.errors import (
    SalesforceError,
    cannot_reference_converted_lead,
)
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.store import Record

COPIED = (
    "FirstName",
    "LastName",
    "Name",
    "Title",
    "Phone",
    "MobilePhone",
    "Fax",
    "Email",
    "DoNotCall",
    "HasOptedOutOfEmail",
    "HasOptedOutOfFax",
)
"""What a member shows of its person; a copy, because nobody can set it."""
STATUSES = (("Sent", True, False), ("Responded", False, True))
"""Label, default, responded: what a new campaign begins with."""


def save_member(org: Org, old: Record | None, record: Record) -> None:
    """Check and complete a member. Raises `SalesforceError`."""
    if old is None:
        _check_new(org, record)
    person_type = "Contact" if record["ContactId"] else "Lead"
    person = org.store.get(org.sobject(person_type), str(record[f"{person_type}Id"]))
    if person is not None:
        record |= _copies(org, person_type, person)
    _set_status(org, record)


def _check_new(org: Org, record: Record) -> None:
    if record["ContactId"]:
        record["LeadId"] = None  # of both only the contact is kept
    if not record["CampaignId"]:
        return  # which is reported as a required field
    if not (record["ContactId"] or record["LeadId"]):
        message = "A lead or a contact is needed to become a member"
        raise SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, fields=())
    lead = org.target(str(record["LeadId"])) if record["LeadId"] else None
    if lead is not None and lead[1]["IsConverted"]:
        raise cannot_reference_converted_lead()
    key = "ContactId" if record["ContactId"] else "LeadId"
    same = {"CampaignId": record["CampaignId"], key: record[key], "IsDeleted": 0}
    if org.store.find(org.sobject("CampaignMember"), same):
        raise SalesforceError("DUPLICATE_VALUE", "Already a campaign member.", fields=())


def _copies(org: Org, person_type: str, person: Record) -> Record:
    company = person.get("Company")
    if person_type == "Contact" and person["AccountId"]:
        account = org.store.get(org.sobject("Account"), str(person["AccountId"]))
        company = account["Name"] if account else None
    return {
        **{name: person[name] for name in COPIED},
        "Type": person_type,
        "LeadOrContactId": person["Id"],
        "LeadOrContactOwnerId": person["OwnerId"],
        "CompanyOrAccount": company,
    }


def _set_status(org: Org, record: Record) -> None:
    """A value that the campaign does not have gives way to its default, silently."""
    statuses = org.store.find(
        org.sobject("CampaignMemberStatus"), {"CampaignId": record["CampaignId"], "IsDeleted": 0}
    )
    wanted = str(record["Status"] or "").lower()
    known = [one for one in statuses if str(one["Label"]).lower() == wanted]
    for status in known or [one for one in statuses if one["IsDefault"]]:
        record["Status"] = status["Label"]
        record["HasResponded"] = status["HasResponded"]
    if record["HasResponded"] and not record["FirstRespondedDate"]:
        record["FirstRespondedDate"] = org.now().date().isoformat()


def after_member(org: Org, record: Record) -> None:
    """Bring the campaign's counts up to date."""
    (counts,) = org.store.rows(
        "SELECT count(LeadId) AS leads, sum(ContactId IS NOT NULL AND LeadId IS NULL) AS contacts, "
        "sum(ContactId IS NOT NULL AND LeadId IS NOT NULL) AS converted, "
        "sum(HasResponded) AS responses FROM CampaignMember "
        "WHERE CampaignId = ? AND IsDeleted IS NOT 1",
        [record["CampaignId"]],
    )
    changes: Record = {
        "NumberOfLeads": counts["leads"],
        "NumberOfContacts": counts["contacts"] or 0,
        "NumberOfConvertedLeads": counts["converted"] or 0,
        "NumberOfResponses": counts["responses"] or 0,
    }
    org.store.update(org.sobject("Campaign"), str(record["CampaignId"]), changes)


def after_person(org: Org, person_type: str, person: Record) -> None:
    """Refresh what members show of a person who was changed."""
    members = org.sobject("CampaignMember")
    for member in org.store.find(members, {"LeadOrContactId": person["Id"], "IsDeleted": 0}):
        org.store.update(members, str(member["Id"]), _copies(org, person_type, person))


def default_statuses(campaign_id: str) -> list[Record]:
    """The member statuses of a campaign that was just made."""
    return [
        {
            "CampaignId": campaign_id,
            "Label": label,
            "SortOrder": number,
            "IsDefault": is_default,
            "HasResponded": has_responded,
        }
        for number, (label, is_default, has_responded) in enumerate(STATUSES, start=1)
    ]
