"""Asking for a person to be erased, and carrying that out step by step (RULES C8).

A step ends after some seconds; the tick wakes a worker for the rest. Whatever stops it, the rows
themselves say what is left.
"""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import audit
from integrations.claims import by_now, claim_batch, update_claimed
from integrations.encryption import seal, unseal
from integrations.erasing import erase_subjects
from integrations.mentions import Identity
from integrations.models import Erasure, User
from integrations.phones import parse_phone
from integrations.pseudonyms import make_pseudonym
from integrations.queueing import enqueue
from integrations.record_links import record_id_prefix
from integrations.registry import registry
from integrations.sweeping import (
    sweep_range,
    tables_to_sweep,
    waits_to_be_understood,
    waits_to_be_written,
)
from integrations.tenancy import current_workspace_id, workspace_scope

LEASE_SECONDS = 300
_TURN_SECONDS = 20.0
#: What is on its way is looked at again after this …
_PAUSE = timedelta(seconds=30)
#: … and, where it takes longer than this, only as often: each time all tables are searched.
_LONG_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True)
class Count:
    """Rows about a person by table, under the name that people know it by."""

    what: str
    rows: int


def read_identity(typed: str, region: str) -> Identity | None:
    """Who is meant by a number as typed in ``region``, or a Salesforce id; None: neither."""
    text = typed.strip()
    if record_id_prefix(text):
        return Identity(record_id=text)
    number = parse_phone(text, region).e164
    return Identity(phone_e164=number) if number else None


def count_rows(identity: Identity) -> list[Count]:
    """What is kept about a person in the workspace in scope; nothing is changed."""
    counts = (Count(str(eraser.what), eraser.find(identity).count()) for eraser in registry.erasers)
    return [count for count in counts if count.rows]


def request_erasure(
    identity: Identity, *, actor: User | None, request: HttpRequest | None = None
) -> Erasure:
    """Have a person erased from the workspace in scope; once more while under way is the same.

    Audited by the pseudonym alone.
    """
    workspace_id = current_workspace_id()
    with transaction.atomic():
        hidden = make_pseudonym(workspace_id, str(identity))
        under_way = Erasure.objects.filter(pseudonym=hidden).exclude(state=Erasure.State.DONE)
        if earlier := under_way.first():
            return earlier
        erasure = Erasure.objects.create(
            workspace_id=workspace_id,
            pseudonym=hidden,
            sealed_identity=seal({"phone": identity.phone_e164, "record": identity.record_id}),
            requested_by=actor,
        )
        audit.record(actor, "person.erasure_requested", hidden, request=request)
        wake(erasure.pk)
    return erasure


def wake(erasure_id: int) -> None:
    """Ask for the next step once the current transaction commits."""
    enqueue("background", "integrations.jobs.erase_person", erasure_id)


def wake_due() -> None:
    """The tick: wake a worker for each erasure whose time has come."""
    due = Erasure.unscoped.filter(state=Erasure.State.WAITING, next_attempt_at__lte=by_now())
    for erasure_id in due.values_list("pk", flat=True)[:50]:
        wake(erasure_id)


def release_expired() -> int:
    """Give back what a worker that is gone had claimed; returns how many."""
    expired = Erasure.unscoped.filter(state=Erasure.State.CLAIMED, lease_expires_at__lt=by_now())
    return expired.update(state=Erasure.State.WAITING, claim_token=None, lease_expires_at=None)


def take_step(erasure_id: int) -> None:
    """Go on with one erasure for a while, if it is due."""
    eligible = Erasure.unscoped.filter(
        pk=erasure_id, state=Erasure.State.WAITING, next_attempt_at__lte=by_now()
    )
    claim = claim_batch(
        eligible, to_state=Erasure.State.CLAIMED, limit=1, lease_seconds=LEASE_SECONDS
    )
    for erasure in claim.rows:
        with workspace_scope(erasure.workspace_id):
            _Step(erasure, claim.token).run()


class _Step:
    """One turn of an erasure that is ours."""

    def __init__(self, erasure: Erasure, token: UUID) -> None:
        self.erasure, self.token = erasure, token
        who = unseal(erasure.sealed_identity)
        self.identity = Identity(who["phone"], who["record"])
        self.erased: Counter[str] = Counter(erasure.erased)
        self.stop_at = time.monotonic() + _TURN_SECONDS

    def run(self) -> None:
        progress = erase_subjects(self.identity, stop_at=self.stop_at)
        self.erased += progress.erased
        if progress.is_cut_short:
            self._leave()
        elif count := progress.on_their_way:
            words = _("%(count)d records or texts on their way are waited for.")
            self._wait(words % {"count": count})
        elif not self._sweep():
            self._leave()
        elif waits_to_be_understood(self.identity):
            self._wait(_("What arrived last has still to be understood."))
        elif waits_to_be_written(self.identity):
            self._wait(_("A record about somebody else that mentions the person must be written."))
        elif any(eraser.find(self.identity).exists() for eraser in registry.erasers):
            self.erasure.swept_table, self.erasure.swept_up_to = "", 0
            self._leave()  # more has come in meanwhile
        else:
            self._finish()

    def _sweep(self) -> bool:
        """Search the tables from where the last turn stopped; False when the time is up."""
        begun = self.erasure.swept_table
        for model in tables_to_sweep():
            label = model._meta.label
            if begun and label != begun:
                continue
            after, begun = (self.erasure.swept_up_to if begun else 0), ""
            while True:
                after, changed = sweep_range(model, self.identity, after)
                self.erased[label] += changed
                if not after:
                    break
                if time.monotonic() > self.stop_at:
                    self.erasure.swept_table, self.erasure.swept_up_to = label, after
                    return False
        return True

    def _wait(self, words: str) -> None:
        """Look again after a pause, from the start."""
        now = timezone.now()
        is_new = now - self.erasure.requested_at < _LONG_PAUSE
        self._store(
            state=Erasure.State.WAITING,
            next_attempt_at=now + (_PAUSE if is_new else _LONG_PAUSE),
            waits_for=words,
            swept_table="",
            swept_up_to=0,
        )

    def _leave(self) -> None:
        """Go on at once in another turn, with the tables from where this one stopped."""
        self._store(
            state=Erasure.State.WAITING,
            next_attempt_at=timezone.now(),
            waits_for="",
            swept_table=self.erasure.swept_table,
            swept_up_to=self.erasure.swept_up_to,
        )
        wake(self.erasure.pk)

    def _finish(self) -> None:
        with transaction.atomic():
            is_ours = self._store(
                state=Erasure.State.DONE,
                sealed_identity="",
                waits_for="",
                finished_at=timezone.now(),
            )
            if is_ours:
                told = {"erased": dict(+self.erased)}
                audit.record(None, "person.erased", self.erasure.pseudonym, after=told)

    def _store(self, **changes: object) -> bool:
        return update_claimed(
            self.erasure,
            self.token,
            erased=dict(+self.erased),
            claim_token=None,
            lease_expires_at=None,
            **changes,
        )
