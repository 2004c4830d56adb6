"""Feature markers: which test shows which row of ``docs/features.md`` (RULES F15).

``@pytest.mark.feature("MII-10")`` is valid only under ``tests/features/``, where tests go through
HTTP, a browser or a simulator; it names one to three rows that exist. ``pytest --features`` runs
nothing and lists the rows that no collected test shows.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEATURES_PAGE = ROOT / "docs" / "features.md"
_ROW = re.compile(r"^\|\s*(?P<id>[A-Z]+-\d+[a-z]?)\s*\|\s*(?P<text>[^|]*?)\s*\|", re.MULTILINE)
_MOST_IDS = 3

shown_key = pytest.StashKey[set[str]]()


def feature_rows() -> dict[str, str]:
    """Id → our sentence, in the order of ``docs/features.md``."""
    if not FEATURES_PAGE.exists():
        return {}
    return {row["id"]: row["text"] for row in _ROW.finditer(FEATURES_PAGE.read_text())}


def marker_fault(path: Path, ids: tuple[object, ...], known: dict[str, str]) -> str | None:
    """What is wrong with a marker on a test in ``path``, or None."""
    if not path.is_relative_to(ROOT / "tests" / "features"):
        return "a feature marker is valid only under tests/features/"
    if not 1 <= len(ids) <= _MOST_IDS:
        return f"a feature marker names one to {_MOST_IDS} rows, not {len(ids)}"
    unknown = [str(feature_id) for feature_id in ids if feature_id not in known]
    return f"no such row in docs/features.md: {', '.join(unknown)}" if unknown else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--features",
        action="store_true",
        help="run nothing; list the rows of docs/features.md that no test shows",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    known = feature_rows()
    shown: set[str] = set()
    for item in items:
        ids = tuple(arg for marker in item.iter_markers("feature") for arg in marker.args)
        if not any(True for _ in item.iter_markers("feature")):
            continue
        if fault := marker_fault(item.path, ids, known):
            raise pytest.UsageError(f"{item.nodeid}: {fault}")
        shown.update(map(str, ids))
    config.stash[shown_key] = shown


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    return True if session.config.getoption("--features") else None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if not config.getoption("--features"):
        return
    rows, shown = feature_rows(), config.stash.get(shown_key, set())
    missing = {row: text for row, text in rows.items() if row not in shown}
    terminalreporter.section("rows of docs/features.md that no test shows")
    for row, text in missing.items():
        terminalreporter.line(f"{row:9} {text}")
    terminalreporter.line(f"{len(rows) - len(missing)} of {len(rows)} rows are shown by a test")
