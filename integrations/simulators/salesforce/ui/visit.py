"""One request for a page: who asks, in which dress, and what of the org they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from starlette.requests import Request

from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.record_access import Sharing, sharing_of
from integrations.simulators.salesforce.schema import Schema, SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.ui.dress import CLASSIC, LIGHTNING, Dress

Target = tuple[SObject, Record]
"""A record with its object as the visitor sees it."""


class PageNotFoundError(Exception):
    """There is no such page, or not for this user; the text says which."""


class ElsewhereError(Exception):
    """The page is at another address."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


@dataclass(frozen=True)
class Visit:
    """A request of a logged-in user; `form` is empty where nothing was posted."""

    org: Org
    request: Request
    user: Record
    form: Mapping[str, str]

    @property
    def user_id(self) -> str:
        """Who asks."""
        return str(self.user["Id"])

    @property
    def query(self) -> dict[str, str]:
        """The query of the address; the last value of a name counts."""
        return dict(self.request.query_params)

    @property
    def is_post(self) -> bool:
        """Whether something is to be changed."""
        return self.request.method == "POST"

    @property
    def dress(self) -> Dress:
        """The user interface that the user prefers."""
        prefers = self.user["UserPreferencesLightningExperiencePreferred"]
        return CLASSIC if prefers == 0 else LIGHTNING

    @cached_property
    def schema(self) -> Schema:
        """The objects and fields that the user may see."""
        return self.org.view_of(self.user_id)

    @cached_property
    def sharing(self) -> Sharing:
        """The records that the user may see."""
        return sharing_of(self.org, self.user_id)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the user."""
        return ZoneInfo(str(self.user["TimeZoneSidKey"] or "UTC"))

    @cached_property
    def _targets(self) -> dict[str, Target | None]:
        return {}

    def target(self, record_id: str) -> Target | None:
        """The record behind an id, deleted or not; None where the user must not see it."""
        if record_id not in self._targets:
            self._targets[record_id] = self._find_target(record_id)
        return self._targets[record_id]

    def _find_target(self, record_id: str) -> Target | None:
        try:
            full_id = to_18(record_id)
        except MalformedIdError:
            return None
        sobject = self.schema.of_id(full_id)
        if sobject is None:
            return None
        rows = self.org.store.rows(
            f'SELECT * FROM "{sobject.name}" root '  # noqa: S608 - a name of the schema
            f"WHERE Id = ? AND {self.sharing.visible('root', sobject.name)}",
            [full_id],
        )
        return (sobject, dict(rows[0])) if rows else None

    def addressed_record(self) -> Target:
        """The record that the address names. Raises `PageNotFoundError`."""
        target = self.target(self.request.path_params["record_id"])
        if target is None:
            raise PageNotFoundError("This record does not exist, or you have no access to it.")
        return target

    def addressed_object(self) -> SObject:
        """The object that the address names, by name or key prefix. Raises `PageNotFoundError`."""
        given = self.request.path_params
        found = self.schema.find(given["name"]) if "name" in given else None
        found = found or self.schema.of_id(given.get("prefix", ""))
        if found is None or not found.key_prefix:
            raise PageNotFoundError("This object does not exist, or you have no access to it.")
        return found

    def settle(self, address: str) -> None:
        """Raise `ElsewhereError` where `address` has another path than the one that was asked."""
        if urlsplit(address).path != self.request.url.path:
            raise ElsewhereError(address)


def safe_path(address: str | None, otherwise: str) -> str:
    """An address inside the org, as `retURL` and its like must be."""
    is_inside = address and address.startswith("/") and not address.startswith(("//", "/\\"))
    return str(address) if is_inside else otherwise
