"""What holds now, in a sentence, all options taken together: the tables are the rule."""

from itertools import product
from typing import Any

import pytest

from integrations.options import OPTION_SPECS, Kind, OptionSpec, Situation, find_spec, option_labels
from integrations.options.new_records import NewRecord, new_record_on_answer
from integrations.options.snapshots import with_defaults
from integrations.options.specs import Surface, effect_now


def now(key: str, surface: Surface = Surface.LIGHTNING, **values: Any) -> str:
    spec = find_spec(key)
    assert spec is not None
    return effect_now(spec, Situation(with_defaults(values), surface), option_labels())


CLASSIC = {"surface": Surface.CLASSIC}
ON = {"activity_history": True}


@pytest.mark.parametrize(
    ("surface", "edit_mode", "auto_create", "expected"),
    [
        (Surface.CLASSIC, False, True, NewRecord("stored record", is_stored_on_answer=True)),
        (Surface.CLASSIC, False, False, NewRecord("unsaved form", is_stored_on_answer=False)),
        (Surface.CLASSIC, True, True, NewRecord("edit form", is_stored_on_answer=False)),
        (Surface.CLASSIC, True, False, NewRecord("edit form", is_stored_on_answer=False)),
        *(
            (Surface.LIGHTNING, edit, auto, NewRecord("unsaved form", is_stored_on_answer=False))
            for edit, auto in product((True, False), repeat=2)
        ),
    ],
)
def test_what_opens_without_a_match_is_the_table_of_k04(
    surface: Surface, edit_mode: bool, auto_create: bool, expected: NewRecord
) -> None:
    assert new_record_on_answer(surface, edit_mode=edit_mode, auto_create=auto_create) == expected


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        ("activity_history", {}, "Nothing is written"),
        ("activity_history", ON, "an unanswered call gets one, too"),
        ("activity_history", {**ON, "record_unanswered": "none"}, "unanswered calls get none"),
        ("activity_history", {**ON, "legacy": True}, "One Task a call"),
        ("retrieve_contacts", {"retrieve_contacts": False}, "no number is searched for"),
        ("retrieve_contacts", {**ON, "retrieve_contacts": False}, "only to file the call"),
        ("save_internal_calls", {}, "Has no effect while “Activity history” is off"),
        ("edit_mode", {"edit_mode": True}, "your people use Lightning Experience"),
        ("auto_create", {}, "your people use Lightning Experience"),
        ("auto_create", CLASSIC, "answering stores a new record and opens it"),
        ("auto_create", {**CLASSIC, "auto_create": False}, "opens a form that is filled in"),
        ("auto_create", {**CLASSIC, "edit_mode": True}, "Overruled by edit mode"),
        ("edit_mode", {**CLASSIC, "edit_mode": True}, "opens a form in edit mode"),
        ("multi_match", ON, "Where nobody chose in the dialog, the call waits"),
        ("multi_match", {**ON, "search_dialog": False}, "Triggers choose"),
        ("multi_match", {**ON, "multi_match": "precedence"}, "it goes to the Contact"),
        ("multi_match", {**ON, "multi_match": "none"}, "filed under nothing"),
        ("multi_match", {**ON, "legacy": True}, "the newest Contact, else the newest Lead"),
        ("local_numbers", {}, "+14155552671"),
        ("local_numbers", {"local_numbers": True}, "(415) 555-2671"),
        ("timezone_in_subject", ON, "Inbound Call at 14:05:09 from"),
        ("timezone_in_subject", {**ON, "timezone_in_subject": True}, "14:05:09 America/Los"),
        ("subject_format", {**ON, "subject_format": "12h/zone name"}, "2:05:09 PM from"),
        ("legacy", {}, "Has no effect while"),
        ("legacy", {**ON, "legacy": True}, "unknown inbound caller becomes a new Lead"),
        ("internal_length", {"internal_length": 1}, "Numbers of 1 digit"),
        ("internal_prefixes", {"internal_prefixes": ["2", "30"]}, "begin with 2 or 30"),
        ("error_mail", {"error_mail": True}, "get a mail"),
        ("pop_on", {}, "this release has not"),
    ],
)
def test_the_sentence_follows_all_options_together(
    key: str, values: dict[str, Any], expected: str
) -> None:
    assert expected in now(key, **values)


@pytest.mark.parametrize("spec", OPTION_SPECS, ids=lambda spec: spec.key)
def test_every_option_says_something_else_for_another_value(spec: OptionSpec) -> None:
    fitting = ON | dict.fromkeys(spec.needs, True)
    sentences = set()
    for value in _values_of(spec):
        situation = Situation(with_defaults({**fitting, spec.key: value}), Surface.CLASSIC)
        sentences.add(spec.effect(situation))
        assert spec.find_problem(value) == ""
    assert len(sentences) == len(_values_of(spec))


def _values_of(spec: OptionSpec) -> list[Any]:
    if spec.kind is Kind.SWITCH:
        return [True, False]
    if spec.choices:
        return list(spec.choices)
    if spec.kind is Kind.NUMBER:
        return [spec.minimum, spec.maximum]
    if spec.kind is Kind.LIST:
        return [[], ["20"]]
    return ["", _TEXTS.get(spec.key, "9")]


_TEXTS = {"default_owner": "005000000000001AAA", "opt_out_field": "No_Texts__c"}


def test_defaults_are_those_of_rule_e6() -> None:
    defaults = {spec.key: spec.default for spec in OPTION_SPECS}
    off = "legacy local_numbers full_region_names edit_mode limit_data_access timezone_in_subject"
    off += " error_mail run_assignment_rules strict_editions activity_history"
    on = "auto_create search_dialog retrieve_contacts log_without_panel save_internal_calls"
    on += " respect_record_access hold_on_suggestion"
    assert {key for key in off.split() if defaults[key] is not False} == set()
    assert {key for key in on.split() if defaults[key] is not True} == set()
    others = {"internal_length": 5, "internal_prefixes": [], "pop_on": "manual"}
    others |= {"manual_dial_single_match": "associate", "record_unanswered": "one"}
    others |= {"default_owner": "", "cache_minutes": 15, "api_reserve_percent": 10}
    others |= {"mirror_campaign_sms": "each"}
    assert {key: defaults[key] for key in others} == others
