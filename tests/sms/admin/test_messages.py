"""SMS → Messages: who sees the list, how a text is found, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.addresses import console_url
from integrations.models import Connection, Membership, Workspace
from sms.models import Message, OptOut
from tests.factories import make_member, make_workspace
from tests.sms.gateway_rows import make_message, make_mitto

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Workspace:
    return make_workspace(default_region="US")


@pytest.fixture
def gateway(acme: Workspace) -> Connection:
    return make_mitto(acme)


@pytest.fixture
def marketer(acme: Workspace) -> Membership:
    return make_member(acme, ("marketer",))


def visit(member: Membership, name: str = "changelist", *args: Any, **query: str) -> Any:
    client = Client()
    client.force_login(member.user)
    return client.get(console_url(member.workspace, f"sms_message_{name}", *args), query)


def shown(member: Membership, **query: str) -> str:
    response = visit(member, **query)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize(
    "term",
    ["+14155550123", "(415) 555-0123", "415555", "Ana", "ito", "003000000000007AAA"],
)
def test_a_message_is_found_by_number_name_and_record_id(
    gateway: Connection, marketer: Membership, term: str
) -> None:
    make_message(
        gateway,
        person_name="Ana Ito",
        phone_e164="+14155550123",
        person_record_id="003000000000007AAA",
    )
    make_message(gateway, person_name="Bo Berg", phone_e164="+12125550140")

    page = shown(marketer, q=term)

    assert "Ana Ito" in page
    assert "Bo Berg" not in page


@pytest.mark.parametrize("typed", ["+1", "+1999", "+19", "+199999999", "+1415999", "+141599"])
def test_the_beginning_of_a_number_finds_all_that_begin_so(
    gateway: Connection, marketer: Membership, typed: str
) -> None:
    numbers = ["+14159990123", "+14160000000", "+19999999999", "+20000000000", "+1", "19995"]
    for number in numbers:
        make_message(gateway, person_name=f"[{number}]", phone_e164=number)

    page = shown(marketer, q=typed)

    found = {number for number in numbers if f">[{number}]<" in page}
    assert found == {number for number in numbers if number.startswith(typed)}


@pytest.mark.parametrize(
    "query",
    [
        {"direction__exact": "inbound"},
        {"status": "optout"},
        {"purpose__exact": "marketing"},
        {"period": "week"},
    ],
)
def test_filters_leave_what_they_name(
    gateway: Connection, marketer: Membership, query: dict[str, str]
) -> None:
    inbound, marketing = Message.Direction.INBOUND, Message.Purpose.MARKETING
    make_message(
        gateway, person_name="Ana Ito", direction=inbound, state="optout", purpose=marketing
    )
    long_ago = timezone.now() - timedelta(days=40)
    make_message(gateway, person_name="Bo Berg", created_at=long_ago)

    page = shown(marketer, **query)

    assert "Ana Ito" in page
    assert "Bo Berg" not in page


@pytest.mark.parametrize(
    ("group", "state"),
    [("waiting", "claimed"), ("under_way", "buffered"), ("not_delivered", "expired")],
)
def test_states_that_mean_the_same_to_people_are_one_filter(
    gateway: Connection, marketer: Membership, group: str, state: str
) -> None:
    make_message(gateway, person_name="Ana Ito", state=state)
    make_message(gateway, person_name="Bo Berg", state="delivered")

    page = shown(marketer, status=group)

    assert "Ana Ito" in page
    assert "Bo Berg" not in page


def test_whoever_opted_out_is_marked(gateway: Connection, marketer: Membership) -> None:
    message = make_message(gateway, person_name="Ana Ito")
    assert ">Opted out<" not in shown(marketer)
    OptOut.unscoped.create(workspace=gateway.workspace, phone_e164=message.phone_e164)
    assert ">Opted out<" in shown(marketer)


def test_a_text_of_which_nothing_final_was_heard_says_so(
    gateway: Connection, marketer: Membership
) -> None:
    accepted = timezone.now() - timedelta(hours=25)
    message = make_message(gateway, state="sent", accepted_at=accepted)
    assert "No report of its delivery came." in shown(marketer)
    Message.unscoped.filter(pk=message.pk).update(accepted_at=timezone.now())
    assert "No report of its delivery came." not in shown(marketer)


def test_the_number_of_queries_does_not_grow_with_the_list(
    gateway: Connection, marketer: Membership
) -> None:
    counts = []
    for more in (3, 27):
        for number in range(more):
            make_message(gateway, phone_e164=f"+1415555{more:02}{number:02}")
        with CaptureQueriesContext(connection) as captured:
            shown(marketer)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] < 30, "signing in included"


def test_an_empty_list_says_what_will_stand_there(marketer: Membership) -> None:
    assert "No messages yet." in shown(marketer)


def test_members_without_messages_are_refused(acme: Workspace) -> None:
    for role in ("member", "call_agent"):
        assert visit(make_member(acme, (role,))).status_code == 403


def test_nothing_on_a_message_can_be_changed(acme: Workspace, gateway: Connection) -> None:
    owner = make_member(acme, ("owner",))
    message = make_message(gateway)
    client = Client()
    client.force_login(owner.user)

    for name in ("change", "delete"):
        address = console_url(acme, f"sms_message_{name}", message.pk)
        assert client.post(address, {"text": "other"}).status_code in (403, 405)
