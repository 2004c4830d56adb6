"""The decision table of checkboxes in Salesforce, and what should stand in the others (D2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from sms.flag_rules import (
    FlagFacts,
    KnownFlag,
    RecordFacts,
    Verdict,
    judge,
    others_flagged,
    plan_flag_writes,
)
from sms.record_flags import FlaggedRecord

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
PHONE = "+14155550101"
US, SOMEBODY = "005000000000001AAA", "005000000000002AAA"
BO = FlaggedRecord("Contact", "003000000000001AAA", "Bo Li", (PHONE,), False, NOON, SOMEBODY)

editors = st.sampled_from([US, SOMEBODY, ""])
stamps = st.integers(-3, 3).map(lambda hours: NOON + timedelta(hours=hours))
known_flags = st.none() | st.builds(KnownFlag, st.booleans(), st.none() | stamps)
looks = st.builds(
    lambda flag, stamp, editor: replace(BO, is_flagged=flag, stamp=stamp, editor_id=editor),
    st.booleans(),
    stamps,
    editors,
)


@given(looks, known_flags)
def test_a_false_counts_only_where_true_was_seen_and_somebody_else_took_it_off(
    seen: FlaggedRecord, known: KnownFlag | None
) -> None:
    taken_off = judge(seen, known, {US}) is Verdict.TAKEN_OFF
    overtaken = known and known.stamp and seen.stamp < known.stamp
    assert taken_off == bool(
        not seen.is_flagged
        and known
        and known.is_flagged
        and seen.editor_id != US
        and not overtaken
    )


@given(looks, known_flags)
def test_a_true_opts_out_whoever_set_it_once(seen: FlaggedRecord, known: KnownFlag | None) -> None:
    is_news = seen.is_flagged and not (known and known.is_flagged)
    overtaken = known and known.stamp and seen.stamp < known.stamp
    opts_out = judge(seen, known, {US}) is Verdict.OPTS_OUT
    assert opts_out == bool(is_news and not overtaken)


@given(looks)
def test_a_record_that_is_new_never_opts_in(seen: FlaggedRecord) -> None:
    assert judge(seen, None, {US}) is not Verdict.TAKEN_OFF


def test_only_other_records_with_the_very_number_stand_against_an_opt_in() -> None:
    flagged = replace(BO, record_id="003000000000002AAA", is_flagged=True)
    elsewhere = replace(flagged, record_id="00Q000000000001AAA", numbers=("+14155550199",))
    for order in permutations([replace(BO, is_flagged=True), flagged, elsewhere]):
        assert others_flagged(BO, PHONE, order) == (flagged,)


records = st.lists(
    st.builds(
        RecordFacts,
        sobject=st.sampled_from(["Contact", "Lead"]),
        record_id=st.integers(0, 99).map(lambda number: f"003{number:012}AAA"),
        name=st.just("Bo"),
        is_flagged=st.booleans(),
        field=st.sampled_from(["", "SMS_Opt_Out__c"]),
        was_left=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda record: record.record_id,
).map(tuple)


@given(st.booleans(), records)
def test_exactly_the_checkboxes_that_differ_are_written(
    is_opted_out: bool, records: tuple[RecordFacts, ...]
) -> None:
    facts = FlagFacts(7, PHONE, "00D", is_opted_out, NOON, records)
    plan = plan_flag_writes(facts)
    wanted = {
        one.record_id
        for one in records
        if one.field and one.is_flagged != is_opted_out and not (is_opted_out and one.was_left)
    }
    assert {write.record_id for write in plan.writes} == wanted
    assert all(list(write.fields.values()) == [is_opted_out] for write in plan.writes)
    assert len({write.target_key for write in plan.writes}) == len(wanted)
    assert len(plan.trace) == 1 + max(1, len(records)), "each record says why"
