"""A small world in one process that lives by a clock of its own: the console and the org.

Both are served for real, by threads, because the past goes through the same doors as the present.
"""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from starlette.applications import Starlette

from integrations.demo.clock import SetClock
from integrations.demo.environment import CONSUMER_KEY, DemoPlace
from integrations.salesforce.downloads import OPT_OUT_FIELD
from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import OAuthApp, OrgConfig
from integrations.simulators.salesforce.schema import Field, flag
from integrations.simulators.server import run_in_thread

STORE_NAME = "salesforce.sqlite3"


def redirect_uri(place: DemoPlace) -> str:
    """Where the org sends people back to, byte for byte."""
    return f"{place.console_url}/oauth/salesforce/callback/"


def build_org(place: DemoPlace, clock: SetClock | None = None) -> Starlette:
    """The simulated org of a demo, with the app that its console is registered as."""
    app = OAuthApp(
        consumer_key=CONSUMER_KEY,
        consumer_secret=settings.SALESFORCE_CLIENT_SECRET,
        redirect_uris=(redirect_uri(place),),
    )
    config = OrgConfig(
        public_url=place.simulator_url("salesforce"),
        store_path=str(place.data / STORE_NAME),
        apps=(app,),
        # As if the administrator had deployed the checkbox that Patchbay offers.
        more_fields={name: (_opt_out_checkbox(),) for name in ("Contact", "Lead")},
    )
    return make_app(replace(config, clock=clock) if clock else config)


def _opt_out_checkbox() -> Field:
    return flag(OPT_OUT_FIELD, "SMS Opt-Out")


@contextlib.contextmanager
def small_world(place: DemoPlace, clock: SetClock) -> Iterator[Starlette]:
    """Console and org answer at their addresses in ``place`` while the block runs."""
    org = build_org(place, clock)
    with run_in_thread(org, port=place.port_of("salesforce")), _console(place):
        yield org
    org.state.org.store.close()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Nobody reads it."""


@contextlib.contextmanager
def _console(place: DemoPlace) -> Iterator[None]:
    server = make_server(
        "127.0.0.1", place.port, get_wsgi_application(), handler_class=_QuietHandler
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
