"""Comparing figures with the committed budgets (``budgets.toml``)."""

import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.registry import Figure

BUDGETS_PATH = Path(__file__).with_name("budgets.toml")


@dataclass(frozen=True)
class Budget:
    """A limit for the ``measure`` of one figure, on the databases that it names."""

    figure: str
    reason: str
    databases: tuple[str, ...] = ("sqlite", "postgresql")
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"{self.figure}: a budget has one limit, at_least or at_most.")

    def find_miss(self, figure: Figure, database: str) -> str | None:
        """What is wrong, as a sentence; None if the figure is within the budget."""
        measure = figure.measure
        if self.at_least is not None and measure < self.at_least:
            limit = f"at least {self.at_least:g}"
        elif self.at_most is not None and measure > self.at_most:
            limit = f"at most {self.at_most:g}"
        else:
            return None
        return f"{figure.name} on {database}: {measure:.3g} instead of {limit} ({self.reason})"


def read_budgets(path: Path = BUDGETS_PATH) -> Sequence[Budget]:
    """The committed budgets; raises ValueError or TypeError where the file makes no sense."""
    rows = tomllib.loads(path.read_text())["budget"]
    budgets = [Budget(**row | {"databases": tuple(_vendors(row))}) for row in rows]
    limited = [(budget.figure, database) for budget in budgets for database in budget.databases]
    if twice := {each for each in limited if limited.count(each) > 1}:
        raise ValueError(f"Two budgets for one figure: {sorted(twice)}")
    return budgets


def _vendors(row: dict[str, object]) -> Sequence[str]:
    given = row.get("databases", ["sqlite", "postgresql"])
    if not isinstance(given, list) or not set(given) <= {"sqlite", "postgresql"}:
        raise ValueError(f"{row.get('figure')}: unknown database among {given}.")
    return given


def find_misses(
    budgets: Sequence[Budget], figures: Sequence[Figure], database: str, ran: Collection[str]
) -> Iterator[str]:
    """A sentence for every budget that the figures of one database miss.

    A figure is named ``benchmark: what``. Where a benchmark in ``ran`` did not yield a figure that
    has a budget, that is a miss, too: a budget must not fall silent because a name was changed.
    """
    measured = {figure.name: figure for figure in figures}
    for budget in budgets:
        if database not in budget.databases or budget.figure.partition(":")[0] not in ran:
            continue
        figure = measured.get(budget.figure)
        if figure is None:
            yield f"{budget.figure} on {database}: was not measured ({budget.reason})"
        elif miss := budget.find_miss(figure, database):
            yield miss
