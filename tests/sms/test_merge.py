"""Merge fields: what a template means, what it refuses, what each person gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.merge import MergeField, read_template, unknown_fields
from sms.segments import count_segments, normalize_text


def test_a_field_takes_the_value_of_the_record() -> None:
    template = read_template("Hi {{FirstName}}, about {{Account.Name}}.")
    values = {"FirstName": "Ann & Bo", "Account.Name": "<Acme>"}
    assert template.render(values) == "Hi Ann & Bo, about <Acme>."


@pytest.mark.parametrize("value", [None, "", "  "])
def test_the_fallback_stands_in_for_an_empty_field(value: str | None) -> None:
    template = read_template("Hi {{ FirstName | there }}!")
    assert template.fields == (MergeField("FirstName", "there"),)
    assert template.render({"FirstName": value}) == "Hi there!"
    assert template.empty_fields({"FirstName": value}) == ()


def test_a_hole_is_told() -> None:
    template = read_template("Hi {{FirstName}} {{LastName}}{{FirstName}}")
    assert template.empty_fields({"LastName": "Low"}) == ("FirstName",)


def test_every_field_counts_ten_in_the_estimate() -> None:
    template = read_template("Hi {{FirstName|everybody out there}}")
    assert count_segments(template.estimate()).units == 13


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("Hi {{First Name}}", 3, "{{First Name}}"),
        ("{{}}", 0, "{{}}"),
        ("{{a+b}}", 0, "{{a+b}}"),
        ("{{Name.upper()}}", 0, "{{Name.upper()}}"),
        ("{{a.b.c}}", 0, "{{a.b.c}}"),
        ("Hi {{FirstName", 3, "{{"),
        ("Hi FirstName}}", 12, "}}"),
    ],
)
def test_what_is_no_field_is_told_with_its_place(text: str, position: int, part: str) -> None:
    (fault,) = read_template(text).faults
    assert (fault.position, fault.text) == (position, part)


def test_single_braces_are_ordinary_text() -> None:
    template = read_template("{FirstName} {% if x %} ${x}")
    assert template.faults == ()
    assert template.render({"FirstName": "Ann"}) == "{FirstName} {% if x %} ${x}"


def test_fields_of_another_kind_are_told_once_each() -> None:
    template = read_template("{{Title}} {{FirstName}} {{Title}} {{Company}}")
    assert unknown_fields(template, ["FirstName"]) == ("Title", "Company")


@given(st.text(max_size=200))
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    rendered = read_template("{{FirstName|x}}").render({"FirstName": "a" + value + "b"})
    assert rendered == normalize_text("a" + value + "b")


@given(st.text(alphabet="{}|.aB _é", max_size=40))
def test_any_text_is_read_without_losing_a_character(text: str) -> None:
    template = read_template(text)
    kept = "".join(piece for piece in template.pieces if isinstance(piece, str))
    assert len(kept) <= len(normalize_text(text))
    if not template.fields:
        assert kept == template.render({}) == normalize_text(text)
