"""Grants that Salesforce gave and that nobody needs any more: they are given back."""

from dataclasses import dataclass

import structlog

from integrations.errors import PatchbayError
from integrations.models import Connection
from integrations.salesforce import oauth

log = structlog.get_logger()


@dataclass(frozen=True)
class EndedGrant:
    """A grant that is needed no more and should be given back."""

    login_url: str
    refresh_token: str

    def __repr__(self) -> str:
        return f"EndedGrant(login_url={self.login_url!r})"


def grant_of(connection: Connection) -> EndedGrant:
    """The grant that a connection stands on; read it before the credentials are erased."""
    return EndedGrant(connection.login_url, str(connection.credentials.get("refresh_token", "")))


def give_back(ended: EndedGrant | None) -> None:
    """Revoke a grant if Salesforce can be reached; its answer does not matter."""
    if ended is None or not ended.refresh_token:
        return
    try:
        oauth.revoke(oauth.consumer_app(ended.login_url), ended.refresh_token)
    except PatchbayError as error:
        log.warning("grant_not_revoked", code=error.code, error=type(error).__name__)
