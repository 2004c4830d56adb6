"""Softphone layouts in Salesforce's JSON: read, written, and refused with every problem at once."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.layout_file import LONGEST_FILE, LayoutRefused, read_layout, read_layout_file
from calls.layout_settings import (
    NAMED_POPS,
    NEW_OBJECTS,
    OFFERED_POPS,
    RELATED_FIELDS,
    SEARCHED_OBJECTS,
    CallTypeSettings,
    DisplayedField,
    LayoutSettings,
    Matches,
    Pop,
    PopKind,
)

_names = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,20}", fullmatch=True)
_fields = st.lists(st.builds(DisplayedField, st.text(min_size=1), _names)).map(tuple)
_facts = st.sets(st.sampled_from(RELATED_FIELDS)).map(
    lambda chosen: tuple(one for one in RELATED_FIELDS if one in chosen)
)
_inside = st.builds(CallTypeSettings, _facts, st.dictionaries(_names, _fields))
_outside = st.builds(
    CallTypeSettings,
    _facts,
    st.builds(
        lambda searched, others: searched | others,
        st.dictionaries(st.sampled_from(SEARCHED_OBJECTS), _fields, min_size=1),
        st.dictionaries(_names.map("Other_{}__c".format), _fields),
    ),
)


@st.composite
def _pops(draw: st.DrawFn) -> dict[Matches, Pop]:
    pops = {}
    for matches, kinds in OFFERED_POPS.items():
        kind = draw(st.sampled_from(kinds))
        target = draw(_names) if kind in NAMED_POPS else ""
        if kind is PopKind.ENTITY and matches is Matches.NONE:
            target = draw(st.sampled_from((*NEW_OBJECTS, "")))
        pops[matches] = Pop(kind, target)
    return pops


_layouts = st.builds(
    LayoutSettings,
    st.fixed_dictionaries({"internal": _inside, "inbound": _outside, "outbound": _outside}),
    _pops(),
    st.booleans(),
)


@given(_layouts)
def test_what_is_exported_is_imported_again_without_a_loss(layout: LayoutSettings) -> None:
    assert read_layout_file(json.dumps(layout.to_json())) == layout


def test_a_layout_begins_as_salesforce_begins() -> None:
    usual = LayoutSettings().to_json()
    assert usual["Inbound"]["screenPopSettings"] == {
        "screenPopsOpenWithin": "ExistingWindow",
        "NoMatch": {"screenPopType": "DoNotPop"},
        "SingleMatch": {"screenPopType": "PopToEntity"},
        "MultipleMatches": {"screenPopType": "DoNotPop"},
    }
    assert usual["Outbound"]["screenPopSettings"] == usual["Internal"]["screenPopSettings"] == {}
    assert LayoutSettings().new_object == "Lead"
    assert LayoutSettings().searched("inbound") == {"Contact", "Account", "Lead"}
    assert LayoutSettings().searched("internal") == frozenset()


def layout(**inbound: Any) -> dict[str, Any]:
    """The usual layout with another Inbound."""
    usual = LayoutSettings().to_json()
    return usual | {"Inbound": usual["Inbound"] | inbound}


def test_what_salesforce_leaves_out_pops_nothing_and_its_answer_is_read_as_it_comes() -> None:
    answer = {"success": True, "returnValue": layout(screenPopSettings={}), "errors": None}
    read = read_layout_file(json.dumps(answer))
    assert {pop.kind for pop in read.pops.values()} == {PopKind.NOTHING}
    new_none = {"NoMatch": {"screenPopType": "PopToEntity", "screenPopData": "None"}}
    assert read_layout(layout(screenPopSettings=new_none)).new_object == "Lead"


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = layout(
        callRelatedFields=["ANI", "SHOE"],
        objects={"Case": [{"displayName": "Number"}], "Bad Name": "Name"},
        screenPopSettings={
            "screenPopsOpenWithin": "Elsewhere",
            "Sometimes": {},
            "NoMatch": {"screenPopType": "PopToEntity", "screenPopData": "Opportunity"},
            "SingleMatch": {"screenPopType": "PopToSearch"},
            "MultipleMatches": {"screenPopType": "PopToVisualforce"},
        },
    )
    wrong["Outbound"] |= {"screenPopSettings": {"NoMatch": {"screenPopType": "DoNotPop"}}}
    del wrong["Internal"]
    with pytest.raises(LayoutRefused) as refused:
        read_layout(wrong)
    told = "\n".join(refused.value.problems)
    for begins in (
        "Internal: this call type is missing",
        "Inbound.callRelatedFields: “SHOE”",
        "Inbound.objects.Case[1]: a field with apiName",
        "Inbound.objects: “Bad Name” is no API name",
        "Inbound.objects.Bad Name: a list of fields",
        "Inbound.objects: Contact, Account or Lead must be among them",
        "Outbound.screenPopSettings: screen pops can be set for Inbound alone",
        "Inbound.screenPopSettings: “Sometimes” is unknown",
        "Inbound.screenPopSettings.NoMatch.screenPopData: New can make Lead",
        "Inbound.screenPopSettings.SingleMatch.screenPopType: one of DoNotPop",
        "Inbound.screenPopSettings.MultipleMatches.screenPopData: the name of a page",
        "Inbound.screenPopSettings.screenPopsOpenWithin: ExistingWindow or NewWindow",
    ):
        assert begins in told
    assert len(refused.value.problems) == 12


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ("Internal", "Inbound", "Outbound", "objects", "callRelatedFields", "Contact",
             "screenPopSettings", "NoMatch", "screenPopType", "screenPopsOpenWithin", "apiName")
        ),
        inner,
        max_size=4,
    ),
)  # fmt: skip


@given(_anything)
def test_whatever_json_it_is_it_is_read_or_refused(data: Any) -> None:
    with suppress(LayoutRefused):
        assert read_layout(read_layout(data).to_json()) == read_layout(data)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000, " " * (LONGEST_FILE + 1), "7"])
def test_what_is_no_layout_is_refused(text: str) -> None:
    with pytest.raises(LayoutRefused):
        read_layout_file(text)
