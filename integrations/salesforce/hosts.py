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


def read_login_host(typed: str) -> str:
    """The address that somebody typed as their Salesforce host; raises NeedsAttention.

    A name alone is taken as https. Pages of Lightning and of sites live elsewhere than the API.
    """
    text = typed.strip().rstrip("/")
    url = text if "://" in text else f"https://{text}"
    host = (urlsplit(url).hostname or "").lower()
    if host.endswith((".lightning.force.com", ".my.site.com", ".visualforce.com")):
        raise NeedsAttention(
            f"{host} is the address of Salesforce's pages. Sign-in is at the My Domain that ends "
            "in .my.salesforce.com.",
            "NOT_SALESFORCE",
        )
    return check_salesforce_url(url)


def find_host_problem(login_url: str, *, is_sandbox: bool) -> str:
    """Why an org cannot belong to the host that was chosen; empty where it may."""
    host = (urlsplit(login_url).hostname or "").lower()
    if host == "login.salesforce.com" and is_sandbox:
        return "You approved a sandbox, but the host is set to production."
    wants_sandbox = host == "test.salesforce.com" or ".sandbox." in host
    if wants_sandbox and not is_sandbox:
        return "You approved a production org, but the host is set to a sandbox."
    return ""


_MY_DOMAIN = ".my.salesforce.com"


def frame_hosts(instance_url: str) -> list[str]:
    """The origins of one org's own pages, which may hold a page of ours in a frame.

    My Domain serves Classic, Lightning and Visualforce at names of their own (telephony.md 1.9);
    a sandbox's name stands before ``.sandbox``. No other org's pages are among them.
    """
    parts = urlsplit(instance_url)
    host = (parts.hostname or "").lower()
    own = [f"{parts.scheme}://{parts.netloc.lower()}"] if host else []
    if not host.endswith(_MY_DOMAIN):
        return own
    name = host.removesuffix(_MY_DOMAIN)
    first, dot, rest = name.partition(".")
    return [
        *own,
        f"https://{name}.lightning.force.com",
        f"https://{first}--c{dot}{rest}.vf.force.com",
    ]


def host_of(url: str) -> str:
    """The host for people to read."""
    return urlsplit(url).netloc
