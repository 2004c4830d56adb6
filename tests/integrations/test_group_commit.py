"""Threads share a commit, and none hears of it before its own item is stored."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import DataError, OperationalError

from integrations import group_commit
from integrations.group_commit import GroupCommit, NotWrittenInTime


class Table:
    """Stands for a database: takes a batch when it is let, and refuses the number thirteen."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.is_open = threading.Event()
        self.is_asked = threading.Semaphore(0)

    def write(self, numbers: Sequence[int]) -> list[int]:
        self.is_asked.release()
        assert self.is_open.wait(10)
        if 13 in numbers:
            raise DataError("13 is not stored")
        if 666 in numbers:
            raise OperationalError("the database is away")
        self.batches.append(list(numbers))
        return [number * 10 for number in numbers]


def gather(table: Table, numbers: Sequence[int], *, limit: int = 100) -> list[Future[int]]:
    """Submit the first number, and the others one after the other while it is being written."""
    commit = GroupCommit(table.write, limit=limit)
    with ThreadPoolExecutor(len(numbers)) as threads:
        futures = [threads.submit(commit.submit, numbers[0])]
        assert table.is_asked.acquire(timeout=10)
        for count, number in enumerate(numbers[1:], start=1):
            futures.append(threads.submit(commit.submit, number))
            wait_until_waiting(commit, count)
        assert not any(future.done() for future in futures)
        table.is_open.set()
    return futures


def wait_until_waiting(commit: GroupCommit[int, int], count: int) -> None:
    ticks = threading.Event()
    for _ in range(5_000):
        if len(commit._waiting) == count:
            return
        ticks.wait(0.001)
    raise AssertionError("it did not happen within 5 s")


def test_a_lone_item_is_written_at_once() -> None:
    table = Table()
    table.is_open.set()

    assert GroupCommit(table.write, limit=100).submit(4) == 40
    assert table.batches == [[4]]


def test_what_gathers_meanwhile_is_one_batch_and_everyone_gets_its_own_answer() -> None:
    table = Table()
    futures = gather(table, [1, 2, 3, 4])

    assert [future.result() for future in futures] == [10, 20, 30, 40]
    assert table.batches == [[1], [2, 3, 4]]


def test_a_batch_has_a_limit_and_the_next_in_line_writes_on() -> None:
    table = Table()
    gather(table, [1, 2, 3, 4, 5, 6], limit=2)

    assert table.batches == [[1], [2, 3], [4, 5], [6]]


def test_an_item_that_cannot_be_stored_leaves_the_others_alone() -> None:
    table = Table()
    futures = gather(table, [1, 2, 13, 4])

    assert [futures[place].result() for place in (0, 1, 3)] == [10, 20, 40]
    with pytest.raises(DataError):
        futures[2].result()


def test_a_database_that_is_away_is_everybodys_error_and_the_next_one_tries_again() -> None:
    table = Table()
    commit = GroupCommit(table.write, limit=100)
    table.is_open.set()
    with pytest.raises(OperationalError):
        commit.submit(666)

    assert commit.submit(1) == 10
    futures = gather(Table(), [1])
    assert [future.result() for future in futures] == [10]


def test_who_waited_too_long_is_told_and_is_not_written_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(group_commit, "WAIT_SECONDS", 0.01)
    table = Table()
    commit = GroupCommit(table.write, limit=100)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(commit.submit, 1)
        assert table.is_asked.acquire(timeout=10)
        with pytest.raises(NotWrittenInTime):
            commit.submit(2)
        table.is_open.set()

    assert first.result() == 10
    assert commit.submit(3) == 30
    assert table.batches == [[1], [3]]
