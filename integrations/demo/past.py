"""The demo's past: weeks of a company's work with Patchbay, played through the product's own code.

Three chapters. How it began and what happened lately are played before the demo starts, on its own
data. The weeks in between take longer, so they are played in a copy by a process that runs beside
the demo, and come home all at once. Each process lives by a clock of its own.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connections

from integrations.demo import copies
from integrations.demo.agenda import Agenda
from integrations.demo.clock import SetClock, live_by
from integrations.demo.environment import DemoPlace, find_free_port
from integrations.demo.outside import act, list_records
from integrations.demo.parts import Chapter, Demo, DemoPart
from integrations.demo.people import ACME
from integrations.demo.salesforce import point_connections_at
from integrations.demo.world import STORE_NAME, small_world
from integrations.simulators.salesforce.past_records import leave_room
from integrations.wire_keys import installation_id

#: Before the first call, for everything to be set up and tried.
SETTLING_IN = timedelta(days=3)
#: What happened since then is there when the demo is ready.
LATELY = timedelta(hours=26)
_FOLDER, _PLAYED = "past", "played"
_DATABASE = "patchbay.sqlite3"
_BASE = f"base-{_DATABASE}"
#: What Patchbay may create at Salesforce, what is pointed to first.
_MOVED_OBJECTS = ("Lead", "Task")
#: The simulated org answers nobody else meanwhile.
_RECORDS_AT_ONCE = 20


def play_beginning_and_end(demo: Demo, parts: Sequence[DemoPart]) -> None:
    """Found the companies weeks ago and play what happened lately; leaves the copies in between.

    For a process of its own: its clock is moved for good.
    """
    today = datetime.now(UTC)
    first_day = today.astimezone(ZoneInfo(ACME.time_zone)).date() - demo.past - SETTLING_IN
    begins = datetime.combine(first_day, time(9), ZoneInfo(ACME.time_zone))
    clock = SetClock(begins)
    live_by(clock)
    for part in parts:
        part.set_up(demo)
    installation_id()  # both sides must know the same one
    with small_world(demo.place, clock) as org:
        beginning = Agenda(clock, begins=begins, ends=begins + SETTLING_IN)
        _play(demo, parts, Chapter.BEGINNING, beginning)
        if demo.past:
            _take_copies(demo.place)
            copies.leave_room()
            leave_room(org.state.org, copies.ROOM)
            lately = Agenda(clock, begins=today - LATELY, ends=today)
            _play(demo, parts, Chapter.LATELY, lately)


def forget_past(place: DemoPlace) -> None:
    """Take away whatever a first start that did not come to its end has played."""
    for path in (*place.data.glob("*.sqlite3*"), *place.data.glob(f"{_FOLDER}*")):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def has_weeks_to_play(place: DemoPlace) -> bool:
    """Whether the weeks in between are still to be played or to come home."""
    return (place.data / _FOLDER).exists()


def play_weeks(demo: Demo, parts: Sequence[DemoPart]) -> None:
    """Play the weeks in between in the copies, then bring them home. For a process of its own."""
    os.nice(10)  # people are looking around already
    folder = demo.place.data / _FOLDER
    if not (folder / _PLAYED).exists():
        _play_in_copies(demo, parts, folder)
    _bring_home(demo.place, folder)
    shutil.rmtree(folder)


def _take_copies(place: DemoPlace) -> None:
    """The folder appears whole or not at all: a start that was interrupted leaves no half."""
    draft = place.data / f"{_FOLDER}.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    for name in (_DATABASE, STORE_NAME):
        copies.copy_file(place.data / name, draft / f"base-{name}")
    draft.rename(place.data / _FOLDER)


def _play(demo: Demo, parts: Sequence[DemoPart], chapter: Chapter, agenda: Agenda) -> None:
    with ExitStack() as outside:
        for part in parts:
            outside.enter_context(part.around_past(demo.place, chapter))
            part.past(demo, chapter, agenda)
        agenda.play()
    connections.close_all()


def _play_in_copies(demo: Demo, parts: Sequence[DemoPart], folder: Path) -> None:
    place = DemoPlace(folder, find_free_port())
    today = datetime.fromtimestamp((folder / _BASE).stat().st_mtime, UTC)
    for name in (_DATABASE, STORE_NAME):
        copies.copy_file(folder / f"base-{name}", folder / name)
    clock = SetClock(today - demo.past)
    live_by(clock)
    with _moved_to(place), small_world(place, clock):
        salesforce_url = place.simulator_url("salesforce")
        there = Demo(place, demo.past, facts={"salesforce": {"url": salesforce_url}})
        weeks = Agenda(clock, begins=clock(), ends=today - LATELY)
        _play(there, parts, Chapter.WEEKS, weeks)
        for sobject in _MOVED_OBJECTS:
            records = list_records(salesforce_url, sobject)
            (folder / f"{sobject}.json").write_text(json.dumps(records))
    (folder / _PLAYED).touch()


@contextmanager
def _moved_to(place: DemoPlace) -> Iterator[None]:
    """This process works on the copy in ``place``, at addresses of its own, inside the block."""
    home = str(connections["default"].settings_dict["NAME"])
    salesforce_url = place.simulator_url("salesforce")
    settings.PUBLIC_URL = place.console_url
    settings.SALESFORCE_LOGIN_URL = salesforce_url
    settings.MITTO_URL = place.simulator_url("sms")
    settings.OUTGOING_PRIVATE_HOSTS = [
        f"127.0.0.1:{place.port_of(server)}" for server in ("salesforce", "sms")
    ]
    _use_database(place.data / _DATABASE)
    point_connections_at(salesforce_url)
    try:
        yield
    finally:
        _use_database(Path(home))


def _use_database(path: Path) -> None:
    connections.close_all()
    connections["default"].settings_dict["NAME"] = str(path)


def _bring_home(place: DemoPlace, folder: Path) -> None:
    """The records at Salesforce first: rows that speak of them must not be there without them."""
    for sobject in _MOVED_OBJECTS:
        records = json.loads((folder / f"{sobject}.json").read_text())
        for start in range(0, len(records), _RECORDS_AT_ONCE):
            act(
                place.simulator_url("salesforce"),
                "plant-records",
                sobject=sobject,
                records=records[start : start + _RECORDS_AT_ONCE],
            )
    copies.bring_home(folder / _DATABASE, base=folder / _BASE)
