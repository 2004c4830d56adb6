"""Sign-up by invitation, and adding a passkey."""

from typing import Any, cast

from allauth.account.forms import SignupForm
from allauth.core import context
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from integrations.accounts import forget_invitation, kept_invitation, kept_token
from integrations.invitations import InvitationInvalid, InvitedSomebodyElse, accept
from integrations.models import User


class InvitedSignupForm(SignupForm):
    """Makes the account and the membership at once; the address is the invited one."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    field_order = ("email", "first_name", "last_name", "password1", "password2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        invitation = kept_invitation(context.request)
        if invitation is not None:
            self.initial["email"] = invitation.email
            self.fields["email"].disabled = True

    def save(self, request: HttpRequest) -> User:
        """The new member. An invitation that ended this instant leaves no account behind."""
        token = kept_token(request)
        try:
            with transaction.atomic():
                user = cast(User, super().save(request))
                accept(token, user)
        except (InvitationInvalid, InvitedSomebodyElse) as error:
            raise Http404("The invitation is no longer open.") from error
        forget_invitation(request)
        return user


class AddPasskeyForm(AddWebAuthnForm):
    """Offers what a passkey is for; unticked, the key is a second step after the password."""

    name = forms.CharField(
        required=False,
        label=_("Name"),
        help_text=_("So that you know it again: the device or the key that holds it."),
    )
    passwordless = forms.BooleanField(
        required=False,
        initial=True,
        label=_("Sign in with it alone"),
        help_text=_(
            "Ticked: it stands in for your password, and the device asks for your finger, face or "
            "PIN. Not ticked: it is asked for after your password."
        ),
    )
