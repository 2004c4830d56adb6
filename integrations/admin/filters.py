"""Which query parameters a list accepts, and filters that offer the workspace's own rows only."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import RelatedOnlyFieldListFilter, SimpleListFilter

#: What a filter on a field may ask. Text lookups (``startswith``, ``contains``, ``regex``) are
#: left out on purpose: over a field that is not shown they would answer character by character.
_SUFFIXES = (
    *("", "__exact", "__id__exact", "__isnull", "__gte", "__lt"),
    *("_from", "_to", "_from_0", "_from_1", "_to_0", "_to_1"),
)


def allowed_parameters(list_filter: Iterable[Any]) -> frozenset[str]:
    """The query parameters that the declared filters need; every other one is refused."""
    allowed: set[str] = set()
    for item in list_filter:
        if isinstance(item, type) and issubclass(item, SimpleListFilter):
            allowed.add(str(item.parameter_name))
        else:
            field = item[0] if isinstance(item, tuple | list) else item
            allowed.update(f"{field}{suffix}" for suffix in _SUFFIXES)
    return frozenset(allowed)


class OwnRowsFilter(RelatedOnlyFieldListFilter):
    """A filter over a relation: only rows that occur in this list, which is scoped already."""
