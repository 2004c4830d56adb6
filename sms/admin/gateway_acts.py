"""What can be done to the gateway on its page. Each asks first, in words, or changes nothing."""

from collections.abc import Callable

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.salesforce_approval import ask_for_password
from integrations.admin.site import PageView, console_page, console_site
from integrations.models import Connection, User
from integrations.policy import membership_of
from integrations.roles import Capability
from sms import gateways
from sms.admin.gateway import TITLE, back, show
from sms.admin.gateway_forms import CallbackForm
from sms.callbacks import callback_secrets

#: Carries the act out on behalf of a member; what to tell them, or a page.
Act = Callable[[HttpRequest, Connection, User], "str | HttpResponse"]


def act_page(
    route: str, *, name: str, title: str | Promise, methods: tuple[str, ...] = ("GET", "POST")
) -> Callable[[PageView], PageView]:
    """One act of the gateway's page, for those who set texts up."""
    return console_site.page(
        f"sms/gateway/{route}/",
        name=name,
        title=title,
        capability=Capability.MANAGE_SMS,
        group="SMS",
        in_menu=False,
        methods=methods,
    )


def confirm(
    request: HttpRequest,
    act: Act,
    *,
    title: Promise,
    question: str | Promise,
    is_dangerous: bool = False,
) -> HttpResponse:
    """The password again (RULES F11), a question, and only then the deed."""
    gateway = gateways.find_gateway()
    if gateway is None:
        messages.info(request, _("No gateway is connected."))
        return back()
    if not did_recently_reauthenticate(request):
        return ask_for_password(request)
    if request.method != "POST":
        context = {"question": question, "is_dangerous": is_dangerous, "act": title}
        return console_page(request, "patchbay/sms/gateway_confirm.html", context, title=title)
    try:
        told = act(request, gateway, membership_of(request).user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back()
    if isinstance(told, HttpResponse):
        return told
    messages.success(request, told)
    return back()


_REVEAL = gettext_lazy("Show the product key")
_ROTATE = gettext_lazy("Replace the secret in the addresses")
_RETIRE = gettext_lazy("End the old secret")
_DISCONNECT = gettext_lazy("Disconnect the gateway")


@act_page("reveal", name="sms_gateway_reveal", title=_REVEAL)
def reveal(request: HttpRequest) -> HttpResponse:
    """Show the key once more."""

    def act(request: HttpRequest, gateway: Connection, actor: User) -> HttpResponse:
        key = gateways.product_key(gateway, actor=actor)
        context = {"gateway": gateway, "product_key": key}
        return console_page(request, "patchbay/sms/gateway_key.html", context, title=TITLE)

    question = gettext_lazy("The audit will say that you were shown it.")
    return confirm(request, act, title=_REVEAL, question=question)


@act_page("rotate", name="sms_gateway_rotate", title=_ROTATE)
def rotate(request: HttpRequest) -> HttpResponse:
    """New addresses beside the old ones."""

    def act(request: HttpRequest, gateway: Connection, actor: User) -> str:
        if not callback_secrets(gateway):
            raise ValidationError(_("This gateway signs its callbacks: there is no secret."))
        gateways.rotate_callback_secret(gateway, actor=actor)
        return _("Copy the new addresses to the gateway. The old ones are valid until you end it.")

    question = gettext_lazy(
        "The addresses change. The present ones stay valid beside them until you end the old "
        "secret, so that nothing is lost while the gateway is changed over."
    )
    return confirm(request, act, title=_ROTATE, question=question)


@act_page("retire", name="sms_gateway_retire", title=_RETIRE)
def retire(request: HttpRequest) -> HttpResponse:
    """The old addresses are refused from now on."""

    def act(request: HttpRequest, gateway: Connection, actor: User) -> str:
        gateways.retire_old_callback_secret(gateway, actor=actor)
        return _("Only the new addresses are accepted now.")

    question = gettext_lazy(
        "Reports and replies that still come to the old addresses will be refused."
    )
    return confirm(request, act, title=_RETIRE, question=question, is_dangerous=True)


@act_page("disconnect", name="sms_gateway_disconnect", title=_DISCONNECT)
def disconnect(request: HttpRequest) -> HttpResponse:
    """Send nothing more."""

    def act(request: HttpRequest, gateway: Connection, actor: User) -> str:
        gateways.disconnect(gateway, actor=actor)
        return _("The gateway is disconnected. Nothing is sent until one is connected again.")

    question = gettext_lazy(
        "Patchbay forgets the key and sends nothing more; texts that wait stay where they are. "
        "Reports and opt-outs that still come are taken as long as they can be proven, which "
        "Twilio’s cannot without its key."
    )
    return confirm(request, act, title=_DISCONNECT, question=question, is_dangerous=True)


@act_page("test", name="sms_gateway_test", title=TITLE, methods=("POST",))
def test_callback(request: HttpRequest) -> HttpResponse:
    """Call our own address from outside."""
    gateway = gateways.find_gateway()
    if gateway is not None:
        outcome = gateways.try_callback(gateway)
        (messages.success if outcome.arrived else messages.error)(request, outcome.words)
    return back()


@act_page("callbacks", name="sms_gateway_callbacks", title=TITLE, methods=("POST",))
def change_callbacks(request: HttpRequest) -> HttpResponse:
    """Read callbacks in another way."""
    gateway = gateways.find_gateway()
    form = CallbackForm(request.POST)
    if gateway is None:
        return back()
    if not form.is_valid():
        return show(request, callback_form=form, status=422)
    try:
        actor = membership_of(request).user
        gateways.change_callback_reading(gateway, form.reading(), actor=actor)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Callbacks are read like this from now on."))
    return back()
