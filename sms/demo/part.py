"""The texts' part of the demo: a gateway that Acme sends through, and the handsets behind it."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from zoneinfo import ZoneInfo

from integrations.demo.acquaintances import list_acquaintances
from integrations.demo.agenda import Agenda
from integrations.demo.environment import DemoPlace
from integrations.demo.outside import act
from integrations.demo.parts import Chapter, Demo, DemoPart, register_part
from integrations.demo.people import ACME
from integrations.demo.supervisor import Process
from integrations.encryption import seal
from integrations.models import Connection, Workspace
from integrations.simulators.server import run_in_thread, serve
from integrations.tenancy import workspace_scope
from sms.backends.mitto import MittoGateway
from sms.callbacks import callback_address, new_callback_secret
from sms.demo.conversations import draw_weeks, recall_last_day
from sms.demo.handsets import Handsets
from sms.demo.smoke import run_smoke
from sms.demo.templates import add_templates
from sms.flag_scan import look_after_mirrors
from sms.gateways import find_gateway
from sms.jobs import scan_opt_out_flags
from sms.keywords import SUGGESTED_STOP_WORDS
from sms.models import OptOutMirror, Sender
from sms.simulators.app import make_app
from sms.simulators.config import SmsConfig
from sms.stop_words import add_words

_SERVER = "sms"
_SENDER = "14155550170"
#: The English ones: a list that a person can take in.
_STOP_WORDS = SUGGESTED_STOP_WORDS[:9]
#: After the beginning, when Salesforce is connected.
_MIRRORED_AFTER = timedelta(minutes=25)
#: What makes the ids of a chapter's texts their own, and its dice.
_SEEDS = {Chapter.WEEKS: 1, Chapter.LATELY: 2}


def register_sms_part() -> None:
    """Called when the app is ready."""
    register_part(
        DemoPart(
            "sms",
            queues=("sms-inbound", "sms-reports", "sms-send"),
            set_up=_set_up,
            processes=_build_processes,
            past=_plan_past,
            around_past=_serve_gateway,
            enliven=_enliven,
            smoke=run_smoke,
        )
    )


def _set_up(demo: Demo) -> None:
    workspace = Workspace.objects.get(slug=ACME.slug)
    with workspace_scope(workspace):
        # People may have chosen another one while they look around.
        gateway = find_gateway() or _add_gateway(workspace)
        url = demo.place.simulator_url(_SERVER)
        account = SmsConfig()
        demo.facts["sms_gateway"] = {
            "url": url,
            "control_url": f"{url}/_sim/",
            "workspace": workspace.slug,
            "key": gateway.key,
            "report_url": callback_address(gateway, "report"),
            "inbound_url": callback_address(gateway, "inbound"),
            "product_key": account.product_key,
            "account_sid": account.account_sid,
            "auth_token": account.auth_token,
            "sender": f"+{_SENDER}",
        }


def _add_gateway(workspace: Workspace) -> Connection:
    # Not by the service, which asks the gateway first: it is not running yet.
    credentials = {
        "product_key": SmsConfig().product_key,
        "callback_secrets": [new_callback_secret()],
    }
    gateway = Connection.objects.create(
        workspace=workspace,
        kind=Connection.Kind.SMS_GATEWAY,
        backend=MittoGateway.key,
        name=MittoGateway.label,
        sealed_credentials=seal(credentials),
    )
    Sender.objects.create(
        workspace=workspace,
        connection=gateway,
        kind=Sender.Kind.NUMERIC,
        value=_SENDER,
        label="Acme",
        is_default=True,
    )
    add_words(_STOP_WORDS)
    add_templates()
    return gateway


def _build_processes(demo: Demo) -> Sequence[Process]:
    facts = demo.facts["sms_gateway"]
    config = SmsConfig(
        mitto_inbound_url=facts["inbound_url"],
        twilio_inbound_url=facts["inbound_url"],
        # Ids of an earlier start are known to the console, so every start needs its own.
        seed=int(time.time()),
    )
    port = demo.place.port_of(_SERVER)
    return (
        Process(
            "SMS gateway simulator",
            lambda: serve(make_app(config), port=port),
            ready_url=f"{facts['url']}/_sim/records/account",
        ),
    )


def _serve_gateway(place: DemoPlace, chapter: Chapter) -> AbstractContextManager[object]:
    if chapter not in _SEEDS:
        return nullcontext()
    # It takes texts; what follows from them happens on the agenda.
    app = make_app(SmsConfig(seed=_SEEDS[chapter], is_hushed=True))
    return run_in_thread(app, port=place.port_of(_SERVER))


def _plan_past(demo: Demo, chapter: Chapter, agenda: Agenda) -> None:
    if chapter is Chapter.BEGINNING:
        agenda.plan(agenda.begins + _MIRRORED_AFTER, _begin_to_read_opt_outs)
        return
    with workspace_scope(Workspace.objects.get(slug=ACME.slug)):
        gateway = find_gateway()
    if gateway is None:
        return
    seed = _SEEDS[chapter]
    people = list_acquaintances(demo.facts["salesforce"]["url"])
    url = demo.place.simulator_url(_SERVER)
    handsets = Handsets(agenda, gateway, url, f"+{_SENDER}", number=seed)
    if chapter is Chapter.WEEKS:
        zone = ZoneInfo(ACME.time_zone)
        drawn = draw_weeks(agenda.begins, agenda.ends, zone, people, dice_seed=seed)
    else:
        drawn = iter(recall_last_day(agenda.ends, people))
    for conversation in drawn:
        handsets.plan(conversation)


def _begin_to_read_opt_outs() -> None:
    look_after_mirrors()
    for mirror in OptOutMirror.unscoped.all():
        scan_opt_out_flags(mirror.connection_id)


def _enliven(demo: Demo) -> None:
    """Tell the handsets who they are; by themselves they write unless it is to be quiet."""
    look_after_mirrors()  # a new org's opt-outs are read at once, not with the next minute
    known = list_acquaintances(demo.facts["salesforce"]["url"])
    act(
        demo.facts["sms_gateway"]["url"],
        "now-and-then",
        on=not demo.is_quiet,
        handsets=[one.number for one in known],
        to=f"+{_SENDER}",
    )
