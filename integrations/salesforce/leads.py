"""Making a Lead together with its Task (RULES C3): one request, all or none.

So the Task's ``CallObject`` brings both back after a lost answer. The caller holds the org-wide
turn for the number (``crm_write_one_open_lead``) from before the look until the answer is stored.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.cache import cache

from integrations.frozen_json import from_json_object
from integrations.phones import is_same_number, region_of, search_terms
from integrations.planning import NewLead
from integrations.salesforce.answers import RecordResult
from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.lead_fields import lead_fields
from integrations.salesforce.lookup import verify_records
from integrations.salesforce.soql import in_list

_REMEMBER_SECONDS = 24 * 3600
_MOST_FOUND = 20


def create_with_lead(
    client: SalesforceClient, task: Record, wanted: Mapping[str, Any]
) -> tuple[RecordResult, str]:
    """The result of a new Task, and the id of its Lead: a new one, or one that somebody made
    meanwhile. Raises what the client raises; nothing was sent where that was while looking."""
    lead = from_json_object(NewLead, wanted)
    existing = find_lead(client, lead)
    if existing:
        [result] = client.create_records([{**task, "WhoId": existing}])
        return result, existing
    fields = lead_fields(lead, _createable(client))
    if owner := task.get("OwnerId"):
        # A queue or user who may not own the one is left out of both (RULES C6).
        fields["OwnerId"] = owner
    made, result = client.create_with_parent(
        {"attributes": {"type": "Lead"}, **fields},
        task,
        slot="WhoId",
        runs_assignment_rules=lead.runs_assignment_rules,
    )
    return result, made


def find_duplicates(
    client: SalesforceClient, similar: Collection[str], wanted: Mapping[str, Any]
) -> tuple[str, ...]:
    """Of the records that a duplicate rule named, the WhoIds of those that hold the number of the
    Lead, compared by E.164. Raises what the client raises."""
    lead = from_json_object(NewLead, wanted)
    region = client.connection.workspace.default_region
    found = verify_records(client, similar, lead.phone_e164, region)
    people = (one.person_contact_id if one.sobject == "Account" else one.record_id for one in found)
    return tuple(person for person in people if person)


def find_lead(client: SalesforceClient, lead: NewLead) -> str:
    """The newest open Lead that holds the number, asked of the database itself: the search index
    lags behind, and another tab may just have saved one. Empty where there is none."""
    written = {lead.phone_e164, lead.phone, *search_terms(lead.phone_e164)}
    numbers = in_list(sorted(written))
    records = client.query(
        "SELECT Id, Phone, MobilePhone FROM Lead"  # noqa: S608 - SOQL; values are quoted
        f" WHERE IsConverted = false AND (Phone IN {numbers} OR MobilePhone IN {numbers})"
        f" ORDER BY LastModifiedDate DESC LIMIT {_MOST_FOUND}"
    )
    region = region_of(lead.phone_e164)
    for record in records:
        for name in ("Phone", "MobilePhone"):
            if is_same_number(record.get(name), lead.phone_e164, region):
                return str(record["Id"])
    return ""


def _createable(client: SalesforceClient) -> frozenset[str]:
    """The fields of a Lead that the connected user may write; asked once a day."""
    cache_key = f"salesforce:createable-lead-fields:{client.connection.pk}"
    known = cache.get(cache_key)
    if known is None:
        described = client.describe("Lead")
        known = [str(one["name"]) for one in described["fields"] if one.get("createable")]
        cache.set(cache_key, known, _REMEMBER_SECONDS)
    return frozenset(known)
