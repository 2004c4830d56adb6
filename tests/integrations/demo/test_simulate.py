"""``manage.py simulate``."""

import sys

import pytest
from django.core.management import call_command

from integrations.management.commands.simulate import find_simulators


def test_every_simulator_is_found_under_a_name_that_people_would_type() -> None:
    simulators = find_simulators()
    assert simulators["salesforce"] == "integrations.simulators.salesforce"
    assert simulators["calls"] == "calls.simulators"


def test_options_after_the_name_are_those_of_the_simulator(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", sys.argv)
    with pytest.raises(SystemExit):
        call_command("simulate", "calls", "--help")
    assert "--hook-url" in capsys.readouterr().out
