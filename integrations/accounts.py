"""Our side of django-allauth: who may sign up, sealed TOTP secrets, and what passkeys belong to.

Accounts are made by invitation only: without a workspace an account can do nothing here, and an
open form would let anybody make us send mail.
"""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.translation import gettext as _

from integrations.addresses import public_address, root_url
from integrations.encryption import SecretUnreadable, seal, unseal
from integrations.invitations import find_open_invitation
from integrations.models import Invitation

_INVITATION_KEY = "invitation_token"


def keep_invitation(request: HttpRequest, token: str) -> None:
    """Remember a token in the session, so that it leaves the address bar at once.

    Sealed, because sessions are rows: whoever reads the database must not find open invitations.
    """
    request.session[_INVITATION_KEY] = seal({"token": token})


def kept_token(request: HttpRequest) -> str:
    """The token that this visitor came with; empty without one."""
    try:
        return str(unseal(request.session.get(_INVITATION_KEY, "")).get("token", ""))
    except SecretUnreadable:
        return ""


def forget_invitation(request: HttpRequest) -> None:
    """The invitation was answered."""
    request.session.pop(_INVITATION_KEY, None)


def kept_invitation(request: HttpRequest) -> Invitation | None:
    """The still open invitation that this visitor came with."""
    token = kept_token(request)
    return find_open_invitation(token) if token else None


class PatchbayAccountAdapter(DefaultAccountAdapter):
    """Accounts by mail address, made by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return kept_invitation(request) is not None

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Asked at sign-up. The token was mailed to the invited address and shown nowhere else."""
        invitation = kept_invitation(request)
        return invitation is not None and invitation.email == email.lower()

    def get_reset_password_from_key_url(self, key: str) -> str:
        """From ``PUBLIC_URL``: the Host header is the sender's to choose (RULES F6)."""
        user_part, _, secret = key.partition("-")
        return public_address(
            root_url("account_reset_password_from_key", uidb36=user_part, key=secret)
        )


class PatchbayMFAAdapter(DefaultMFAAdapter):
    """Keeps TOTP secrets and recovery seeds encrypted, and ties passkeys to ``PUBLIC_URL``."""

    def encrypt(self, text: str) -> str:
        return seal({"secret": text})

    def decrypt(self, encrypted_text: str) -> str:
        return str(unseal(encrypted_text)["secret"])

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """What passkeys are made for and asked from: the Host header is the sender's to choose."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": "Patchbay"}

    def generate_authenticator_name(
        self,
        user: AbstractBaseUser,
        type: Authenticator.Type,  # noqa: A002
    ) -> str:
        """What the field offers for a new passkey."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}
