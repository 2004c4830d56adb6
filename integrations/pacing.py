"""When to try again, on the clock and with chance (``integrations.retry`` decides how long)."""

import random
from datetime import datetime

from django.utils import timezone

from integrations.retry import next_attempt_delay

_dice = random.SystemRandom()


def next_attempt_at(attempts: int, *, retry_after: float | None = None) -> datetime:
    """The moment of the next try after the failed one numbered ``attempts`` (from 1)."""
    delay = next_attempt_delay(attempts, retry_after=retry_after, jitter=_dice.random())
    return timezone.now() + delay
