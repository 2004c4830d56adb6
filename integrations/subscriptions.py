"""What a workspace's subscription includes (MIX-01, CTM-01, K-09). Pure.

One of three separate gates: the subscription opens an integration to the workspace, a CRM licence
the panel to a member, a product key the SMS gateway.
"""

from enum import StrEnum


class Entitlement(StrEnum):
    """What a subscription can include."""

    SALESFORCE = "salesforce"


#: Subscriptions from the smallest to the largest, with their names for people.
SUBSCRIPTIONS = {
    "starter": "Starter",
    "growth": "Growth",
    "growth_crm": "Growth + CRM",
    "connect": "Connect",
    "sales_engage": "Sales Engage",
    "enterprise": "Enterprise",
}
_INCLUDED: dict[Entitlement, frozenset[str]] = {
    Entitlement.SALESFORCE: frozenset({"growth_crm", "connect", "sales_engage", "enterprise"}),
}


def includes(subscription: str, entitlement: Entitlement) -> bool:
    """Whether a subscription includes something; one that nobody knows includes nothing."""
    return subscription in _INCLUDED[entitlement]


def name_of(subscription: str) -> str:
    """The subscription's name for people."""
    return SUBSCRIPTIONS.get(subscription, subscription)


def names_with(entitlement: Entitlement) -> list[str]:
    """The names of the subscriptions that include something, the smallest first."""
    return [name for key, name in SUBSCRIPTIONS.items() if includes(key, entitlement)]
