"""The drawn weeks: the same for the same seed, and nobody in two calls at once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from calls.demo.history import PastCall, draw_weeks
from calls.simulators.acts import carry_out
from calls.simulators.config import PhoneSystemConfig
from calls.simulators.scripts import Caller
from calls.simulators.switchboard import Switchboard

ZONE = ZoneInfo("America/Los_Angeles")
ENDS = datetime(2026, 11, 20, 18, tzinfo=UTC)
CALLERS = [Caller(f"+1206555{number:04}") for number in range(100, 140)]


def draw(days: int, *, dice_seed: int = 1) -> list[PastCall]:
    begins = ENDS - timedelta(days=days)
    return list(draw_weeks(begins, ENDS, ZONE, CALLERS, dice_seed=dice_seed))


def test_the_same_seed_draws_the_same_weeks_and_another_one_others() -> None:
    assert draw(30) == draw(30)
    assert draw(30) != draw(30, dice_seed=2)


def test_a_longer_past_is_the_same_past_and_more() -> None:
    longer = draw(30)
    assert draw(10) == longer[-len(draw(10)) :]


def test_people_call_by_day_and_in_the_week() -> None:
    calls = [call.starts.astimezone(ZONE) for call in draw(35)]
    assert len(calls) > 200
    assert {moment.hour for moment in calls} <= set(range(8, 18))
    in_the_week = sum(moment.weekday() < 5 for moment in calls)
    assert in_the_week > 0.9 * len(calls)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_every_drawn_call_can_be_played_and_keeps_nobody_in_two(dice_seed: int) -> None:
    events: list[dict[str, object]] = []
    board = Switchboard(PhoneSystemConfig(), events.append)
    busy_until: dict[str, datetime] = {}
    for past_call in draw(6, dice_seed=dice_seed):
        script = past_call.script
        call = board.place_call(
            caller=script.caller, to=script.to, at=past_call.starts, withheld=script.withheld
        )
        for step in script.steps:
            at = past_call.starts + timedelta(seconds=step.after)
            carry_out(board, call, step.do, step.arguments, at)
        assert call.is_over
        for leg in call.legs:
            if leg.answered_at is not None:
                assert busy_until.get(leg.extension, leg.started_at) <= leg.started_at
                busy_until[leg.extension] = past_call.over
