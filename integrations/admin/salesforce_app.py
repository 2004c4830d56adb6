"""Salesforce → Connection → Salesforce app: the real set-up of an External Client App (E4)."""

from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.salesforce_approval import ask_for_password, password_page
from integrations.admin.salesforce_connection import back_to_connection
from integrations.admin.salesforce_tabs import connection_page_part
from integrations.admin.site import console_page
from integrations.errors import NeedsAttention
from integrations.models import Connection, SalesforceApp, User
from integrations.salesforce.apps import find_own_app, save_own_app, use_installation_app
from integrations.salesforce.connecting import callback_address
from integrations.salesforce.hosts import read_login_host
from integrations.salesforce.oauth import SCOPES, consumer_app

_TITLE = gettext_lazy("Salesforce app")
PRODUCTION, SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"


class AppForm(forms.Form):
    """Consumer key, secret and host. The secret is never shown again; empty keeps it."""

    host = forms.ChoiceField(label=gettext_lazy("Where the org’s users sign in"))
    my_domain = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("My Domain"),
        help_text=gettext_lazy("As in acme.my.salesforce.com; only for the choice My Domain."),
    )
    consumer_key = forms.RegexField(
        regex=r"^\S+$",
        max_length=255,
        label=gettext_lazy("Consumer key"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    consumer_secret = forms.RegexField(
        regex=r"^\S+$",
        max_length=255,
        required=False,
        label=gettext_lazy("Consumer secret"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, app: SalesforceApp | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._app = app
        self.fields["host"].choices = _hosts()  # type: ignore[attr-defined]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "pb-field"
            if field.help_text:
                field.widget.attrs["aria-describedby"] = f"id_{name}_helptext"

    @classmethod
    def of(cls, app: SalesforceApp | None) -> "AppForm":
        """The form as things stand."""
        if app is None:
            return cls(app=None, initial={"host": _hosts()[0][0]})
        is_listed = app.login_url in dict(_hosts())
        return cls(
            app=app,
            initial={
                "host": app.login_url if is_listed else "my_domain",
                "my_domain": "" if is_listed else urlsplit(app.login_url).netloc,
                "consumer_key": app.consumer_key,
            },
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("host") == "my_domain":
            try:
                values["login_url"] = read_login_host(values.get("my_domain") or "")
            except NeedsAttention as error:
                self.add_error("my_domain", error.message)
        else:
            values["login_url"] = values.get("host")
        is_new_key = self._app is None or values.get("consumer_key") != self._app.consumer_key
        if is_new_key and not values.get("consumer_secret"):
            self.add_error("consumer_secret", _("A new consumer key needs its secret."))
        return values


def _hosts() -> list[tuple[str, str]]:
    """The choices of hosts; the operator's own first, where it is neither of Salesforce's two."""
    usual = [
        (PRODUCTION, _("Production: login.salesforce.com")),
        (SANDBOX, _("Sandbox: test.salesforce.com")),
        ("my_domain", _("My Domain")),
    ]
    own = settings.SALESFORCE_LOGIN_URL.rstrip("/")
    if own in (PRODUCTION, SANDBOX):
        return usual
    label = _("As the operator set it: %(host)s") % {"host": urlsplit(own).netloc}
    return [(own, label), *usual]


@connection_page_part("app/", name="salesforce_app", title=_TITLE, methods=("GET", "POST"))
def salesforce_app(request: HttpRequest) -> HttpResponse:
    """The steps in Salesforce Setup, and the form for what they give."""
    app = find_own_app()
    if request.method == "GET":
        return _show(request, AppForm.of(app), app)
    if not did_recently_reauthenticate(request):
        return ask_for_password(request)
    form = AppForm(request.POST, app=app)
    if not form.is_valid():
        return _show(request, form, app)
    values = form.cleaned_data
    try:
        save_own_app(
            values["consumer_key"],
            values["consumer_secret"],
            values["login_url"],
            actor=cast(User, request.user),
            request=request,
        )
    except NeedsAttention as error:
        form.add_error("my_domain", error.message)
        return _show(request, form, app)
    messages.success(request, _("Saved. The next approval uses this app."))
    return back_to_connection()


def _show(request: HttpRequest, form: AppForm, app: SalesforceApp | None) -> HttpResponse:
    context = {
        "form": form,
        "app": app,
        "callback_address": callback_address(),
        "scopes": SCOPES,
        "has_installation_app": consumer_app().is_configured,
        "connection": Connection.objects.find_sync_user(),
        "needs_password": not did_recently_reauthenticate(request),
        "password_page": password_page(request),
    }
    return console_page(request, "patchbay/salesforce/app.html", context, title=_TITLE)


@connection_page_part("app/remove/", name="salesforce_app_remove", methods=("POST",))
def remove_app(request: HttpRequest) -> HttpResponse:
    """Use the installation's app for the next approval."""
    if not did_recently_reauthenticate(request):
        return ask_for_password(request)
    use_installation_app(actor=cast(User, request.user), request=request)
    messages.success(request, _("The next approval uses the app of this installation."))
    return back_to_connection()
