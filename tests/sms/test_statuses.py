"""The scale of delivery: order and repetition of reports make no difference."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.statuses import FIRST_FINAL_RANK, RANK, REPORTED, MessageStatus, is_final, latest, of_parts

S = MessageStatus


def test_every_status_has_a_rank_and_reported_ones_differ() -> None:
    assert set(RANK) == set(MessageStatus)
    assert len({RANK[status] for status in REPORTED}) == len(REPORTED)


@pytest.mark.parametrize(
    ("reports", "outcome"),
    [
        ([S.ACCEPTED, S.SENT, S.DELIVERED], S.DELIVERED),
        ([S.SENT, S.BUFFERED, S.EXPIRED], S.EXPIRED),
        ([S.EXPIRED, S.DELIVERED], S.DELIVERED),
        ([S.FAILED, S.UNDELIVERED, S.SENT], S.UNDELIVERED),
    ],
)
def test_every_order_and_doubling_of_reports_ends_the_same(
    reports: list[S], outcome: MessageStatus
) -> None:
    assert {latest(order) for order in permutations(reports * 2)} == {outcome}


@given(st.lists(st.sampled_from(REPORTED), min_size=1, max_size=5))
def test_parts_are_final_together_and_delivered_only_all_of_them(parts: list[S]) -> None:
    whole = of_parts(parts)
    assert is_final(whole) == all(is_final(part) for part in parts)
    assert (whole is S.DELIVERED) == all(part is S.DELIVERED for part in parts)


def test_final_is_what_ranks_as_final_and_what_came_in() -> None:
    final = {status for status in MessageStatus if is_final(status)}
    assert final == {s for s in RANK if RANK[s] >= FIRST_FINAL_RANK} | {S.RECEIVED, S.OPTOUT}
