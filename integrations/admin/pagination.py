"""Lists over millions of rows: counting stops at a cap, so that they open at once."""

from functools import cached_property
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.views import ChangeList

from integrations.row_search import MANY

#: Rows counted at most; lists are filtered and searched, not paged to the end.
COUNT_CAP = MANY


class CappedCount(int):
    """A count that reads "2,000+" once it stands at the cap."""

    def __str__(self) -> str:
        return f"{int(self):,}+" if self >= COUNT_CAP else f"{int(self):,}"


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages over at most ``COUNT_CAP`` rows; counting stops there."""

    @cached_property
    def count(self) -> int:
        if getattr(getattr(self.object_list, "query", None), "are_many", False):
            return CappedCount(COUNT_CAP)
        rows = cast("QuerySet[Any]", self.object_list).order_by().values("pk")[:COUNT_CAP]
        return CappedCount(rows.count())


class CappedChangeList(ChangeList):
    """A list that offers "show all" only where a search or filter hides something."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count


class PreparedChangeList(CappedChangeList):
    """A list that fetches what all rows of a page need at once, and puts it on them."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        self.prepare(request, self.result_list)

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        """Set on each row what its cells show, in a constant number of queries."""
        raise NotImplementedError
