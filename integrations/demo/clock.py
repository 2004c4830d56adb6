"""A clock that can be set, for the one process that plays the demo's past.

The product asks Django for the time, and on SQLite the database asks itself. Both are answered by
such a clock in a process that called ``live_by``; every other process knows nothing of it.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.backends.signals import connection_created
from django.utils import timezone

#: What passes between two looks at the clock: nothing takes no time at all.
_TICK = timedelta(milliseconds=3)


class SetClock:
    """Stands at ``moment`` (aware) but for the moments that looking at it takes."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment.astimezone(UTC)

    def __call__(self) -> datetime:
        self._moment += _TICK
        return self._moment

    def move_to(self, moment: datetime) -> None:
        """Go forward; a moment that has passed already is now."""
        self._moment = max(self._moment, moment.astimezone(UTC))


def live_by(clock: SetClock) -> None:
    """Let this process live by ``clock`` for the rest of its life (SQLite only)."""
    real_now = timezone.now
    timezone.now = clock
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_fields:
            if field.default is real_now:
                _set_default(field, clock)

    def set_database_clock(sender: object, connection: Any, **kwargs: object) -> None:
        # What ``Now()`` is compiled to; the other functions of time are Django's own.
        connection.connection.create_function(
            "STRFTIME", 2, lambda form, when: f"{clock():%Y-%m-%d %H:%M:%S.%f}"[:-3]
        )

    connection_created.connect(set_database_clock, weak=False)
    connections.close_all()


def _set_default(field: "models.Field[Any, Any]", clock: SetClock) -> None:
    field.default = clock
    field.__dict__.pop("_get_default", None)  # cached by Django
