"""Claiming rows: the one way in which a worker makes work its own (RULES F3).

Safe on SQLite and PostgreSQL, with any number of workers: the UPDATE that claims repeats the
conditions that made the rows eligible, and every later update carries the claim's token. Leases
are measured by the database's clock, the only one that all workers share.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar

from django.db import connections, models, transaction
from django.db.models.functions import Now

ModelT = TypeVar("ModelT", bound=models.Model)


def from_now(seconds: float) -> models.Expression:
    """The database's clock plus some seconds, for an update or a filter."""
    return models.ExpressionWrapper(
        Now() + models.Value(timedelta(seconds=seconds)), output_field=models.DateTimeField()
    )


def by_now() -> models.Expression:
    """What is due has a time up to this: now, and the millisecond that SQLite's clock rounds off.

    Without it a row made due by our own clock could be a fraction of a millisecond too new.
    """
    return from_now(0.001)


@dataclass(frozen=True)
class Claim(Generic[ModelT]):
    """Rows that are this worker's until the lease runs out, and the token that proves it."""

    token: uuid.UUID
    rows: list[ModelT]


def claim_batch(
    eligible: "models.QuerySet[ModelT]",
    *,
    to_state: str,
    limit: int,
    lease_seconds: float,
    order_by: tuple[str, ...] = ("next_attempt_at", "id"),
) -> Claim[ModelT]:
    """Claim up to ``limit`` eligible rows, oldest first.

    ``eligible`` filters by columns of the table itself (state and due time), without joins, so
    that the UPDATE can repeat the conditions: two workers may choose the same rows, but only one
    finds them still eligible.
    """
    token = uuid.uuid4()
    with transaction.atomic(using=eligible.db):
        chosen = eligible.order_by(*order_by)
        if connections[eligible.db].features.has_select_for_update_skip_locked:
            chosen = chosen.select_for_update(skip_locked=True, of=("self",))
        primary_keys = list(chosen.values_list("pk", flat=True)[:limit])
        if not primary_keys:
            return Claim(token, [])
        eligible.filter(pk__in=primary_keys).update(
            state=to_state, claim_token=token, lease_expires_at=from_now(lease_seconds)
        )
    rows: models.QuerySet[ModelT] = eligible.model._base_manager.using(eligible.db).filter(
        claim_token=token
    )
    return Claim(token, list(rows.order_by(*order_by)))


def update_claimed(row: ModelT, token: uuid.UUID, **changes: Any) -> bool:
    """Update a row if this claim still owns it; False when its lease went to somebody else."""
    owned = type(row)._base_manager.filter(pk=row.pk, claim_token=token)
    if not owned.update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    return True
