"""Who is proposed, and why not."""

import pytest

from integrations.salesforce.suggestions import Conflict, Hint, Person, Suggestion, suggest
from integrations.salesforce.users import SalesforceUser

BEN = Person(1, "ben@acme.test", "Ben Carter")
TWIN = Person(2, "other@acme.test", "Ben Carter")


def user(number: int, name: str = "", email: str = "") -> SalesforceUser:
    return SalesforceUser(f"005{number}", name, f"u{number}", email, is_active=True, time_zone="")


@pytest.mark.parametrize(
    ("people", "users", "taken", "expected"),
    [
        ([BEN], [user(1, email="BEN@acme.test")], [], {1: ("0051", Hint.ADDRESS, None)}),
        ([BEN], [user(1, name="ben carter")], [], {1: ("0051", Hint.NAME, None)}),
        (
            [BEN],
            [user(1, name="Ben Carter"), user(2, email="ben@acme.test")],
            [],
            {1: ("0052", Hint.ADDRESS, None)},
        ),
        ([BEN], [user(1)], [], {}),
        ([Person(1, "a@b", "")], [user(1)], [], {}),
        (
            [BEN],
            [user(1, email="ben@acme.test"), user(2, email="ben@acme.test")],
            [],
            {1: ("0051", Hint.ADDRESS, Conflict.SEVERAL)},
        ),
        (
            [BEN],
            [user(1, email="ben@acme.test")],
            ["0051"],
            {1: ("0051", Hint.ADDRESS, Conflict.TAKEN)},
        ),
        (
            [BEN, TWIN],
            [user(1, name="Ben Carter")],
            [],
            {
                1: ("0051", Hint.NAME, Conflict.WANTED_TWICE),
                2: ("0051", Hint.NAME, Conflict.WANTED_TWICE),
            },
        ),
    ],
)
def test_a_member_is_proposed_one_user_or_told_the_conflict(
    people: list[Person],
    users: list[SalesforceUser],
    taken: list[str],
    expected: dict[int, tuple[str, Hint, Conflict | None]],
) -> None:
    found = suggest(people, users, taken)
    assert found == {key: Suggestion(*values) for key, values in expected.items()}
