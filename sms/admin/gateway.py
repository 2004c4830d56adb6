"""SMS → Gateway: which one, whether it calls back, and what to enter there (MIT-10, 12 to 15)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.site import console_page, console_site
from integrations.errors import PatchbayError
from integrations.models import Connection
from integrations.policy import membership_of
from integrations.roles import Capability
from sms import gateways
from sms.admin.gateway_forms import FORMS, CallbackForm, MittoForm, SigningKeyForm
from sms.backends.mitto import MittoGateway
from sms.backends.twilio import TwilioGateway
from sms.callbacks import callback_address, callback_secrets
from sms.signing_keys import earlier_token_until, signing_keys

TITLE = gettext_lazy("Gateway")


@console_site.page(
    "sms/gateway/",
    name="sms_gateway",
    title=TITLE,
    capability=Capability.MANAGE_SMS,
    group="SMS",
    icon="cell_tower",
    order=90,
)
def gateway_page(request: HttpRequest) -> HttpResponse:
    """How the gateway is, or a choice of gateways."""
    return show(request)


@console_site.page(
    "sms/gateway/<slug:backend>/connect/",
    name="sms_gateway_connect",
    title=TITLE,
    capability=Capability.MANAGE_SMS,
    group="SMS",
    methods=("POST",),
)
def connect(request: HttpRequest, backend: str) -> HttpResponse:
    """Check the key at the gateway, then keep it."""
    if backend not in FORMS:
        raise Http404("There is no such gateway.")
    form = FORMS[backend](request.POST, prefix=backend)
    if not form.is_valid():
        return show(request, form=form, backend=backend, status=422)
    try:
        gateways.connect(backend, form.credentials(), actor=membership_of(request).user)
    except PatchbayError as error:
        form.add_error("product_key", _said(error))
        return show(request, form=form, backend=backend, status=422)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The gateway accepted the key. It is kept encrypted."))
    return back()


def _said(error: PatchbayError) -> str:
    words = {"message": error.message}
    return _("%(message)s Nothing was stored; correct it or try again.") % words


def back() -> HttpResponse:
    """To the gateway's page."""
    return HttpResponseRedirect(reverse("admin:sms_gateway"))


def show(
    request: HttpRequest,
    *,
    form: MittoForm | None = None,
    backend: str = "",
    callback_form: CallbackForm | None = None,
    signing_form: SigningKeyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with a form as somebody filled it in where that is wrong."""
    gateway = gateways.find_gateway()
    in_use = gateway is not None and gateway.state != Connection.State.DISABLED
    choices = [
        {
            "backend": key,
            "form": form if form is not None and key == backend else form_class(prefix=key),
            "title": form_class.title,
        }
        for key, form_class in FORMS.items()
        if gateway is None or not in_use or gateway.backend == key
    ]
    context: dict[str, Any] = {"gateway": gateway, "choices": choices, "is_connected": in_use}
    if gateway is not None:
        context |= _describe(gateway, callback_form)
        if gateway.backend == TwilioGateway.key:
            context |= _describe_signatures(gateway, signing_form)
    return console_page(request, "patchbay/sms/gateway.html", context, title=TITLE, status=status)


def _describe(gateway: Connection, callback_form: CallbackForm | None) -> dict[str, Any]:
    reads_by_map = gateway.backend == MittoGateway.key
    return {
        "health": gateways.callback_health(gateway),
        "report_address": callback_address(gateway, "report"),
        "inbound_address": callback_address(gateway, "inbound"),
        "secret_count": len(callback_secrets(gateway)),
        "callback_form": (callback_form or CallbackForm.of(gateway)) if reads_by_map else None,
        "callback_form_is_wrong": callback_form is not None,
    }


def _describe_signatures(
    gateway: Connection, signing_form: SigningKeyForm | None
) -> dict[str, Any]:
    credentials = gateway.credentials
    return {
        "earlier_token_until": earlier_token_until(credentials, now=timezone.now()),
        "signing_key_ids": list(signing_keys(credentials)),
        "signing_form": signing_form or SigningKeyForm(),
        "signing_form_is_wrong": signing_form is not None,
    }
