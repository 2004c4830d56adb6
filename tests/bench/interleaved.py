"""Rounds in turn, so that whatever else the machine does meanwhile hits all sides alike."""

from collections.abc import Callable, Mapping
from statistics import median


def interleave(rounds: int, sides: Mapping[str, Callable[[], float]]) -> Mapping[str, float]:
    """Measure each side once a round, after a first round that does not count; the medians."""
    measured: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, measure in sides.items():
            value = measure()
            if number:
                measured[name].append(value)
    return {name: median(values) for name, values in measured.items()}
