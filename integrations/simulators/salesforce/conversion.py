"""Converting a lead (reference 4.5). REST has no verb for it; a user does it on a page."""

from __future__ import annotations

from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.records import create_record, find_record
from integrations.simulators.salesforce.store import Record

SHARED_FIELDS = ("Phone", "MobilePhone", "Email", "Title", "OwnerId")


def convert_lead(org: Org, actor_id: str, lead_id: str) -> dict[str, str]:
    """Make an account and a contact of a lead; its activities move to the contact.

    The row stays, is still found, and is read-only from now on. Raises `SalesforceError`.
    """
    lead_type = org.sobject("Lead")
    lead = find_record(org, lead_type, lead_id)
    account = {"Name": lead["Company"], "Phone": lead["Phone"], "BillingCountry": lead["Country"]}
    account_id = create_record(org, actor_id, org.sobject("Account"), account)
    contact = {
        "FirstName": lead["FirstName"],
        "LastName": lead["LastName"],
        "AccountId": account_id,
        "MailingCountry": lead["Country"],
        **{name: lead[name] for name in SHARED_FIELDS},
    }
    contact_id = create_record(org, actor_id, org.sobject("Contact"), contact)
    now = org.now_on_wire()
    changes: Record = {
        "Status": "Closed - Converted",
        "IsConverted": 1,
        "ConvertedDate": now[:10],
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
        "LastModifiedDate": now,
        "LastModifiedById": actor_id,
        "SystemModstamp": now,
    }
    org.store.update(lead_type, str(lead["Id"]), changes)
    for name in ("Task", "Event"):
        for activity in org.store.find(org.sobject(name), {"WhoId": lead["Id"]}):
            moved: Record = {"WhoId": contact_id, "AccountId": account_id, "SystemModstamp": now}
            org.store.update(org.sobject(name), str(activity["Id"]), moved)
    return {"account_id": account_id, "contact_id": contact_id}
