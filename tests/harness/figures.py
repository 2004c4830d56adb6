"""Figures that tests measure, printed together at the end of the run.

A worker process of a parallel run has no terminal, so what people should read travels with the
test's report and is printed by the process that has one.
"""

from collections.abc import Callable

import pytest

_PROPERTY = "figures"

Tell = Callable[[str], None]


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Tell:
    """Say what was measured; it is printed after the last test, under the test's name."""
    return lambda text: record_property(_PROPERTY, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told = [
        (report.nodeid, str(text))
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
        for name, text in report.user_properties
        if name == _PROPERTY
    ]
    if not told:
        return
    terminalreporter.section("what tests measured")
    for nodeid, text in told:
        terminalreporter.line(nodeid)
        terminalreporter.line(text)
