"""When a failed write is tried again, and when it is given up. Pure: age and chance are arguments.

| failures so far | 1    | 2    | 3    | 4         | 5         | 6          | 7    | 8 and more |
| wait            | 5 s  | 15 s | 45 s | 2 min 15 s| 6 min 45 s| 20 min 15 s| 60 min | 60 min   |

plus up to a quarter, so that writes which failed together do not come back together.
"""

from __future__ import annotations

from datetime import timedelta

FIRST_DELAY_SECONDS = 5
DELAY_FACTOR = 3
LONGEST_DELAY_SECONDS = 3600
JITTER_SHARE = 0.25
SHORTEST_RETRY_AFTER_SECONDS = 1
LONGEST_RETRY_AFTER_SECONDS = 24 * 3600

MAX_ATTEMPTS = 100
MAX_AGE = timedelta(hours=48)
FEWEST_ATTEMPTS = 8


def next_attempt_delay(
    attempts: int, *, retry_after: float | None = None, jitter: float = 0.0
) -> timedelta:
    """How long to wait after the failed attempt number `attempts` (from 1).

    `retry_after` (seconds) is what the other side asked for; it wins, within a second and a day.
    `jitter` from 0 to 1 chooses the place inside the spread.
    """
    if retry_after is not None:
        polite = max(retry_after, SHORTEST_RETRY_AFTER_SECONDS)
        return timedelta(seconds=min(polite, LONGEST_RETRY_AFTER_SECONDS))
    # Bounded exponent: 3 ** 10,000 is no number of seconds.
    steps = min(max(attempts, 1) - 1, 10)
    delay = min(FIRST_DELAY_SECONDS * DELAY_FACTOR**steps, LONGEST_DELAY_SECONDS)
    return timedelta(seconds=delay * (1 + JITTER_SHARE * jitter))


def give_up_reason(attempts: int, first_attempt_age: timedelta) -> str | None:
    """Why a write is no longer repeated by itself and waits for a person, or None to go on.

    Age alone is not enough: after a weekend without our own servers every write would be old, and
    a few tries are made first.
    """
    if attempts >= MAX_ATTEMPTS:
        return f"Gave up after {attempts} attempts."
    if attempts >= FEWEST_ATTEMPTS and first_attempt_age >= MAX_AGE:
        hours = int(first_attempt_age.total_seconds() // 3600)
        return f"Gave up after {attempts} attempts in {hours} hours."
    return None
