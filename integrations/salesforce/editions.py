"""Which editions may be connected, in words (MII-15, MII-16, K-08; RULES E5). Pure.

The capability probe decides: an org that answers has the API. Names refuse an org only where the
source document always does, and with ``strict_editions``.
"""

from __future__ import annotations

#: ``Organization.OrganizationType`` of the editions that the source document names. Performance
#: tells that it is Unlimited, and the Platform licences belong to Enterprise orgs.
QUALIFYING = (
    "Enterprise Edition",
    "Unlimited Edition",
    "Developer Edition",
    "Salesforce Platform Starter",
    "Salesforce Platform Plus",
)
_NEVER = frozenset({"Essentials Edition"})

#: Said of an org that does not even tell its name: all of these answer the same.
WITHOUT_API = (
    "This Salesforce edition has no API. That is so for Professional without the API add-on, "
    "Essentials, Group, Contact Manager and Personal. Enterprise, Unlimited, Performance and "
    "Developer have it."
)


def find_refusal(edition: str, *, is_strict: bool) -> str:
    """Why an org that answers is refused all the same; empty where it is welcome."""
    if edition in _NEVER:
        return f"{edition} is not supported: Salesforce gives it no API."
    if is_strict and edition not in QUALIFYING:
        return (
            f"{edition} is not one of the editions that this workspace allows "
            f"({', '.join(QUALIFYING)}). The option “Only the listed editions” decides that."
        )
    return ""
