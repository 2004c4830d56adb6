"""Options as a file: a round trip loses nothing, and a bad file changes nothing."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.options import OPTION_SPECS, Kind, OptionSpec
from integrations.options.snapshots import with_defaults
from integrations.options.yaml_file import LONGEST_FILE, FileRefused, export_yaml, read_yaml


def _values(spec: OptionSpec) -> st.SearchStrategy[Any]:
    if spec.kind is Kind.SWITCH:
        return st.booleans()
    if spec.choices:
        return st.sampled_from(list(spec.choices))
    if spec.kind is Kind.NUMBER:
        return st.integers(spec.minimum, spec.maximum)
    text = st.from_regex(spec.pattern, fullmatch=True)
    return text if spec.kind is Kind.TEXT else st.lists(text, max_size=3)


@settings(deadline=None, max_examples=30)
@given(st.fixed_dictionaries({spec.key: _values(spec) for spec in OPTION_SPECS}))
def test_a_round_trip_loses_nothing(values: dict[str, Any]) -> None:
    text = export_yaml(values)

    assert read_yaml(text) == values
    assert export_yaml(read_yaml(text)) == text


def test_keys_of_another_release_stay_out_of_the_file() -> None:
    assert read_yaml(export_yaml({"from_next_year": 1})) == with_defaults({})


def test_every_problem_is_told_at_once_with_its_line() -> None:
    text = """legacy: on
# a remark
no_such_option: true
internal_length: 12
internal_prefixes: [2, '3']
multi_match: guess
default_owner: Anna
local_numbers: true
"""
    with pytest.raises(FileRefused) as refused:
        read_yaml(text)

    told = [(problem.line, problem.text.split()[0]) for problem in refused.value.problems]
    assert told == [
        (1, "legacy"),
        (3, "“no_such_option”"),
        (4, "internal_length"),
        (5, "internal_prefixes"),
        (6, "multi_match"),
        (7, "default_owner"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("legacy: [", 1),
        ("legacy: true\nlegacy: false", 2),
        ("- legacy", 1),
        ("legacy", 1),
        ("legacy: !!python/object:os.system {}", 1),
        ("a: &a [*a]", 1),
        ("\x00", 1),
        ("x" * (LONGEST_FILE + 1), 1),
    ],
)
def test_what_is_no_file_of_options_is_refused_with_a_line(text: str, line: int) -> None:
    with pytest.raises(FileRefused) as refused:
        read_yaml(text)
    assert refused.value.problems[0].line == line


def test_an_empty_file_changes_nothing() -> None:
    assert read_yaml("# nothing yet\n") == {}
