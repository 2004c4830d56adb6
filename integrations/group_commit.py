"""Many threads, one commit: what threads of a process hand in at the same time is written together.

A thread that finds nobody writing writes at once, so a lone request waits for nothing. What others
hand in meanwhile gathers, and the first of them writes all of it as soon as the writer is done. The
busier the process, the larger the batches; there is no timer to tune.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import DataError, IntegrityError

Item = TypeVar("Item")
Result = TypeVar("Result")

#: Longer than any database that still works takes for a few batches, seconds.
WAIT_SECONDS = 20.0


class NotWrittenInTime(RuntimeError):  # noqa: N818
    """The threads before this one took too long. The item is not written, and will not be."""


class _Entry(Generic[Item, Result]):
    """One item, and the thread that waits for it behind ``turn``."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.turn = threading.Lock()
        self.turn.acquire()
        self.must_write = False
        self.result: Result
        self.error: BaseException | None = None


class GroupCommit(Generic[Item, Result]):
    """Hands items of many threads to ``write``, which commits a batch and answers in its order.

    One thread writes at a time, at most ``limit`` items. Where one item cannot be stored, the
    others must not suffer: after a ``DataError`` or an ``IntegrityError`` each item of the batch is
    written by itself. Any other failure is everybody's.
    """

    def __init__(self, write: Callable[[Sequence[Item]], Sequence[Result]], *, limit: int) -> None:
        self._write = write
        self._limit = limit
        self._is_busy = False
        self._waiting: deque[_Entry[Item, Result]] = deque()
        self._mutex = threading.Lock()

    def submit(self, item: Item) -> Result:
        """Returns once the item is committed; raises what writing raised, or NotWrittenInTime."""
        entry: _Entry[Item, Result] = _Entry(item)
        with self._mutex:
            if self._is_busy:
                self._waiting.append(entry)
            else:
                self._is_busy = entry.must_write = True
        if not entry.must_write:
            self._wait(entry)
        if entry.must_write:
            self._write_batch(entry)
        if entry.error is not None:
            raise entry.error
        return entry.result

    def _wait(self, entry: _Entry[Item, Result]) -> None:
        if entry.turn.acquire(timeout=WAIT_SECONDS):
            return
        with self._mutex:
            if entry in self._waiting:
                self._waiting.remove(entry)
                raise NotWrittenInTime
        entry.turn.acquire()  # somebody is writing it just now

    def _write_batch(self, own: _Entry[Item, Result]) -> None:
        with self._mutex:
            batch = [own]
            while self._waiting and len(batch) < self._limit:
                batch.append(self._waiting.popleft())
        try:
            self._write_entries(batch)
        except BaseException as error:  # the thread itself is being ended: nobody may hang on it
            for entry in batch:
                entry.error = error
            raise
        finally:
            self._pass_on()
            for entry in batch[1:]:
                entry.turn.release()

    def _write_entries(self, batch: Sequence[_Entry[Item, Result]]) -> None:
        try:
            results = self._write([entry.item for entry in batch])
        except (DataError, IntegrityError) as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            for entry in batch:
                self._write_entries([entry])
        except Exception as error:  # noqa: BLE001 - every thread of the batch raises it again
            for entry in batch:
                entry.error = error
        else:
            for entry, result in zip(batch, results, strict=True):
                entry.result = result

    def _pass_on(self) -> None:
        """The one that waits longest writes next."""
        with self._mutex:
            successor = self._waiting.popleft() if self._waiting else None
            self._is_busy = successor is not None
        if successor is not None:
            successor.must_write = True
            successor.turn.release()
