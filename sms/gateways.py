"""Setting up the SMS gateway of a workspace: its key, its callback addresses, and how it is.

Credentials are sealed: ``product_key``, ``callback_secrets`` (newest first, two live while the
gateway changes over, none where it signs; what proves its signatures is in `sms.signing_keys`) and
what a backend declares besides.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.audit import record
from integrations.encryption import seal
from integrations.errors import PatchbayError
from integrations.http import outgoing_session
from integrations.models import Connection, IntakeCount, User
from integrations.tenancy import current_workspace_id
from sms.backends import BACKENDS, gateway_of
from sms.backends.base import SignsCallbacks
from sms.callbacks import callback_secrets, new_callback_secret
from sms.messaging import wake
from sms.models import DeliveryReport
from sms.signing_keys import signing_keys, with_earlier_token, without_earlier_token

_LIVE_SECRETS = 2
_TEST_DEADLINE_SECONDS = 15.0
#: How the ids of our own test callbacks begin: they count as no report.
TEST_ID_PREFIX = "patchbay-test-"


def find_gateway() -> Connection | None:
    """The gateway of the workspace in scope: the one in use, else the last that was."""
    gateways = Connection.objects.filter(
        kind=Connection.Kind.SMS_GATEWAY, backend__in=BACKENDS
    ).exclude(state=Connection.State.ARCHIVED)
    in_use = gateways.exclude(state=Connection.State.DISABLED).order_by("-pk").first()
    return in_use or gateways.order_by("-pk").first()


def connect(backend: str, credentials: Mapping[str, Any], *, actor: User) -> Connection:
    """Check these credentials at the gateway and keep them sealed; texts that wait are sent.

    A gateway that was connected before keeps its callback addresses and secrets, and what its
    vendor was told stays true. Raises PatchbayError with what the gateway said, ValidationError
    while another gateway is in use.
    """
    in_use = find_gateway()
    if in_use and in_use.backend != backend and in_use.state != Connection.State.DISABLED:
        raise ValidationError(
            _("Disconnect %(name)s first: a workspace has one gateway.") % {"name": in_use.name}
        )
    known = (
        Connection.objects.filter(kind=Connection.Kind.SMS_GATEWAY, backend=backend)
        .exclude(state=Connection.State.ARCHIVED)
        .order_by("-pk")
        .first()
    )
    gateway = known or Connection(
        workspace_id=current_workspace_id(), kind=Connection.Kind.SMS_GATEWAY, backend=backend
    )
    before = gateway.sealed_credentials
    gateway.sealed_credentials = seal(_complete(gateway, credentials))
    with gateway_of(gateway) as checked:
        checked.check()
        gateway.name = checked.label
    gateway.state, gateway.state_reason = Connection.State.ACTIVE, ""
    gateway.connected_at, gateway.connected_by = timezone.now(), actor
    with transaction.atomic():
        if known is None:
            gateway.save(force_insert=True)
        elif not _replace(gateway, before):
            raise ValidationError(_("Somebody else changed the gateway just now. Look again."))
        record(actor, "sms_gateway.connected", gateway.name)
        wake(gateway.pk)
    return gateway


def _complete(gateway: Connection, credentials: Mapping[str, Any]) -> dict[str, Any]:
    """With what was set up before, and with a secret where callbacks are not signed."""
    before = gateway.credentials
    complete = {**before, **credentials}
    if issubclass(_backend_class(gateway), SignsCallbacks):
        return with_earlier_token(before, complete, now=timezone.now())
    complete.setdefault("callback_secrets", [new_callback_secret()])
    return complete


def _backend_class(gateway: Connection) -> type:
    backend = BACKENDS[gateway.backend]
    return backend if isinstance(backend, type) else object


def _replace(gateway: Connection, before: str) -> bool:
    """Store the whole row if its credentials are still those that were read."""
    names = ("sealed_credentials", "name", "state", "state_reason", "connected_at", "connected_by")
    changes = {name: getattr(gateway, name) for name in names}
    return bool(
        Connection.objects.filter(pk=gateway.pk, sealed_credentials=before).update(**changes)
    )


def disconnect(gateway: Connection, *, actor: User) -> None:
    """Send nothing more by it and forget its key. Callbacks are heard as long as they can be."""
    kept = without_earlier_token(gateway.credentials)
    kept.pop("product_key", None)
    _store(gateway, kept, actor, "sms_gateway.disconnected", state=Connection.State.DISABLED)


def product_key(gateway: Connection, *, actor: User) -> str:
    """The key in clear, for somebody who has just proven who they are; recorded."""
    key = str(gateway.credentials.get("product_key", ""))
    record(actor, "sms_gateway.key_revealed", gateway.name)
    return key


def rotate_callback_secret(gateway: Connection, *, actor: User) -> None:
    """A new secret for the callback addresses, beside the one in use; an older one ends."""
    live = [new_callback_secret(), *callback_secrets(gateway)][:_LIVE_SECRETS]
    changed = {**gateway.credentials, "callback_secrets": live}
    _store(gateway, changed, actor, "sms_gateway.callback_secret_rotated")


def retire_old_callback_secret(gateway: Connection, *, actor: User) -> None:
    """Accept the newest secret alone, once the gateway calls the new addresses."""
    changed = {**gateway.credentials, "callback_secrets": callback_secrets(gateway)[:1]}
    _store(gateway, changed, actor, "sms_gateway.old_callback_secret_retired")


def add_signing_key(gateway: Connection, key_id: str, secret: str, *, actor: User) -> None:
    """Accept signatures by one more key, which callbacks name by its id.

    Raises ValidationError where the id has another secret already, or the gateway signs nothing.
    """
    if not issubclass(_backend_class(gateway), SignsCallbacks):
        raise ValidationError(_("This gateway signs nothing: its addresses hold a secret instead."))
    keys = signing_keys(gateway.credentials)
    if keys.get(key_id, secret) != secret:
        raise ValidationError(_("A key with this id is there already. End it first."))
    changed = {**gateway.credentials, "signing_keys": {**keys, key_id: secret}}
    _store(gateway, changed, actor, "sms_gateway.signing_key_added", label=key_id)


def end_signing_key(gateway: Connection, key_id: str, *, actor: User) -> None:
    """Refuse what is signed by this key from now on."""
    keys = signing_keys(gateway.credentials)
    keys.pop(key_id, None)
    changed = {**gateway.credentials, "signing_keys": keys}
    _store(gateway, changed, actor, "sms_gateway.signing_key_ended", label=key_id)


def end_earlier_token(gateway: Connection, *, actor: User) -> None:
    """Refuse what is signed by the token before this one, once Twilio uses the new one."""
    changed = without_earlier_token(gateway.credentials)
    _store(gateway, changed, actor, "sms_gateway.earlier_token_ended")


def change_callback_reading(
    gateway: Connection, reading: Mapping[str, Any], *, actor: User
) -> None:
    """How callbacks of a gateway that publishes no format are read and proven."""
    _store(gateway, {**gateway.credentials, **reading}, actor, "sms_gateway.callbacks_changed")


def _store(
    gateway: Connection,
    credentials: Mapping[str, Any],
    actor: User,
    action: str,
    *,
    label: str = "",
    **changes: Any,
) -> None:
    with transaction.atomic():
        if not gateway.replace_credentials(credentials, **changes):
            raise ValidationError(_("Somebody else changed the gateway just now. Look again."))
        record(actor, action, f"{gateway.name} {label}".strip())


@dataclass(frozen=True, slots=True)
class CallbackTest:
    """What came of calling ourselves."""

    arrived: bool
    words: str


def try_callback(gateway: Connection) -> CallbackTest:
    """Report something to our own public address, as the gateway would, all the way in."""
    with gateway_of(gateway) as backend:
        callback = backend.example_report(f"{TEST_ID_PREFIX}{secrets.token_hex(8)}")
    headers = {**callback.headers, "Content-Type": callback.content_type}
    try:
        with outgoing_session(deadline_seconds=_TEST_DEADLINE_SECONDS) as session:
            answer = session.post(callback.url, data=callback.body.encode(), headers=headers)
    except PatchbayError as error:
        return CallbackTest(
            False,
            _("The address could not be reached from here: %(reason)s") % {"reason": error.message},
        )
    if answer.status_code != 200:
        return CallbackTest(
            False, _("The address answered %(status)s.") % {"status": answer.status_code}
        )
    return CallbackTest(True, _("A report that Patchbay sent to this address arrived."))


@dataclass(frozen=True, slots=True)
class CallbackHealth:
    """What came back from a gateway; ``refused`` counts what proved nothing in 24 hours."""

    last_report_at: datetime | None
    last_text_at: datetime | None
    refused: int


def callback_health(gateway: Connection) -> CallbackHealth:
    """Whether the gateway calls back at all."""
    reports = DeliveryReport.objects.filter(connection=gateway).exclude(
        provider_message_id__startswith=TEST_ID_PREFIX
    )
    texts = gateway.inbound_events.filter(handler="sms_inbound")
    refused = IntakeCount.objects.filter(
        connection=gateway,
        result=IntakeCount.Result.BAD_SIGNATURE,
        hour__gte=timezone.now() - timedelta(hours=24),
    )
    return CallbackHealth(
        last_report_at=reports.order_by("-pk").values_list("received_at", flat=True).first(),
        last_text_at=texts.order_by("-pk").values_list("received_at", flat=True).first(),
        refused=refused.aggregate(total=Sum("count"))["total"] or 0,
    )
