"""The calls' part of the demo: a phone system that reports to Acme, and a day of its calls."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from calls.demo.history import HISTORY
from calls.demo.smoke import run_smoke
from calls.models import Call
from calls.simulators.app import make_app
from calls.simulators.config import PhoneSystemConfig
from integrations.demo.environment import DemoError
from integrations.demo.outside import act, list_records, wait_for
from integrations.demo.parts import Demo, DemoPart, register_part
from integrations.demo.people import ACME
from integrations.demo.supervisor import Process
from integrations.models import Connection, PhoneSystem, User, Workspace
from integrations.phone_systems import callback_address, set_up, signing_secrets
from integrations.simulators.server import serve
from integrations.tenancy import workspace_scope

_SERVER = "phone system"


def register_calls_part() -> None:
    """Called when the app is ready."""
    register_part(
        DemoPart(
            "calls",
            queues=("calls", "lookups"),
            set_up=_set_up,
            processes=_build_processes,
            populate=_populate,
            smoke=run_smoke,
        )
    )


def _set_up(demo: Demo) -> None:
    workspace = Workspace.objects.get(slug=ACME.slug)
    with workspace_scope(workspace):
        connection = _find_or_add_phone_system(workspace)
        url = demo.place.simulator_url(_SERVER)
        demo.facts["phone_system"] = {
            "url": url,
            "control_url": f"{url}/_sim/",
            "workspace": workspace.slug,
            "key": connection.key,
            "hook_url": callback_address(connection),
            "secret": signing_secrets(connection)[0],
        }


def _find_or_add_phone_system(workspace: Workspace) -> Connection:
    # The oldest: people add others while they look around.
    existing = Connection.objects.phone_systems().order_by("id").first()
    if existing is not None:
        return existing
    added = PhoneSystem(workspace=workspace, name="Office phones")
    set_up(added, actor=User.objects.get(email=ACME.people[0].email))
    return added


def _build_processes(demo: Demo) -> Sequence[Process]:
    facts = demo.facts["phone_system"]
    config = PhoneSystemConfig(
        hook_url=facts["hook_url"],
        secret=facts["secret"],
        # What an earlier start sent is known to the console, so every start needs ids of its own.
        seed=int(time.time()),
    )
    port = demo.place.port_of(_SERVER)
    return (
        Process(
            "phone system simulator",
            lambda: serve(make_app(config), port=port),
            ready_url=f"{facts['url']}/_sim/records/calls",
        ),
    )


def _populate(demo: Demo) -> None:
    if Call.unscoped.exists():  # an earlier start got this far
        return
    url: str = demo.facts["phone_system"]["url"]
    now = datetime.now(UTC)
    for call in HISTORY:
        start = now - timedelta(minutes=call.minutes_ago)
        act(url, "play", **call.to_arguments(start))

    def nothing_is_on_its_way() -> bool:
        return not _list_undelivered(url)

    if not wait_for(nothing_is_on_its_way, seconds=20):
        answer = _list_undelivered(url)[0]["attempts"][-1:]
        raise DemoError(f"the console does not take call events: {answer}")


def _list_undelivered(url: str) -> list[dict[str, Any]]:
    return [
        delivery for delivery in list_records(url, "deliveries") if delivery["state"] != "delivered"
    ]
