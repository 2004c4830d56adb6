"""The gateways' simulator as an ASGI application."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.types import Scope

from integrations.simulators.control import Controls, make_simulator

from . import mitto, pages, twilio
from .carrier import Carrier
from .config import SmsConfig
from .texts import with_plus


def make_app(config: SmsConfig) -> Starlette:
    """Both vendors' addresses, the handsets' page, and the controls under `/_sim/`."""
    carrier = Carrier(config)
    controls = Controls(records=carrier.list_records, reset=carrier.reset, actions=carrier.actions)
    routes = [
        *mitto.make_routes(carrier),
        *twilio.make_routes(carrier),
        *pages.make_routes(carrier),
    ]
    return make_simulator(routes, controls, annotate=_note_receiver)


def _note_receiver(scope: Scope, body: bytes) -> Mapping[str, str]:
    """To whom a request would have texted, for the request log."""
    if scope["method"] != "POST":
        return {}
    try:
        told = str(json.loads(body)["to"])
    except (ValueError, KeyError, TypeError):
        told = parse_qs(body.decode("utf-8", "replace")).get("To", [""])[0]
    return {"to": with_plus(told)} if told else {}
