"""What the pages share that lead to Salesforce."""

from typing import cast
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from integrations.salesforce.apps import current_app


def leads_to_salesforce(response: HttpResponse) -> HttpResponse:
    """Browsers check the target of a form on every redirect, so it must be named beforehand."""
    hosts = [urlsplit(url) for url in (settings.SALESFORCE_LOGIN_URL, current_app().login_url)]
    targets = ["https://*.salesforce.com"]
    targets += dict.fromkeys(f"{host.scheme}://{host.netloc}" for host in hosts)
    allowing = csp_update({"form-action": targets})(lambda _request: response)
    return cast(HttpResponse, allowing(HttpRequest()))
