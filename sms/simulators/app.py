"""The gateways' simulator as an ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette

from integrations.simulators.control import Controls, make_simulator

from . import mitto, pages, twilio
from .carrier import Carrier
from .config import SmsConfig


def make_app(config: SmsConfig) -> Starlette:
    """Both vendors' addresses, the handsets' page, and the controls under `/_sim/`."""
    carrier = Carrier(config)
    controls = Controls(records=carrier.list_records, reset=carrier.reset, actions=carrier.actions)
    routes = [
        *mitto.make_routes(carrier),
        *twilio.make_routes(carrier),
        *pages.make_routes(carrier),
    ]
    return make_simulator(routes, controls)
