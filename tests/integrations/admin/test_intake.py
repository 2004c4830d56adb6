"""What arrived: evidence, refusals by number, and understanding an event again."""

import pytest
from django.test import Client
from django.utils import timezone

from integrations.models import AuditEntry, InboundEvent, IntakeCount, Workspace
from tests.factories import make_member, make_phone_system, make_workspace

pytestmark = pytest.mark.django_db


def _event(workspace: Workspace, **fields: object) -> InboundEvent:
    values: dict[str, object] = {
        "workspace": workspace,
        "connection": make_phone_system(workspace),
        "handler": "calls",
        "dedupe_key": "evt-1",
        "body": '{"type": "leg.started"}',
        "state": InboundEvent.State.FAILED,
        "error": "leg_key is missing",
    }
    return InboundEvent.unscoped.create(**(values | fields))


def _admin(client: Client, workspace: Workspace) -> str:
    client.force_login(make_member(workspace, roles=("admin",)).user)
    return f"/w/{workspace.slug}/integrations/inboundevent/"


def test_a_failed_event_says_why_and_shows_its_body(client: Client) -> None:
    acme = make_workspace()
    event = _event(acme)
    base = _admin(client, acme)
    assert "leg_key is missing" in client.get(base).content.decode()
    page = client.get(f"{base}{event.pk}/change/").content.decode()
    assert "&quot;leg.started&quot;" in page
    assert "Understand again" in page


def test_evidence_cannot_be_edited(client: Client) -> None:
    acme = make_workspace()
    event = _event(acme)
    base = _admin(client, acme)
    client.post(f"{base}{event.pk}/change/", {"body": "{}"})
    client.post(f"{base}{event.pk}/delete/", {"post": "yes"})
    event.refresh_from_db()
    assert event.body == '{"type": "leg.started"}'


def test_a_failed_event_is_understood_again_from_its_page(client: Client) -> None:
    acme = make_workspace()
    event = _event(acme)
    client.post(f"{_admin(client, acme)}{event.pk}/replay/")
    event.refresh_from_db()
    assert event.state == InboundEvent.State.RECEIVED
    assert AuditEntry.unscoped.get().action == "inbound_event.replayed"


def test_ticked_events_are_understood_again_and_the_others_are_left(client: Client) -> None:
    acme = make_workspace()
    failed, done = _event(acme), _event(acme, state=InboundEvent.State.PROCESSED)
    response = client.post(
        _admin(client, acme),
        {"action": "replay_ticked", "_selected_action": [failed.pk, done.pk]},
        follow=True,
    )
    assert "1 event will be understood again" in response.content.decode()
    failed.refresh_from_db()
    done.refresh_from_db()
    assert failed.state == InboundEvent.State.RECEIVED
    assert done.state == InboundEvent.State.PROCESSED


def test_refusals_are_shown_by_number(client: Client) -> None:
    acme = make_workspace()
    IntakeCount.unscoped.create(
        workspace=acme,
        connection=make_phone_system(acme),
        hour=timezone.now(),
        result=IntakeCount.Result.BAD_SIGNATURE,
        count=7,
    )
    page = client.get(_admin(client, acme)).content.decode()
    assert "Wrong or missing signature" in page
    assert ">7<" in page
