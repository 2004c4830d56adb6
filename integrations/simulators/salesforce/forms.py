"""What the OAuth endpoints share: reading forms, the org's address, errors as JSON."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integrations.simulators.salesforce.grants import OAuthError
from integrations.simulators.salesforce.org import Org


def base_url(request: Request, org: Org) -> str:
    """The org's own address, without a slash at the end."""
    return org.switches.address or org.config.public_url or str(request.base_url).rstrip("/")


def parse_form(body: bytes) -> dict[str, str]:
    """A form-encoded body; the last value of a name wins."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def read_form(request: Request) -> dict[str, str]:
    """The form of a request, whether or not its body came in chunks."""
    return parse_form(await request.body())


def oauth_error(error: OAuthError) -> Response:
    """The body of an error of the token endpoints."""
    body = {"error": error.error, "error_description": error.description}
    return JSONResponse(body, error.status, headers={"Cache-Control": "no-store"})
