"""Setting up a phone system that reports its calls by signed webhook (RULES A1, F6).

Its credentials are ``{"secrets": [newest, older]}``: two are live while the sender changes over.
"""

import base64
import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from integrations.addresses import public_address, root_url
from integrations.audit import record
from integrations.encryption import seal
from integrations.models import Connection, User

_SECRET_BYTES = 32
_LIVE_SECRETS = 2


def callback_address(phone_system: Connection) -> str:
    """Where the phone system posts its events."""
    return public_address(root_url("call_events", key=phone_system.key))


def signing_secrets(phone_system: Connection) -> list[str]:
    """The live secrets, newest first. Whoever shows them records that (``record_reveal``)."""
    return list(phone_system.credentials.get("secrets", []))


def set_up(phone_system: Connection, *, actor: User) -> None:
    """Store a new phone system, which has a name and a workspace, with a new signing secret."""
    phone_system.kind = Connection.Kind.PHONE_SYSTEM
    phone_system.backend = "webhook"
    phone_system.sealed_credentials = seal({"secrets": [_new_secret()]})
    with transaction.atomic():
        phone_system.save(force_insert=True)
        record(actor, "phone_system.added", phone_system.name)


def rotate_secret(phone_system: Connection, *, actor: User) -> str:
    """A new signing secret beside the one in use; an older one ends. Returns the new one.

    Raises ValidationError when somebody else changed the secrets in the meantime.
    """
    secret = _new_secret()
    live = [secret, *signing_secrets(phone_system)][:_LIVE_SECRETS]
    _store(phone_system, live, actor, "phone_system.secret_rotated")
    return secret


def retire_old_secret(phone_system: Connection, *, actor: User) -> None:
    """Accept the newest secret alone, once the sender has changed over. Raises as above."""
    _store(
        phone_system, signing_secrets(phone_system)[:1], actor, "phone_system.old_secret_retired"
    )


def record_reveal(phone_system: Connection, *, actor: User) -> None:
    """Note in the audit that somebody was shown the signing secret."""
    record(actor, "phone_system.secret_revealed", phone_system.name)


def disable(phone_system: Connection, *, actor: User) -> None:
    """Refuse its deliveries until it is enabled again; what arrived stays."""
    _set_state(phone_system, Connection.State.DISABLED, actor, "phone_system.disabled")


def enable(phone_system: Connection, *, actor: User) -> None:
    """Take its deliveries again."""
    _set_state(phone_system, Connection.State.ACTIVE, actor, "phone_system.enabled")


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _store(phone_system: Connection, live: list[str], actor: User, action: str) -> None:
    with transaction.atomic():
        if not phone_system.replace_credentials({"secrets": live}):
            raise ValidationError(_("Somebody else changed the secrets just now. Look again."))
        record(actor, action, phone_system.name)


def _set_state(phone_system: Connection, state: Connection.State, actor: User, action: str) -> None:
    with transaction.atomic():
        before = phone_system.state
        phone_system.state = state
        phone_system.save(update_fields=["state"])
        record(actor, action, phone_system.name, {"state": before}, {"state": str(state)})
