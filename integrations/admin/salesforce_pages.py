"""What the pages share that lead to Salesforce."""

from typing import cast
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse


def leads_to_salesforce(response: HttpResponse) -> HttpResponse:
    """Browsers check the target of a form on every redirect, so it must be named beforehand."""
    parts = urlsplit(settings.SALESFORCE_LOGIN_URL)
    targets = ["https://*.salesforce.com", f"{parts.scheme}://{parts.netloc}"]
    allowing = csp_update({"form-action": targets})(lambda _request: response)
    return cast(HttpResponse, allowing(HttpRequest()))
