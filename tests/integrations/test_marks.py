"""The mark on records that have no field for our key (RULES C3)."""

from hypothesis import given
from hypothesis import strategies as st

from integrations.marks import carries_mark, mark_of, with_mark

KEY, OTHER = "pb-aaaaaaaaaaaaaaaaaaaaaaaaaa", "pb-bbbbbbbbbbbbbbbbbbbbbbbbbb"


@given(st.text(max_size=80).map(lambda text: text * 500) | st.text() | st.none())
def test_whatever_stands_in_a_description_the_mark_is_its_last_line_and_it_fits(
    text: str | None,
) -> None:
    marked = with_mark({"Description": text}, "Event", KEY, is_new=True)["Description"]
    assert marked.splitlines()[-1] == mark_of(KEY)
    assert len(marked) <= 32_000
    assert carries_mark(marked, KEY)
    assert carries_mark(marked)
    assert carries_mark(marked, OTHER) == (OTHER in (text or ""))


def test_a_task_needs_no_mark_and_an_update_only_with_its_description() -> None:
    changes = {"Subject": "Moved"}
    assert with_mark(changes, "Event", KEY, is_new=False) == changes
    assert with_mark(changes, "Task", KEY, is_new=True) == changes
    changes = {"Description": "Moved"}
    assert with_mark(changes, "Event", KEY, is_new=False) == {
        "Description": f"Moved\n\n{mark_of(KEY)}"
    }
    assert not carries_mark(None)
