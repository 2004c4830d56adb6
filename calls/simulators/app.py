"""The phone system simulator as an ASGI application."""

from __future__ import annotations

from starlette.applications import Starlette

from integrations.simulators.control import Controls, make_simulator

from .config import PhoneSystemConfig
from .pages import make_routes
from .phone_system import PhoneSystem


def make_app(config: PhoneSystemConfig) -> Starlette:
    """The page, the controls under `/_sim/`, and the sender behind both."""
    phones = PhoneSystem(config)
    controls = Controls(records=phones.list_records, reset=phones.reset, actions=phones.actions)
    return make_simulator(make_routes(phones), controls)
