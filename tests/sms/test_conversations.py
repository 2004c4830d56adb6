"""The list of conversations: unread answers on top, then all others page by page."""

import pytest

from integrations.models import Connection, Membership
from integrations.tenancy import workspace_scope
from sms.conversations import PAGE, ConversationPage, list_conversations
from sms.models import Message
from tests.factories import make_member, make_workspace
from tests.sms.gateway_rows import make_message, make_mitto

pytestmark = pytest.mark.django_db
ANSWERED = "+14155550999"


@pytest.fixture
def gateway() -> Connection:
    return make_mitto(make_workspace(default_region="US"))


@pytest.fixture
def marketer(gateway: Connection) -> Membership:
    return make_member(gateway.workspace, roles=("marketer",))


def pages(marketer: Membership) -> list[ConversationPage]:
    """The whole list, page by page."""
    with workspace_scope(marketer.workspace_id):
        found = [list_conversations(marketer)]
        while found[-1].older_than:
            found.append(list_conversations(marketer, older_than=found[-1].older_than))
    return found


def hear(gateway: Connection, phone: str, text: str) -> Message:
    return make_message(
        gateway, direction=Message.Direction.INBOUND, phone_e164=phone, text=text, person_name="Ana"
    )


def test_each_number_stands_once_under_its_last_text(
    gateway: Connection, marketer: Membership
) -> None:
    numbers = [f"+1415555{number:04d}" for number in range(PAGE + 10)]
    for text in ("first", "last"):
        for phone in numbers:
            make_message(gateway, phone_e164=phone, text=text)
    first, second = pages(marketer)
    listed = [*first.others, *second.others]
    assert [one.latest.phone_e164 for one in listed] == numbers[::-1]
    assert {one.latest.text for one in listed} == {"last"}
    assert not first.unread


def test_an_unread_answer_stays_on_top_however_much_was_sent_since(
    gateway: Connection, marketer: Membership
) -> None:
    hear(gateway, ANSWERED, "Call me")
    hear(gateway, ANSWERED, "Please")
    for number in range(PAGE + 1):
        make_message(gateway, phone_e164=f"+1415555{number:04d}")
    make_message(gateway, phone_e164=ANSWERED, text="From a campaign")
    first, second = pages(marketer)
    [top] = first.unread
    assert (top.name, top.unread, top.latest.text) == ("Ana", 2, "From a campaign")
    assert ANSWERED not in {one.latest.phone_e164 for one in [*first.others, *second.others]}
    assert not second.unread


def test_going_on_from_a_text_that_has_a_newer_one_by_now_loses_nothing(
    gateway: Connection, marketer: Membership
) -> None:
    for number in range(PAGE + 1):
        make_message(gateway, phone_e164=f"+1415555{number:04d}")
    with workspace_scope(gateway.workspace_id):
        first = list_conversations(marketer)
        make_message(gateway, phone_e164=first.others[-1].latest.phone_e164, text="newer")
        second = list_conversations(marketer, older_than=first.older_than)
    assert [one.latest.phone_e164 for one in second.others] == ["+14155550000"]
