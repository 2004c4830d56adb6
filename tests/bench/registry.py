"""What a benchmark is, what it measures, and the list of all of them."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.stage import Stage


@dataclass(frozen=True)
class Figure:
    """One measured number, and what was measured beside it in the same run, if anything was."""

    name: str
    unit: str
    subject: float
    baseline: float | None = None

    @property
    def measure(self) -> float:
        """What a budget limits: the ratio to the baseline, else the number itself."""
        if self.baseline is None:
            return self.subject
        return self.subject / self.baseline if self.baseline else float("inf")

    def to_json(self) -> Mapping[str, Any]:
        ratio = None if self.baseline is None else self.measure
        return asdict(self) | {"ratio": ratio}


Run = Callable[["Stage"], Iterable[Figure]]


@dataclass(frozen=True)
class Benchmark:
    """A named benchmark; ``databases`` are the vendors on which it says anything."""

    name: str
    describes: str
    run: Run
    databases: tuple[str, ...]


_benchmarks: dict[str, Benchmark] = {}


def benchmark(
    name: str, describes: str, *, databases: tuple[str, ...] = ("sqlite", "postgresql")
) -> Callable[[Run], Run]:
    """Put a function that measures into the list."""

    def register(run: Run) -> Run:
        _benchmarks[name] = Benchmark(name, describes, run, databases)
        return run

    return register


def all_benchmarks() -> Mapping[str, Benchmark]:
    """Every benchmark by its name: importing the modules beside this one registers them."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.startswith("bench_"):
            importlib.import_module(f"tests.bench.{module.name}")
    return dict(sorted(_benchmarks.items()))
