"""The demo's "Try this": who is offered what, and which facts tick it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from django.utils import timezone

from calls.demo.try_this import describe_try_calls
from calls.models import Call, CallLeg
from calls.trial import MADE
from integrations.audit import record
from integrations.demo.people import ACME, GLOBEX
from integrations.demo.try_this import CALLER_NUMBER, describe_try_this
from integrations.home import Step
from integrations.models import CrmWrite, CrmWriteAttempt, Membership, Workspace
from integrations.tenancy import workspace_scope
from tests.factories import make_call, make_member, make_salesforce_connection, make_workspace
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db

CALL = ["Let Ana Ito call", "Answer, talk, hang up", "See the record that Salesforce has of it"]
TRIAL = ["Make up a call, and see what it would leave"]
MEND = ["Let Salesforce refuse a record", "Read why, mend it, and retry"]
ACCOUNT = ["Connect a Salesforce account of your own", "Sign in without a password"]


@pytest.fixture
def acme(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The demo's office, in a demo on port 9000."""
    monkeypatch.setenv("PATCHBAY_DEMO_DATA", "/nowhere")
    monkeypatch.setenv("PATCHBAY_DEMO_PORT", "9000")
    return make_workspace(slug=ACME.slug)


def steps_of(member: Membership) -> Sequence[Step]:
    with workspace_scope(member.workspace):
        parts = [describe_try_calls(member), describe_try_this(member)]
        return [step for part in parts for step in part.steps]


def ticked(member: Membership) -> list[str]:
    return [step.label for step in steps_of(member) if step.is_done]


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        ("owner", [*CALL, *TRIAL, *MEND, *ACCOUNT]),
        ("call_agent", [*CALL, *ACCOUNT]),
        ("marketer", ACCOUNT),
    ],
)
def test_everybody_is_offered_what_they_may_do(
    acme: Workspace, role: str, offered: list[str]
) -> None:
    labels = [step.label for step in steps_of(make_member(acme, (role,)))]
    assert len(labels) == len(offered)
    assert all(map(str.startswith, labels, offered))


def test_a_workspace_without_salesforce_is_led_there(acme: Workspace) -> None:
    globex = make_workspace(slug=GLOBEX.slug)
    owner = make_member(globex, ("owner",))
    connect = "Connect this workspace to the simulated Salesforce"
    [made_up, *others] = [step.label for step in steps_of(owner)]
    assert made_up.startswith(TRIAL[0])
    assert others == [connect, ACCOUNT[1]]
    assert ticked(owner) == []
    make_salesforce_connection(globex)
    assert ticked(owner) == [connect]


def test_links_lead_to_the_simulators_of_this_demo(acme: Workspace) -> None:
    steps = steps_of(make_member(acme, ("owner",)))
    outside = {step.link for step in steps if step.is_outside}
    assert outside == {"http://127.0.0.1:9030", "http://127.0.0.1:9010/_sim/setup/rules"}


def test_the_page_that_refuses_records_is_there(
    acme: Workspace, salesforce_org: SalesforceOrg
) -> None:
    steps = steps_of(make_member(acme, ("owner",)))
    [setup] = [step.link for step in steps if step.label == MEND[0]]
    page = requests.get(f"{salesforce_org.url}{urlsplit(setup).path}", timeout=5)
    assert page.status_code == 200
    for words in ("Refuse an operation", "Switch rules off"):
        assert words in page.text


def test_an_agent_is_rung_at_their_own_extension(acme: Workspace) -> None:
    agent = make_member(acme, ("call_agent",), extension="202")
    assert "rings at 202" in steps_of(agent)[0].hint
    call = make_call(acme, external_e164=CALLER_NUMBER)
    assert ticked(agent) == []  # somebody else's
    _give(call, agent)
    assert ticked(agent) == ["Let Ana Ito call"]


def test_each_step_is_ticked_by_what_happened(acme: Workspace) -> None:
    owner = make_member(acme, ("owner",))
    make_call(acme, external_e164="+14155550199", state="ended", answered_at=timezone.now())
    _write(acme, "+14155550199", state="done", salesforce_record_id="00T000000000001AAA")
    assert ticked(owner) == []

    call = make_call(acme, external_e164=CALLER_NUMBER)
    assert len(ticked(owner)) == 1
    Call.unscoped.filter(pk=call.pk).update(state="ended", answered_at=timezone.now())
    assert len(ticked(owner)) == 2
    _write(acme, subject_id=call.pk, state="done", salesforce_record_id="00T000000000002AAA")
    assert len(ticked(owner)) == 3

    refused = _write(acme, target_key="second", state="needs_attention")
    CrmWriteAttempt.unscoped.create(
        workspace=acme,
        write=refused,
        number=1,
        claim_token="5f0c8e9a-7b1d-4e47-9d0c-0123456789ab",
        sent_at=timezone.now(),
        request={},
        outcome="refused",
    )
    assert ticked(owner)[-1] == MEND[0]
    CrmWrite.unscoped.filter(pk=refused.pk).update(
        state="done", salesforce_record_id="00T000000000003AAA"
    )
    assert ticked(owner)[-1] == MEND[1]

    with workspace_scope(acme):
        record(owner.user, MADE)
    make_salesforce_connection(acme, membership=owner)
    Authenticator.objects.create(user=owner.user, type="webauthn", data={})
    assert len(ticked(owner)) == len(steps_of(owner))


def _give(call: Call, member: Membership) -> None:
    CallLeg.unscoped.create(
        workspace=call.workspace,
        call=call,
        membership=member,
        leg_key="1",
        state="ringing",
        direction="inbound",
        ring_started_at=timezone.now(),
    )


def _write(workspace: Workspace, number: str = CALLER_NUMBER, **fields: Any) -> CrmWrite:
    values: dict[str, Any] = {
        "workspace": workspace,
        "subject_kind": "call",
        "subject_id": 0,
        "phone_e164": number,
        "feature": "activity_history",
        "target_key": f"call:{number}",
        "wire_key": "key",
        "operation": "create",
        "sobject": "Task",
        "fields": {},
        "payload": {},
    }
    return CrmWrite.unscoped.create(**(values | fields))
