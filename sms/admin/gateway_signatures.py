"""What proves Twilio's signatures, on the gateway's page: an earlier token, and signing keys."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.models import Connection, User
from integrations.policy import membership_of
from sms import gateways
from sms.admin.gateway import TITLE, back, show
from sms.admin.gateway_acts import act_page, confirm
from sms.admin.gateway_forms import SigningKeyForm
from sms.signing_keys import signing_keys

_END_TOKEN = gettext_lazy("End the earlier token")
_END_KEY = gettext_lazy("End the signing key")


@act_page("signing-key", name="sms_gateway_signing_key", title=TITLE, methods=("POST",))
def add_key(request: HttpRequest) -> HttpResponse:
    """Accept signatures by one more key."""
    gateway = gateways.find_gateway()
    form = SigningKeyForm(request.POST)
    if gateway is None:
        return back()
    if not form.is_valid():
        return show(request, signing_form=form, status=422)
    fields = form.cleaned_data
    try:
        actor = membership_of(request).user
        gateways.add_signing_key(gateway, fields["key_id"], fields["secret"], actor=actor)
    except ValidationError as error:
        form.add_error("key_id", error)
        return show(request, signing_form=form, status=422)
    messages.success(request, _("Callbacks that this key signed are accepted from now on."))
    return back()


@act_page("signing-key/<str:key_id>/end", name="sms_gateway_signing_key_end", title=_END_KEY)
def end_key(request: HttpRequest, key_id: str) -> HttpResponse:
    """Refuse what one key signs."""
    gateway = gateways.find_gateway()
    if gateway is None or key_id not in signing_keys(gateway.credentials):
        raise Http404("There is no such key.")

    def act(request: HttpRequest, gateway: Connection, actor: User) -> str:
        gateways.end_signing_key(gateway, key_id, actor=actor)
        return _("Callbacks that this key signed are refused from now on.")

    question = _("Reports and replies that Twilio still signs with the key %(key)s are refused.")
    words = question % {"key": key_id}
    return confirm(request, act, title=_END_KEY, question=words, is_dangerous=True)


@act_page("earlier-token/end", name="sms_gateway_earlier_token_end", title=_END_TOKEN)
def end_earlier_token(request: HttpRequest) -> HttpResponse:
    """Refuse what the token before this one signs."""

    def act(request: HttpRequest, gateway: Connection, actor: User) -> str:
        gateways.end_earlier_token(gateway, actor=actor)
        return _("Only the token in use proves callbacks now.")

    question = gettext_lazy(
        "Do this once the new token is the primary one at Twilio: reports and replies that are "
        "still signed with the earlier one are refused then."
    )
    return confirm(request, act, title=_END_TOKEN, question=question, is_dangerous=True)
