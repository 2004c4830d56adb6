"""What "Try this" offers to those who write texts, and which facts tick it."""

from collections.abc import Iterator, Sequence

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from integrations.demo.people import ACME, GLOBEX
from integrations.demo.try_this import CALLER_NUMBER
from integrations.home import Step
from integrations.models import Membership, Workspace
from integrations.tenancy import workspace_scope
from sms.demo.templates import add_templates
from sms.demo.try_this import describe_try_texts
from sms.models import Message, Template
from tests.factories import make_member, make_workspace
from tests.sms.gateway_rows import make_message, make_mitto

pytestmark = pytest.mark.django_db

STEPS = [
    "Send Ana Ito a text from a template",
    "See it delivered",
    "Answer STOP on her handset",
    "See that nothing more can be sent to her",
]


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Workspace]:
    """The demo's office, in a demo on port 9000, as a request for the console finds it."""
    settings.ROOT_URLCONF = settings.CONSOLE_URLCONF
    monkeypatch.setenv("PATCHBAY_DEMO_DATA", "/nowhere")
    monkeypatch.setenv("PATCHBAY_DEMO_PORT", "9000")
    workspace = make_workspace(slug=ACME.slug)
    with workspace_scope(workspace):
        yield workspace


def steps_of(member: Membership) -> Sequence[Step]:
    return describe_try_texts(member).steps


@pytest.mark.parametrize(
    ("role", "offered"),
    [("marketer", STEPS), ("sms_admin", STEPS), ("owner", []), ("call_agent", [])],
)
def test_those_who_write_texts_are_offered_them(
    acme: Workspace, role: str, offered: list[str]
) -> None:
    assert [step.label for step in steps_of(make_member(acme, (role,)))] == offered


def test_another_workspace_has_no_simulated_gateway(acme: Workspace) -> None:
    globex = make_workspace(slug=GLOBEX.slug)
    with workspace_scope(globex):
        assert steps_of(make_member(globex, ("marketer",))) == []


def test_the_steps_lead_to_her_and_to_her_handset(acme: Workspace) -> None:
    compose, delivered, handset, conversation = steps_of(make_member(acme, ("marketer",)))
    assert compose.link == "/sms/compose/?q=Ana+Ito"
    assert not delivered.is_linked  # there is nothing to look at yet
    assert handset.link == "http://127.0.0.1:9020/?handset=%2B14155550101"
    assert handset.is_outside
    assert conversation.link == "/sms/conversations/thread/?number=%2B14155550101"


def test_each_step_is_ticked_by_what_happened(acme: Workspace) -> None:
    marketer, gateway, now = make_member(acme, ("marketer",)), make_mitto(acme), timezone.now()
    add_templates()
    template = Template.objects.order_by("pk").first()

    def ticked() -> list[str]:
        return [step.label for step in steps_of(marketer) if step.is_done]

    make_message(gateway, accepted_at=now, template=template, state="delivered")
    make_message(gateway, phone_e164=CALLER_NUMBER, template=template, state="queued")
    make_message(gateway, phone_e164=CALLER_NUMBER, accepted_at=now, state="delivered")
    assert ticked() == []  # to somebody else, not yet sent, without a template

    sent = make_message(gateway, phone_e164=CALLER_NUMBER, accepted_at=now, template=template)
    assert ticked() == STEPS[:1]
    assert steps_of(marketer)[1].link == f"/sms/message/{sent.pk}/change/"
    Message.objects.filter(pk=sent.pk).update(state="delivered")
    assert ticked() == STEPS[:2]
    stop = make_message(
        gateway, phone_e164=CALLER_NUMBER, direction="inbound", origin="handset", state="optout"
    )
    assert ticked() == STEPS[:3]
    Message.objects.filter(pk=stop.pk).update(read_at=now)
    assert ticked() == STEPS
