"""Every page of the org under its addresses, in both dresses."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.routing import BaseRoute, Route

from integrations.simulators.control import Action
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.ui import edit, handling, lists, record_page
from integrations.simulators.salesforce.ui.door import Door
from integrations.simulators.salesforce.ui.recycle_bin import RecycleBin
from integrations.simulators.salesforce.ui.sessions import Sessions
from integrations.simulators.salesforce.ui.shell import RECYCLE_BIN, SEARCH
from integrations.simulators.salesforce.ui.start import Start


class _KeyPrefix(StringConvertor):
    """The first three characters of the ids of an object."""

    regex = "[0-9A-Za-z]{3}"


class _RecordId(StringConvertor):
    """A record id, short or long."""

    regex = "[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?"


register_url_convertor("key_prefix", _KeyPrefix())
register_url_convertor("record", _RecordId())


def page_routes(org: Org, sessions: Sessions, actions: Mapping[str, Action]) -> list[BaseRoute]:
    """All of them; `actions` are those of the outside world."""
    door, recycle_bin = Door(org, sessions), RecycleBin(actions)
    return [
        *Start(org, sessions, door).routes(),
        door.route(SEARCH, lists.search),
        door.route(RECYCLE_BIN, recycle_bin.show),
        door.action(f"{RECYCLE_BIN}/restore", recycle_bin.restore),
        door.action(f"{RECYCLE_BIN}/empty", recycle_bin.empty),
        door.action("/_ui/records/{record_id}/delete", handling.delete),
        door.route("/_ui/records/{record_id}/convert", handling.convert, changes=True),
        door.route("/_ui/records/{record_id}/merge", handling.merge, changes=True),
        *_lightning(door),
        *_classic(door),
    ]


def _lightning(door: Door) -> list[Route]:
    record = "/lightning/r/{name}/{record_id}"
    return [
        door.route("/lightning/page/home", lists.home),
        door.route("/lightning/o/{name}/list", lists.list_records),
        door.route("/lightning/o/{name}/new", edit.new, changes=True),
        door.route("/lightning/r/{record_id}/view", record_page.show_record),
        door.route(f"{record}/view", record_page.show_record),
        door.route(f"{record}/edit", edit.edit, changes=True),
        door.route(f"{record}/related/{{relationship}}/view", lists.list_related),
    ]


def _classic(door: Door) -> list[Route]:
    prefix, record = "/{prefix:key_prefix}", "/{record_id:record}"
    return [
        door.route("/home/home.jsp", lists.home),
        door.route(f"{prefix}/o", lists.list_records),
        door.route(f"{prefix}/e", edit.new, changes=True),
        door.route(f"{record}/e", edit.edit, changes=True),
        door.route(f"{record}/related/{{relationship}}", lists.list_related),
        door.route(record, record_page.show_record),
    ]
