"""The steps in the head line, from the menu's group to the page."""

import re

import pytest
from django.test import Client

from integrations.addresses import console_url
from integrations.models import Membership
from tests.factories import make_member, make_phone_system, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client) -> Membership:
    member = make_member(make_workspace(), roles=("owner",))
    client.force_login(member.user)
    return member


def _steps(client: Client, address: str) -> list[str]:
    text = client.get(address).content.decode()
    return re.findall(r'class="pb-crumb[^"]*"(?: href="[^"]*")?>([^<]+)</(?:a|h1|span)>', text)


def test_home_stands_alone(client: Client, owner: Membership) -> None:
    assert _steps(client, console_url(owner.workspace, "index")) == ["Home"]


def test_a_list_stands_below_its_group(client: Client, owner: Membership) -> None:
    address = console_url(owner.workspace, "integrations_crmwrite_changelist")
    assert _steps(client, address) == ["Salesforce", "Activity log"]
    assert "<title> Activity log | Patchbay</title>" in client.get(address).content.decode()


def test_a_row_and_the_question_about_it_lead_back_up(client: Client, owner: Membership) -> None:
    row = make_phone_system(owner.workspace, name="Office phones")
    steps = ["Workspace", "Phone systems", "Office phones"]
    page = console_url(owner.workspace, "integrations_phonesystem_change", row.pk)
    assert _steps(client, page) == steps
    question = console_url(owner.workspace, "integrations_phonesystem_disable", row.pk)
    assert _steps(client, question) == [*steps, "Disable"]
    assert f'href="{page}"' in client.get(question).content.decode()


def test_a_page_that_is_missing_still_says_where_one_is(client: Client, owner: Membership) -> None:
    address = console_url(owner.workspace, "calls_call_change", 4711)
    assert _steps(client, address) == ["Calls", "History", "Not found"]
