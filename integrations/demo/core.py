"""The kernel's part of the demo: the console, its workers and clock, and a Salesforce org."""

import multiprocessing
from collections.abc import Sequence

from django.conf import settings
from django.core.management import call_command

from integrations.demo.environment import CONSUMER_KEY
from integrations.demo.parts import Demo, DemoPart
from integrations.demo.people import ACME, COMPANIES, PASSWORD, found_companies
from integrations.demo.salesforce import connect_salesforce
from integrations.demo.supervisor import Process, Stage
from integrations.models import OptionsRevision, Workspace
from integrations.options import publish_revision
from integrations.sweeper import run_loop
from integrations.tenancy import workspace_scope

WEB_THREADS = 4


def _set_up(demo: Demo) -> None:
    found_companies()
    with workspace_scope(Workspace.objects.get(slug=ACME.slug)):
        if not OptionsRevision.objects.exists():
            publish_revision(
                {"activity_history": True}, based_on=0, actor=None, comment="The demo's choice"
            )
    place = demo.place
    demo.facts |= {
        "console": {"url": place.console_url},
        "salesforce": {
            "url": place.simulator_url("salesforce"),
            "control_url": f"{place.simulator_url('salesforce')}/_sim/",
            "consumer_key": CONSUMER_KEY,
            "consumer_secret": settings.SALESFORCE_CLIENT_SECRET,
            "redirect_uri": _redirect_uri(demo),
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


def _redirect_uri(demo: Demo) -> str:
    return f"{demo.place.console_url}/oauth/salesforce/callback/"


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


def _serve_salesforce(demo: Demo) -> None:
    from integrations.simulators.salesforce.app import make_app
    from integrations.simulators.salesforce.config import OAuthApp, OrgConfig
    from integrations.simulators.server import serve

    place = demo.place
    app = OAuthApp(
        consumer_key=CONSUMER_KEY,
        consumer_secret=settings.SALESFORCE_CLIENT_SECRET,
        redirect_uris=(_redirect_uri(demo),),
    )
    config = OrgConfig(
        public_url=place.simulator_url("salesforce"),
        store_path=str(place.data / "salesforce.sqlite3"),
        apps=(app,),
    )
    serve(make_app(config), port=place.port_of("salesforce"))


CORE_PART = DemoPart(
    "core",
    queues=("crm", "background"),
    set_up=_set_up,
    processes=_build_processes,
    populate=connect_salesforce,
)
