"""Campaigns, their members and the statuses of those (reference 4.6)."""

from __future__ import annotations

from dataclasses import replace

from integrations.simulators.salesforce.schema import (
    Field,
    day,
    email,
    flag,
    long_text,
    lookup,
    number,
    phone,
    picklist,
    text,
)
from integrations.simulators.salesforce.standard_fields import define_object, read_only


def _create_only(one: Field) -> Field:
    return replace(one, updateable=False)


CAMPAIGN = define_object(
    "Campaign",
    "Campaign",
    "Campaigns",
    "701",
    [
        replace(text("Name", "Name", 80, required=True), name_field=True),
        flag("IsActive", "Active"),
        picklist("Type", "Type", "Webinar", "Advertisement", "Email", "Telemarketing", "Other"),
        picklist(
            "Status",
            "Status",
            "Planned",
            "In Progress",
            "Completed",
            "Aborted",
            default="Planned",
        ),
        day("StartDate", "Start Date"),
        day("EndDate", "End Date"),
        long_text("Description", "Description"),
        *(
            replace(read_only(number(name, label)), default=0, nillable=False)
            for name, label in (
                ("NumberOfLeads", "Leads in Campaign"),
                ("NumberOfConvertedLeads", "Converted Leads in Campaign"),
                ("NumberOfContacts", "Contacts in Campaign"),
                ("NumberOfResponses", "Responses in Campaign"),
            )
        ),
        lookup("ParentId", "Parent Campaign ID", "Campaign", children="ChildCampaigns"),
        lookup("OwnerId", "Owner ID", "User"),
    ],
)

CAMPAIGN_MEMBER = define_object(
    "CampaignMember",
    "Campaign Member",
    "Campaign Members",
    "00v",
    [
        replace(
            _create_only(
                lookup("CampaignId", "Campaign ID", "Campaign", children="CampaignMembers")
            ),
            nillable=False,
        ),
        _create_only(lookup("LeadId", "Lead ID", "Lead", children="CampaignMembers")),
        _create_only(lookup("ContactId", "Contact ID", "Contact", children="CampaignMembers")),
        text("Status", "Status", 40),
        read_only(flag("HasResponded", "Responded")),
        read_only(day("FirstRespondedDate", "First Responded Date")),
        read_only(text("Type", "Type", 40)),
        read_only(Field("LeadOrContactId", "Related Record ID", "reference", 18)),
        read_only(Field("LeadOrContactOwnerId", "Related Record Owner ID", "reference", 18)),
        read_only(text("FirstName", "First Name", 40)),
        read_only(text("LastName", "Last Name", 80)),
        replace(read_only(text("Name", "Full Name", 121)), name_field=True),
        read_only(text("CompanyOrAccount", "Company (Account)", 255)),
        read_only(text("Title", "Title", 128)),
        read_only(phone("Phone", "Phone")),
        read_only(phone("MobilePhone", "Mobile")),
        read_only(phone("Fax", "Fax")),
        read_only(email("Email")),
        read_only(flag("DoNotCall", "Do Not Call")),
        read_only(flag("HasOptedOutOfEmail", "Email Opt Out")),
        read_only(flag("HasOptedOutOfFax", "Fax Opt Out")),
    ],
)

CAMPAIGN_MEMBER_STATUS = define_object(
    "CampaignMemberStatus",
    "Campaign Member Status",
    "Campaign Member Statuses",
    "01Y",
    [
        replace(
            _create_only(
                lookup("CampaignId", "Campaign ID", "Campaign", children="CampaignMemberStatuses")
            ),
            nillable=False,
        ),
        replace(text("Label", "Label", 765, required=True), name_field=True),
        number("SortOrder", "Sort Order"),
        flag("IsDefault", "Is Default"),
        flag("HasResponded", "Has Responded"),
    ],
)

CAMPAIGN_OBJECTS = (CAMPAIGN, CAMPAIGN_MEMBER, CAMPAIGN_MEMBER_STATUS)
