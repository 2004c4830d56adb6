"""The objects of the simulated org (reference 4): people and companies here, activities beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from integrations.simulators.salesforce.access_schema import ACCESS_OBJECTS
from integrations.simulators.salesforce.activities_schema import EVENT, TASK, TASK_STATUS
from integrations.simulators.salesforce.campaigns_schema import CAMPAIGN_OBJECTS
from integrations.simulators.salesforce.schema import (
    Field,
    Schema,
    SObject,
    day,
    email,
    flag,
    long_text,
    lookup,
    moment,
    number,
    phone,
    picklist,
    text,
)
from integrations.simulators.salesforce.standard_fields import define_object, read_only
from integrations.simulators.salesforce.tooling_schema import TOOLING_OBJECTS

ADDRESS_PARTS = ("Street", "City", "State", "PostalCode", "Country")
CODED_PARTS = ("Country", "State")
CODE_FIELDS = frozenset(
    f"{prefix}{part}Code" for prefix in ("", "Billing", "Mailing") for part in CODED_PARTS
)
"""Fields that an org has only with state and country picklists."""
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")


def _address(prefix: str = "", label: str = "") -> tuple[Field, ...]:
    codes = (text(f"{prefix}{part}Code", f"{label}{part} Code", 10) for part in CODED_PARTS)
    return (*(text(prefix + part, f"{label}{part}", 255) for part in ADDRESS_PARTS), *codes)


def _person_name() -> tuple[Field, ...]:
    return (
        text("LastName", "Last Name", 80, required=True),
        text("FirstName", "First Name", 40),
        picklist("Salutation", "Salutation", "Mr.", "Ms.", "Mrs.", "Dr.", "Prof."),
        replace(read_only(text("Name", "Full Name", 121)), name_field=True, nillable=False),
    )


def _opt_outs() -> tuple[Field, ...]:
    return (
        flag("DoNotCall", "Do Not Call"),
        flag("HasOptedOutOfEmail", "Email Opt Out"),
        flag("HasOptedOutOfFax", "Fax Opt Out"),
    )


ACCOUNT = define_object(
    "Account",
    "Account",
    "Accounts",
    "001",
    [
        replace(text("Name", "Account Name", 255, required=True), name_field=True),
        text("FirstName", "First Name", 40),
        text("LastName", "Last Name", 80),
        picklist("Type", "Account Type", "Customer", "Prospect", "Partner"),
        text("Industry", "Industry", 255),
        phone("Phone", "Account Phone"),
        phone("Fax", "Account Fax"),
        text("Website", "Website", 255),
        *_address("Billing", "Billing "),
        long_text("Description", "Account Description"),
        lookup("ParentId", "Parent Account ID", "Account", children="ChildAccounts"),
        read_only(lookup("MasterRecordId", "Master Record ID", "Account")),
        lookup("OwnerId", "Owner ID", "User"),
        read_only(flag("IsPersonAccount", "Is Person Account")),
        read_only(lookup("PersonContactId", "Contact ID", "Contact", relationship="PersonContact")),
        email("PersonEmail"),
        phone("PersonMobilePhone", "Mobile"),
        phone("PersonHomePhone", "Home Phone"),
        phone("PersonOtherPhone", "Other Phone"),
        phone("PersonAssistantPhone", "Asst. Phone"),
        read_only(day("LastActivityDate", "Last Activity")),
    ],
    searchable=True,
)

CONTACT = define_object(
    "Contact",
    "Contact",
    "Contacts",
    "003",
    [
        *_person_name(),
        lookup("AccountId", "Account ID", "Account", children="Contacts"),
        text("Title", "Title", 128),
        text("Department", "Department", 80),
        phone("Phone", "Business Phone"),
        phone("MobilePhone", "Mobile Phone"),
        phone("HomePhone", "Home Phone"),
        phone("OtherPhone", "Other Phone"),
        phone("AssistantPhone", "Asst. Phone"),
        phone("Fax", "Business Fax"),
        phone("Direct_Line__c", "Direct Line"),
        email("Email"),
        *_address("Mailing", "Mailing "),
        picklist("LeadSource", "Lead Source", *SOURCES),
        long_text("Description", "Contact Description"),
        *_opt_outs(),
        read_only(flag("IsPersonAccount", "Is Person Account")),
        read_only(lookup("MasterRecordId", "Master Record ID", "Contact")),
        lookup("OwnerId", "Owner ID", "User"),
        read_only(day("LastActivityDate", "Last Activity")),
    ],
    searchable=True,
)

LEAD = define_object(
    "Lead",
    "Lead",
    "Leads",
    "00Q",
    [
        *_person_name(),
        text("Company", "Company", 255, required=True),
        text("Title", "Title", 128),
        phone("Phone", "Phone"),
        phone("MobilePhone", "Mobile Phone"),
        phone("Fax", "Fax"),
        email("Email"),
        *_address(),
        picklist(
            "Status",
            "Status",
            "Open - Not Contacted",
            "Working - Contacted",
            "Closed - Converted",
            "Closed - Not Converted",
            default="Open - Not Contacted",
        ),
        picklist("LeadSource", "Lead Source", *SOURCES),
        long_text("Description", "Description"),
        *_opt_outs(),
        read_only(flag("IsConverted", "Converted")),
        read_only(day("ConvertedDate", "Converted Date")),
        read_only(lookup("ConvertedAccountId", "Converted Account ID", "Account")),
        read_only(lookup("ConvertedContactId", "Converted Contact ID", "Contact")),
        read_only(lookup("ConvertedOpportunityId", "Converted Opportunity ID", "Opportunity")),
        read_only(lookup("MasterRecordId", "Master Record ID", "Lead")),
        lookup("OwnerId", "Owner ID", "Group", "User"),
        read_only(day("LastActivityDate", "Last Activity")),
    ],
    searchable=True,
)

LEAD_STATUS = define_object(
    "LeadStatus",
    "Lead Status Value",
    "Lead Status Values",
    "01J",
    [
        replace(text("MasterLabel", "Master Label", 255), name_field=True),
        text("ApiName", "API Name", 255),
        flag("IsConverted", "Is Converted"),
        flag("IsDefault", "Is Default"),
        number("SortOrder", "Sort Order"),
    ],
    createable=False,
    updateable=False,
    deletable=False,
)

USER = define_object(
    "User",
    "User",
    "Users",
    "005",
    [
        text("Username", "Username", 80, required=True),
        *_person_name(),
        email("Email"),
        text("Alias", "Alias", 8),
        text("CommunityNickname", "Nickname", 40),
        flag("IsActive", "Active", on=True),
        picklist("UserType", "User Type", "Standard", default="Standard"),
        lookup("ProfileId", "Profile ID", "Profile"),
        lookup("UserRoleId", "Role ID", "UserRole"),
        text("CallCenterId", "Call Center ID", 18),
        flag("UserPermissionsMarketingUser", "Marketing User"),
        flag(
            "UserPreferencesLightningExperiencePreferred", "LightningExperiencePreferred", on=True
        ),
        text("TimeZoneSidKey", "Time Zone", 40),
        text("LocaleSidKey", "Locale", 40),
        text("LanguageLocaleKey", "Language", 40),
        text("FederationIdentifier", "SAML Federation ID", 512),
        phone("Phone", "Phone"),
        phone("MobilePhone", "Mobile"),
        text("Extension", "Extension", 40),
    ],
    createable=False,
    deletable=False,
)

GROUP = define_object(
    "Group",
    "Group",
    "Groups",
    "00G",
    [
        replace(text("Name", "Name", 40, required=True), name_field=True),
        text("DeveloperName", "Developer Name", 80),
        picklist("Type", "Type", "Regular", "Queue", default="Regular"),
    ],
    deletable=False,
)

ORGANIZATION = define_object(
    "Organization",
    "Organization",
    "Organizations",
    "00D",
    [
        replace(text("Name", "Name", 80), name_field=True),
        picklist("OrganizationType", "Edition", "Developer Edition", "Enterprise Edition"),
        flag("IsSandbox", "Is Sandbox"),
        text("InstanceName", "Instance Name", 5),
        moment("TrialExpirationDate", "Trial Expiration Date"),
        text("NamespacePrefix", "Namespace Prefix", 15),
        text("LanguageLocaleKey", "Language", 40),
        text("DefaultLocaleSidKey", "Locale", 40),
        text("TimeZoneSidKey", "Time Zone", 40),
        text("Country", "Country", 80),
    ],
    createable=False,
    updateable=False,
    deletable=False,
)

OPPORTUNITY = define_object(
    "Opportunity",
    "Opportunity",
    "Opportunities",
    "006",
    [
        replace(text("Name", "Name", 120, required=True), name_field=True),
        lookup("AccountId", "Account ID", "Account", children="Opportunities"),
        replace(text("StageName", "Stage", 255, required=True), type="picklist"),
        replace(day("CloseDate", "Close Date"), nillable=False),
        Field("Amount", "Amount", "currency"),
        long_text("Description", "Description"),
        lookup("OwnerId", "Owner ID", "User"),
    ],
)

CASE = define_object(
    "Case",
    "Case",
    "Cases",
    "500",
    [
        replace(read_only(text("CaseNumber", "Case Number", 30)), name_field=True),
        text("Subject", "Subject", 255),
        picklist("Status", "Status", "New", "Working", "Escalated", "Closed", default="New"),
        picklist("Origin", "Case Origin", "Phone", "Email", "Web"),
        phone("SuppliedPhone", "Phone"),
        lookup("ContactId", "Contact ID", "Contact", children="Cases"),
        lookup("AccountId", "Account ID", "Account", children="Cases"),
        long_text("Description", "Description"),
        lookup("OwnerId", "Owner ID", "Group", "User"),
    ],
)

OBJECTS: Sequence[SObject] = (
    ACCOUNT,
    *CAMPAIGN_OBJECTS,
    CASE,
    CONTACT,
    EVENT,
    GROUP,
    LEAD,
    LEAD_STATUS,
    OPPORTUNITY,
    ORGANIZATION,
    TASK,
    TASK_STATUS,
    USER,
    *ACCESS_OBJECTS,
    *TOOLING_OBJECTS,
)


def make_schema(
    external_id_field: str | None = None, more_fields: Mapping[str, Sequence[Field]] | None = None
) -> Schema:
    """The schema of an org, with its unique external-id field on Task if it has one.

    `more_fields` are the customer's own, by object name.
    """
    added = {name: list(fields) for name, fields in (more_fields or {}).items()}
    if external_id_field is not None:
        one = text(external_id_field, external_id_field, 100)
        added.setdefault("Task", []).append(replace(one, external_id=True, unique=True))
    return Schema(replace(one, fields=(*one.fields, *added.get(one.name, ()))) for one in OBJECTS)
