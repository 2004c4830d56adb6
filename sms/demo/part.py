"""The texts' part of the demo: a gateway that Acme sends through, and the handsets behind it."""

import time
from collections.abc import Sequence

from integrations.demo.parts import Demo, DemoPart, register_part
from integrations.demo.people import ACME
from integrations.demo.supervisor import Process
from integrations.encryption import seal
from integrations.models import Connection, Workspace
from integrations.simulators.server import serve
from integrations.tenancy import workspace_scope
from sms.backends.mitto import MittoGateway
from sms.callbacks import callback_address, new_callback_secret
from sms.demo.smoke import run_smoke
from sms.demo.templates import add_templates
from sms.flag_scan import look_after_mirrors
from sms.gateways import find_gateway
from sms.keywords import SUGGESTED_STOP_WORDS
from sms.models import Sender
from sms.simulators.app import make_app
from sms.simulators.config import SmsConfig
from sms.stop_words import add_words

_SERVER = "sms"
_SENDER = "14155550170"
#: The English ones: a list that a person can take in.
_STOP_WORDS = SUGGESTED_STOP_WORDS[:9]


def register_sms_part() -> None:
    """Called when the app is ready."""
    register_part(
        DemoPart(
            "sms",
            queues=("sms-inbound", "sms-reports", "sms-send"),
            set_up=_set_up,
            processes=_build_processes,
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


def _enliven(demo: Demo) -> None:
    """Begin to read opt-outs in Salesforce at once, not with the next minute."""
    look_after_mirrors()
