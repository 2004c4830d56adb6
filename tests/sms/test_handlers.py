"""What gateways call back, understood from the inbox: one bad text holds up no other."""

from collections.abc import Sequence

from integrations.errors import EventNotUnderstood
from integrations.models import Connection, DrainLease, InboundEvent, Workspace
from integrations.registry import registry
from sms.handlers import check_callback, process_inbound
from sms.models import Message, OptOut, OptOutKeyword, Sender
from tests.sms.scripted_gateway import ScriptedGateway


def _events(connection: Connection, bodies: Sequence[str]) -> list[InboundEvent]:
    return [
        InboundEvent.objects.create(
            workspace=connection.workspace,
            connection=connection,
            handler="sms_inbound",
            dedupe_key=f"event-{number}",
            body=body,
            body_digest="",
        )
        for number, body in enumerate(bodies)
    ]


def _callback(text: str) -> str:
    return f'{{"method": "POST", "url": "/", "content_type": "", "body": "{text}"}}'


def test_a_stop_behind_a_bad_text_is_obeyed(
    workspace: Workspace, sender: Sender, gateway: ScriptedGateway
) -> None:
    OptOutKeyword.objects.create(workspace=workspace, word="STOP", folded="stop")
    connection = Connection.objects.get(pk=sender.connection_id)
    bad, stop = _events(connection, ["no callback", _callback("STOP")])
    failures = process_inbound(connection, [bad, stop])
    assert list(failures) == [bad.pk]
    assert isinstance(failures[bad.pk], EventNotUnderstood)
    assert Message.objects.get(direction=Message.Direction.INBOUND).state == "optout"
    assert OptOut.objects.get().is_active
    assert check_callback(bad)
    assert check_callback(stop) == ""


def test_texts_have_a_lane_that_waits_behind_no_report() -> None:
    texts = registry.inbound_handlers["sms_inbound"]
    reports = registry.inbound_handlers["sms_reports"]
    assert (texts.lane, texts.queue) == (DrainLease.Lane.TEXTS, "sms-inbound")
    assert reports.lane != texts.lane
