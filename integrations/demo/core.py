"""The kernel's part of the demo: the console, its workers and clock, and a Salesforce org."""

import multiprocessing
from collections.abc import Sequence

from django.conf import settings
from django.core.management import call_command

from integrations.demo.agenda import Agenda
from integrations.demo.api_key import describe_api
from integrations.demo.environment import CONSUMER_KEY
from integrations.demo.office_life import plan_beginning, plan_recent_troubles, plan_troubles
from integrations.demo.parts import Chapter, Demo, DemoPart
from integrations.demo.people import COMPANIES, PASSWORD, found_companies
from integrations.demo.salesforce import point_connections_at
from integrations.demo.supervisor import Process, Stage
from integrations.demo.world import build_org, redirect_uri
from integrations.simulators.server import serve
from integrations.sweeper import run_loop

WEB_THREADS = 4


def _set_up(demo: Demo) -> None:
    found_companies()
    point_connections_at(demo.place.simulator_url("salesforce"))
    place = demo.place
    demo.facts |= {
        "console": {"url": place.console_url},
        "live": {"stream_url": place.live_url},
        "api": describe_api(place),
        "salesforce": {
            "url": place.simulator_url("salesforce"),
            "control_url": f"{place.simulator_url('salesforce')}/_sim/",
            "consumer_key": CONSUMER_KEY,
            "consumer_secret": settings.SALESFORCE_CLIENT_SECRET,
            "redirect_uri": redirect_uri(place),
        },
        "sign_ins": [
            {
                "email": person.email,
                "password": PASSWORD,
                "workspace": company.slug,
                "url": f"{place.console_url}/w/{company.slug}/",
                "role": person.role.value,
                "extension": person.extension,
            }
            for company in COMPANIES
            for person in company.people
        ],
        "mail": str(place.data / "mail"),
        "logs": str(place.data / "logs"),
    }


def _plan_past(demo: Demo, chapter: Chapter, agenda: Agenda) -> None:
    if chapter is Chapter.BEGINNING:
        plan_beginning(demo, agenda)
    elif chapter is Chapter.WEEKS:
        plan_troubles(demo, agenda)
    else:
        plan_recent_troubles(demo, agenda)


def _build_processes(demo: Demo) -> Sequence[Process]:
    place = demo.place
    salesforce_url = place.simulator_url("salesforce")
    return (
        Process(
            "salesforce simulator",
            lambda: _serve_salesforce(demo),
            ready_url=f"{salesforce_url}/services/data",
        ),
        Process("sweeper", run_loop),
        Process(
            "web",
            lambda: _serve_console(place.port),
            Stage.WEB,
            ready_url=f"http://127.0.0.1:{place.port}/readyz",
        ),
        Process(
            "live",
            lambda: _serve_live(place.port_of("live")),
            Stage.WEB,
            ready_url=f"http://127.0.0.1:{place.port_of('live')}/live/healthz",
        ),
    )


def build_worker(queue: str) -> Process:
    """A worker of one queue (RULES F4: one queue a process)."""

    def run() -> None:
        call_command("work", queue)

    return Process(f"worker {queue}", run)


def _serve_console(port: int) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    # Its workers are forked from this process, where everything is imported already.
    multiprocessing.set_start_method("fork", force=True)
    module, _, name = settings.WSGI_APPLICATION.rpartition(".")
    Server(
        f"{module}:{name}",
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=WEB_THREADS,
        workers_kill_timeout=1,
    ).serve()


def _serve_live(port: int) -> None:
    from granian.constants import Interfaces
    from granian.server import Server

    multiprocessing.set_start_method("fork", force=True)
    module, _, name = settings.ASGI_APPLICATION.rpartition(".")
    Server(f"{module}:{name}", port=port, interface=Interfaces.ASGI, workers_kill_timeout=1).serve()


def _serve_salesforce(demo: Demo) -> None:
    serve(build_org(demo.place), port=demo.place.port_of("salesforce"))


CORE_PART = DemoPart(
    "core",
    queues=("crm", "background"),
    set_up=_set_up,
    processes=_build_processes,
    past=_plan_past,
)
