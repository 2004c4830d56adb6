"""Campaigns and their members."""

import pytest

from tests.integrations.simulators.org_client import OrgClient, refused


@pytest.fixture
def campaign_id(org: OrgClient) -> str:
    return org.create_id("Campaign", Name="Autumn Mailing", IsActive=True)


def _member(org: OrgClient, member_id: str) -> dict[str, object]:
    return org.record("CampaignMember", Id=member_id)


def test_a_new_campaign_has_two_statuses(org: OrgClient, campaign_id: str) -> None:
    rows = org.query(
        "SELECT Label, IsDefault, HasResponded FROM CampaignMemberStatus "
        f"WHERE CampaignId = '{campaign_id}' ORDER BY SortOrder"
    )["records"]
    assert [(one["Label"], one["IsDefault"], one["HasResponded"]) for one in rows] == [
        ("Sent", True, False),
        ("Responded", False, True),
    ]


def test_a_member_copies_its_person(org: OrgClient, campaign_id: str) -> None:
    contact = org.record("Contact", Name="Ana Ito")
    member_id = org.create_id("CampaignMember", CampaignId=campaign_id, ContactId=contact["Id"])
    member = _member(org, member_id)
    assert (member["Name"], member["Phone"]) == ("Ana Ito", "(415) 555-0101")
    assert (member["Type"], member["CompanyOrAccount"]) == ("Contact", "Northwind Robotics")
    assert (member["LeadOrContactId"], member["Status"]) == (contact["Id"], "Sent")
    org.call("PATCH", f"sobjects/Contact/{contact['Id']}", json={"DoNotCall": True})
    (row,) = org.query(
        "SELECT DoNotCall, Contact.Phone, Lead.Phone, Campaign.NumberOfContacts "
        f"FROM CampaignMember WHERE CampaignId = '{campaign_id}'"
    )["records"]
    assert (row["DoNotCall"], row["Contact"]["Phone"], row["Lead"]) == (
        True,
        "(415) 555-0101",
        None,
    )
    assert row["Campaign"]["NumberOfContacts"] == 1


def test_somebody_is_a_member_once_only(org: OrgClient, campaign_id: str) -> None:
    lead_id = org.create_id("Lead", LastName="Once", Company="O")
    member_id = org.create_id("CampaignMember", CampaignId=campaign_id, LeadId=lead_id)
    again = org.create("CampaignMember", CampaignId=campaign_id, LeadId=lead_id)
    assert refused(again) == (400, "DUPLICATE_VALUE")
    assert again.json()[0]["message"] == "Already a campaign member."
    assert org.call("DELETE", f"sobjects/CampaignMember/{member_id}").status_code == 204
    assert org.record("Campaign", Id=campaign_id)["NumberOfLeads"] == 0
    org.create_id("CampaignMember", CampaignId=campaign_id, LeadId=lead_id)


def test_an_unknown_status_is_replaced_silently(org: OrgClient, campaign_id: str) -> None:
    lead_id = org.create_id("Lead", LastName="Status", Company="S")
    member_id = org.create_id(
        "CampaignMember", CampaignId=campaign_id, LeadId=lead_id, Status="Phoned"
    )
    assert _member(org, member_id)["Status"] == "Sent"
    path = f"sobjects/CampaignMember/{member_id}"
    assert org.call("PATCH", path, json={"Status": "responded"}).status_code == 204
    member = _member(org, member_id)
    assert (member["Status"], member["HasResponded"]) == ("Responded", True)
    assert member["FirstRespondedDate"]
    assert org.record("Campaign", Id=campaign_id)["NumberOfResponses"] == 1


def test_members_are_not_moved(org: OrgClient, campaign_id: str) -> None:
    lead_id = org.create_id("Lead", LastName="Fixed", Company="F")
    member_id = org.create_id("CampaignMember", CampaignId=campaign_id, LeadId=lead_id)
    other = org.record("Campaign", Name="Trade Fair 2025")["Id"]
    answer = org.call("PATCH", f"sobjects/CampaignMember/{member_id}", json={"CampaignId": other})
    assert refused(answer) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_of_a_lead_and_a_contact_the_contact_is_kept(org: OrgClient, campaign_id: str) -> None:
    contact_id = org.record("Contact", Name="Ana Ito")["Id"]
    lead_id = org.record("Lead", Name="Lena Sole")["Id"]
    member_id = org.create_id(
        "CampaignMember", CampaignId=campaign_id, LeadId=lead_id, ContactId=contact_id
    )
    assert (_member(org, member_id)["LeadId"], _member(org, member_id)["Type"]) == (None, "Contact")


def test_members_that_cannot_be_made(org: OrgClient, campaign_id: str) -> None:
    lead_id = org.record("Lead", Name="Lena Sole")["Id"]
    assert refused(org.create("CampaignMember", LeadId=lead_id)) == (400, "REQUIRED_FIELD_MISSING")
    alone = org.create("CampaignMember", CampaignId=campaign_id)
    assert refused(alone) == (400, "FIELD_INTEGRITY_EXCEPTION")
    converted = org.record("Lead", IsConverted="true")["Id"]
    answer = org.create("CampaignMember", CampaignId=campaign_id, LeadId=converted)
    assert refused(answer) == (400, "CANNOT_UPDATE_CONVERTED_LEAD")


def test_the_member_of_a_converted_lead_gains_a_contact(org: OrgClient, campaign_id: str) -> None:
    lead_id = org.create_id("Lead", LastName="Turned", Company="T", Phone="206 555 0133")
    member_id = org.create_id("CampaignMember", CampaignId=campaign_id, LeadId=lead_id)
    made = org.act("convert-lead", id=lead_id, opportunity_name="First order")
    member = _member(org, member_id)
    assert (member["LeadId"], member["ContactId"]) == (lead_id, made["contact_id"])
    assert member["Type"] == "Contact"
    campaign = org.record("Campaign", Id=campaign_id)
    assert (campaign["NumberOfLeads"], campaign["NumberOfConvertedLeads"]) == (1, 1)
    lead = org.record("Lead", Id=lead_id)
    assert lead["ConvertedOpportunityId"] == made["opportunity_id"]


def test_a_lead_is_converted_into_what_is_there(org: OrgClient) -> None:
    contact = org.record("Contact", Name="Ana Ito")
    lead_id = org.create_id("Lead", LastName="Ito", Company="Northwind")
    task_id = org.create_id("Task", Subject="Call", WhoId=lead_id)
    arguments = {"account_id": contact["AccountId"], "contact_id": contact["Id"]}
    assert org.act("convert-lead", id=lead_id, **arguments) == arguments
    assert org.record("Task", Id=task_id)["WhoId"] == contact["Id"]
    twice = org.control("POST", "actions/convert-lead", json={"id": lead_id})
    assert twice.status_code == 400
