"""A small believable company, the same for the same seed.

The constants name what demos and tests look for; everything around it is drawn by lot. Numbers
are stored in the notations that real orgs mix, so the constants are E.164 and the fields are not.
"""

from __future__ import annotations

from integrations.simulators.salesforce import seed_data
from integrations.simulators.salesforce.company import Company
from integrations.simulators.salesforce.crowd import Crowd
from integrations.simulators.salesforce.org import Org

SYNC_USERNAME = seed_data.SYNC_USERNAME
INACTIVE_USERNAME = seed_data.INACTIVE_USERNAME
QUEUE_NAME = seed_data.QUEUE_NAME

ONE_CONTACT_NUMBER = "+14155550101"
"""Exactly one Contact has it, as Phone `(415) 555-0101`."""
ONE_CONTACT_NAME = "Ana Ito"
TWO_CONTACTS_NUMBER = "+442079460018"
"""Two Contacts of different accounts have it."""
CONTACT_ACCOUNT_LEAD_NUMBER = "+14155550199"
"""A Contact, its Account and a Lead have it."""
ONE_ACCOUNT_NUMBER = "+12125550140"
"""Exactly one Account has it."""
ONE_LEAD_NUMBER = "+12065550111"
"""Exactly one Lead has it."""
PERSON_ACCOUNT_NUMBER = "+34910550120"
"""Exactly one person account has it, as PersonMobilePhone."""
CONVERTED_LEAD_NUMBER = "+12065550122"
"""Only a converted Lead has it, and the Contact that came of it."""
DIRECT_LINE_NUMBER = "+14155550177"
"""Stands in a Contact's custom field Direct_Line__c only: never to be matched (rule B1)."""
FAX_NUMBER = "+14155550188"
"""Stands in a Contact's Fax only: never to be matched."""
CASE_NUMBER = "+14155550166"
"""Stands in a Case's SuppliedPhone only: never to be matched."""
NOBODY_NUMBER = "+14155550100"
"""Nobody has it."""


def sow(org: Org) -> None:
    """Fill an empty org."""
    with org.store.transaction():
        Company(org).sow()
        if org.config.more_records:
            Crowd(org).sow(org.config.more_records)


def reset(org: Org) -> None:
    """Back to the seed: data, tokens and switches. Ids begin anew as well."""
    org.store.clear()
    org.turn_back_switches()
    sow(org)
