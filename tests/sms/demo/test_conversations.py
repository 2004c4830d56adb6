"""The conversations of the demo's past: repeatable, and with something of everything."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from integrations.demo.acquaintances import Acquaintance
from integrations.simulators.salesforce.seed import ONE_CONTACT_NUMBER
from sms.demo.conversations import LOST, UNDELIVERED, Conversation, draw_weeks, recall_last_day
from sms.demo.templates import TEMPLATES
from sms.keywords import SUGGESTED_STOP_WORDS, Keywords, Wish
from sms.merge import read_template

ZONE = ZoneInfo("America/Los_Angeles")
ENDS = datetime(2026, 11, 20, 18, tzinfo=UTC)
PEOPLE = [
    Acquaintance(f"+1206555{number:04}", sobject, f"00Q{number}", "Mo", f"Mo Vale {number}")
    for sobject, numbers in (("Contact", range(200, 230)), ("Lead", range(300, 310)))
    for number in numbers
]


def draw(days: int, *, dice_seed: int = 1) -> list[Conversation]:
    begins = ENDS - timedelta(days=days)
    return list(draw_weeks(begins, ENDS, ZONE, PEOPLE, dice_seed=dice_seed))


def test_the_same_seed_draws_the_same_weeks_and_a_longer_past_is_that_and_more() -> None:
    longer = draw(30)
    assert draw(30) == longer
    assert draw(30, dice_seed=2) != longer
    assert draw(10) == longer[-len(draw(10)) :]


def test_people_write_in_office_hours_both_ways_and_not_everything_arrives() -> None:
    drawn = draw(35)
    moments = [one.starts.astimezone(ZONE) for one in drawn]
    assert {moment.weekday() for moment in moments} == set(range(5))
    assert {moment.hour for moment in moments} <= set(range(9, 17))
    assert {one.who.sobject for one in drawn} == {"Contact", "Lead"}
    fates = [turn.fate for one in drawn for turn in one.turns if turn.is_ours]
    assert 0 < sum("delivered" not in fate for fate in fates) < len(fates) / 5
    assert any(not turn.is_ours for one in drawn for turn in one.turns)


def test_the_last_day_has_an_opt_out_a_suggestion_and_a_text_that_is_not_confirmed() -> None:
    last_day = recall_last_day(ENDS, PEOPLE)
    assert [one.starts for one in last_day] == sorted(one.starts for one in last_day)
    assert all(ENDS - timedelta(hours=26) < one.starts < ENDS for one in last_day)
    assert ONE_CONTACT_NUMBER not in {one.who.number for one in last_day}
    turns = [turn for one in last_day for turn in one.turns]
    keywords = Keywords(SUGGESTED_STOP_WORDS[:9])
    wishes = [keywords.understand(turn.words).wish for turn in turns if not turn.is_ours]
    assert wishes.count(Wish.STOP) == wishes.count(Wish.PERHAPS_STOP) == 1
    fates = [turn.fate for turn in turns if turn.is_ours]
    assert fates.count(LOST) == fates.count(UNDELIVERED) == 1
    assert not last_day[-1].turns[-1].is_ours  # nobody has read it yet


def test_no_record_of_a_text_is_written_when_the_record_of_a_call_is_to_be_refused() -> None:
    """``plan_recent_troubles`` has Salesforce refuse what comes next, two and a half hours ago."""
    refusing = ENDS - timedelta(hours=2.5)
    for one in recall_last_day(ENDS, PEOPLE):
        for turn in one.turns:
            written = one.starts + timedelta(seconds=turn.after)
            assert not refusing - timedelta(minutes=1) < written < refusing + timedelta(minutes=10)


def test_what_looks_like_a_field_is_one_that_is_filled_in() -> None:
    templates = {name for _kind, name, _text in TEMPLATES}
    ours = {t.words for one in [*draw(35), *recall_last_day(ENDS, PEOPLE)] for t in one.turns}
    for words in ours - templates:
        assert read_template(words).names <= {"FirstName"}
