"""Reading the options: the active number once per request or job, its values once a process (E7).

A revision never changes once it is stored, so its snapshot is kept by workspace and number, and
costs no query after the first.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from django.db import transaction

from integrations.models import OptionsRevision
from integrations.options.catalogue import OPTION_SPECS
from integrations.tenancy import current_workspace_id

#: More than the workspaces that one process serves in a day, with their last few revisions.
_MOST_SNAPSHOTS = 2_000


@dataclass(frozen=True)
class Options:
    """One revision's values over the defaults. ``number`` 0 is "nothing was ever chosen"."""

    number: int
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


def with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values over the defaults. Keys of a newer release are kept (RULES E7)."""
    chosen = {key: value for key, value in values.items() if value is not None}
    return {spec.key: spec.default for spec in OPTION_SPECS} | chosen


#: The active numbers that this request or job has read so far, by workspace; None outside of one.
_numbers_read: ContextVar[dict[int, int] | None] = ContextVar("patchbay_options_read", default=None)
#: Published by this process and not committed yet: a rollback gives the number to other values.
_uncommitted: set[tuple[int, int]] = set()


@contextmanager
def options_read_once() -> Iterator[None]:
    """Within, which revision of a workspace is active is asked at the first question."""
    token = _numbers_read.set({})
    try:
        yield
    finally:
        _numbers_read.reset(token)


def active_options() -> Options:
    """The options in force in the workspace in scope."""
    return options_at(_active_number())


def options_at(number: int) -> Options:
    """The options of one revision of the workspace in scope; 0 is the defaults."""
    revision = (current_workspace_id(), number)
    return _read(*revision) if revision in _uncommitted else _kept(*revision)


def note_published(revision: OptionsRevision) -> None:
    """A revision was stored in the running transaction: this request sees it, nobody keeps it
    before the commit."""
    if (known := _numbers_read.get()) is not None:
        known.clear()
    published = (revision.workspace_id, revision.number)
    _uncommitted.add(published)
    transaction.on_commit(lambda: _uncommitted.discard(published), robust=True)


def forget_snapshots() -> None:
    """Read everything anew: for tests, whose numbers come again with other values."""
    _kept.cache_clear()
    _uncommitted.clear()


def _active_number() -> int:
    known = _numbers_read.get()
    if known is None:
        return _read_active_number()
    workspace_id = current_workspace_id()
    if workspace_id not in known:
        known[workspace_id] = _read_active_number()
    return known[workspace_id]


def _read_active_number() -> int:
    active = OptionsRevision.objects.filter(is_active=True)
    return active.values_list("number", flat=True).first() or 0


def _read(workspace_id: int, number: int) -> Options:
    if not number:
        return Options(0, MappingProxyType(with_defaults({})))
    revision = OptionsRevision.unscoped.get(workspace=workspace_id, number=number)
    return Options(number, MappingProxyType(with_defaults(revision.values)))


_kept = lru_cache(maxsize=_MOST_SNAPSHOTS)(_read)
