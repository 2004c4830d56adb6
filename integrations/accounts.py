"""Our side of django-allauth: who may sign up, and TOTP secrets sealed at rest."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from integrations.encryption import seal, unseal


class PatchbayAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by mail address."""


class PatchbayMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps TOTP secrets and recovery seeds encrypted in the database."""

    def encrypt(self, text: str) -> str:
        return seal({"secret": text})

    def decrypt(self, encrypted_text: str) -> str:
        return str(unseal(encrypted_text)["secret"])
