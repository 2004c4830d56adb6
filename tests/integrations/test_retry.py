from datetime import timedelta

import pytest

from integrations.retry import MAX_AGE, MAX_ATTEMPTS, give_up_reason, next_attempt_delay


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [
        (0, 5),
        (1, 5),
        (2, 15),
        (3, 45),
        (4, 135),
        (5, 405),
        (6, 1215),
        (7, 3600),
        (8, 3600),
        (10000, 3600),
    ],
)
def test_waits_grow_to_an_hour(attempts: int, seconds: int) -> None:
    assert next_attempt_delay(attempts, jitter=0) == timedelta(seconds=seconds)


def test_jitter_spreads_by_up_to_a_quarter() -> None:
    assert next_attempt_delay(1, jitter=1) == timedelta(seconds=6.25)


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [(90, 90), (0, 1), (-5, 1), (10**9, 24 * 3600)]
)
def test_what_the_other_side_asks_for_wins_within_reason(
    retry_after: float, seconds: float
) -> None:
    delay = next_attempt_delay(6, retry_after=retry_after, jitter=1)

    assert delay == timedelta(seconds=seconds)


def test_age_alone_gives_nothing_up() -> None:
    assert give_up_reason(1, MAX_AGE * 10) is None
    assert give_up_reason(MAX_ATTEMPTS - 1, timedelta(hours=1)) is None


def test_many_attempts_or_a_long_time_give_up_with_a_reason() -> None:
    assert give_up_reason(8, timedelta(hours=50)) == "Gave up after 8 attempts in 50 hours."
    assert give_up_reason(MAX_ATTEMPTS, timedelta()) == "Gave up after 100 attempts."
