"""Which hosts may be given Salesforce credentials (RULES F7)."""

from urllib.parse import urlsplit

from integrations.errors import NeedsAttention
from integrations.http import check_destination
from integrations.sockets import is_listed_private

#: Only Salesforce itself can own names under these; sites of its customers live elsewhere.
SALESFORCE_DOMAINS = ("salesforce.com", "salesforce.mil")


def check_salesforce_url(url: str) -> str:
    """``url`` as ``scheme://host[:port]`` if it is a Salesforce host; raises NeedsAttention.

    Asked before every use of a stored address and of every answer that names one: a token must
    never go to a host of somebody else's choice. A listed private host (the simulator's) counts.
    """
    parts = check_destination(url)
    host = (parts.hostname or "").lower()
    is_salesforce = parts.scheme == "https" and any(
        host == domain or host.endswith(f".{domain}") for domain in SALESFORCE_DOMAINS
    )
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.username is None and (is_salesforce or is_listed_private(host, port)):
        return f"{parts.scheme}://{parts.netloc.lower()}"
    raise NeedsAttention(f"{host} is not a Salesforce host.", "NOT_SALESFORCE")


def host_of(url: str) -> str:
    """The host for people to read."""
    return urlsplit(url).netloc
