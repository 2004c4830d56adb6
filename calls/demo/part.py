"""The calls' part of the demo: a phone system that reports to Acme, and a day of its calls."""

import time
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from calls.demo.history import draw_weeks, recall_last_day
from calls.demo.office import Office
from calls.demo.smoke import run_smoke
from calls.demo.softphones import give_softphones
from calls.simulators.app import make_app
from calls.simulators.config import PhoneSystemConfig
from calls.simulators.scripts import Caller
from integrations.demo.acquaintances import list_acquaintances
from integrations.demo.agenda import Agenda
from integrations.demo.outside import act
from integrations.demo.parts import Chapter, Demo, DemoPart, register_part
from integrations.demo.people import ACME
from integrations.demo.supervisor import Process
from integrations.models import Connection, PhoneSystem, User, Workspace
from integrations.phone_systems import callback_address, set_up, signing_secrets
from integrations.simulators.server import serve
from integrations.tenancy import workspace_scope

_SERVER = "phone system"
#: What makes the ids of invented calls their own, and their dice.
_WEEKS, _LAST_DAY = 1, 2


def register_calls_part() -> None:
    """Called when the app is ready."""
    register_part(
        DemoPart(
            "calls",
            queues=("calls", "lookups"),
            set_up=_set_up,
            processes=_build_processes,
            past=_plan_past,
            enliven=_enliven,
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
        give_softphones(workspace)


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


def _plan_past(demo: Demo, chapter: Chapter, agenda: Agenda) -> None:
    if chapter is Chapter.BEGINNING:
        return
    with workspace_scope(Workspace.objects.get(slug=ACME.slug)):
        phone_system = Connection.objects.phone_systems().order_by("id")[0]
    if chapter is Chapter.WEEKS:
        known = [Caller(one.number) for one in list_acquaintances(demo.facts["salesforce"]["url"])]
        zone = ZoneInfo(ACME.time_zone)
        calls = draw_weeks(agenda.begins, agenda.ends, zone, known, dice_seed=_WEEKS)
        office = Office(agenda, phone_system, number=_WEEKS)
    else:
        calls = iter(recall_last_day(agenda.ends))
        office = Office(agenda, phone_system, number=_LAST_DAY)
    for call in calls:
        office.plan(call)


def _enliven(demo: Demo) -> None:
    """Tell the phone system who calls; by themselves they do unless it is to be quiet."""
    known = list_acquaintances(demo.facts["salesforce"]["url"])
    act(
        demo.facts["phone_system"]["url"],
        "now-and-then",
        on=not demo.is_quiet,
        callers=[{"number": one.number} for one in known],
    )
