"""One org: its data, and the switches that the outside world can turn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from integrations.simulators.salesforce.access import (
    ADMIN_PROFILE,
    ALL_PERMISSIONS,
    AccessRules,
)
from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.config import OrgConfig
from integrations.simulators.salesforce.errors import SalesforceError, unsupported_object
from integrations.simulators.salesforce.ids import instance_code
from integrations.simulators.salesforce.objects import CODE_FIELDS, make_schema
from integrations.simulators.salesforce.permission_grants import (
    NOTHING,
    Granted,
    granted_to,
)
from integrations.simulators.salesforce.rule_switches import CustomerRules
from integrations.simulators.salesforce.schema import Field, Schema, SObject
from integrations.simulators.salesforce.store import Record, Store
from integrations.simulators.salesforce.token_clock import TokenLife
from integrations.simulators.salesforce.values import to_json, to_wire_time

if TYPE_CHECKING:
    from integrations.simulators.salesforce.conditional import Described
    from integrations.simulators.salesforce.custom_fields import CustomField
    from integrations.simulators.salesforce.metadata_deploy import Deployment

MAX_CURSORS = 200


@dataclass
class ApiLimit:
    """The daily requests of the org (reference 5.4); it never rolls over by itself here."""

    maximum: int
    used: int = 0

    def charge(self) -> None:
        """Count one request. Raises `SalesforceError` once the maximum is reached."""
        if self.used >= self.maximum:
            message = "TotalRequests Limit exceeded."
            raise SalesforceError("REQUEST_LIMIT_EXCEEDED", message, status=403)
        self.used += 1

    @property
    def header(self) -> str:
        """The value of `Sforce-Limit-Info`."""
        return f"api-usage={self.used}/{self.maximum}"


@dataclass
class IndexSwitches:
    """How search behaves (reference 3.6).

    `lag_seconds`: how long it is blind to new values. `raw_tokens_only`: index only the words of
    a phone value, not all of its digits run together. `national_digits`: also index an
    international number without its country code.
    """

    lag_seconds: float
    raw_tokens_only: bool = False
    national_digits: bool = False


@dataclass
class Cursor:
    """A long query result: which records, and how to read some of them."""

    ids: list[str]
    batch_size: int
    read: Callable[[Sequence[str]], list[dict[str, Any]]]


@dataclass
class TokenRefusal:
    """What the token endpoint answers; `times` None: until it is taken back."""

    error: str
    description: str
    status: int = 400
    times: int | None = None


@dataclass
class Switches:
    """Everything about an org that is neither data nor configuration; reset starts it anew."""

    limit: ApiLimit
    index: IndexSwitches
    access: AccessRules = field(default_factory=AccessRules)
    rotation: bool | None = None
    token_life: TokenLife = field(default_factory=TokenLife)
    token_refusal: TokenRefusal | None = None
    id_token: bool = True
    app_installed: bool = True
    address: str | None = None
    is_locked: bool = False
    rules: CustomerRules = field(default_factory=CustomerRules)
    has_api: bool = True
    state_picklists: bool = False
    private_activities: bool = False
    custom_fields: list[CustomField] = field(default_factory=list)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    cursors: dict[str, Cursor] = field(default_factory=dict)
    described: dict[tuple[str, str, str], Described] = field(default_factory=dict)


class Org:
    """One simulated org. All of its methods are quick and belong on the event loop."""

    def __init__(self, config: OrgConfig) -> None:
        self.config = config
        self._whole_schema = make_schema(config.external_id_field, config.more_fields)
        self.store = Store(self._whole_schema, instance_code(config.name), config.store_path)
        self.turn_back_switches()

    def _fresh_switches(self) -> Switches:
        return Switches(
            limit=ApiLimit(self.config.daily_api_requests),
            index=IndexSwitches(self.config.index_lag_seconds),
        )

    def turn_back_switches(self) -> None:
        """Every switch as the configuration has it."""
        self.switches = self._fresh_switches()
        self._whole_schema = make_schema(self.config.external_id_field, self.config.more_fields)
        self.schema_changed()

    def schema_changed(self) -> None:
        """Work out the schema anew, after a switch that shapes it was turned."""
        self.schema = Schema(
            replace(one, fields=tuple(self._present_fields(one)))
            for one in self._whole_schema.objects.values()
            if not one.is_tooling
        )
        self.switches.access.changed()

    def add_field(self, names: Collection[str], added: Field) -> None:
        """A customer's field comes to these objects."""
        self._whole_schema = Schema(
            replace(one, fields=(*one.fields, added)) if one.name in names else one
            for one in self._whole_schema.objects.values()
        )
        self.store.add_columns(self._whole_schema)
        self.schema_changed()

    def whole_object(self, name: str) -> SObject:
        """An object as the store knows it, of the Tooling API too."""
        return self._whole_schema.objects[name]

    def _present_fields(self, sobject: SObject) -> Iterator[Field]:
        for one in sobject.fields:
            if one.name in CODE_FIELDS and not self.switches.state_picklists:
                continue
            is_required = (sobject.name, one.name) in self.switches.rules.required
            yield replace(one, nillable=False) if is_required else one

    @property
    def org_id(self) -> str:
        """The id of the Organization row (18 characters)."""
        rows = self.store.rows("SELECT Id FROM Organization LIMIT 1")
        return str(rows[0]["Id"])

    def now(self) -> datetime:
        """The present, in UTC."""
        return self.config.clock()

    def now_on_wire(self) -> str:
        """The present as Salesforce prints it."""
        return to_wire_time(self.now())

    def sobject(self, name: str) -> SObject:
        """The object of that name in any case. Raises `SalesforceError` (INVALID_TYPE)."""
        found = self.schema.find(name)
        if found is None:
            raise unsupported_object(name)
        return found

    def may(self, user_id: str, permission: str) -> bool:
        """Whether a user holds a permission such as `PermissionsApiEnabled`."""
        return self.profile_may(user_id, permission) or (
            permission in self._granted(user_id).permissions
        )

    def profile_may(self, user_id: str, permission: str) -> bool:
        """Whether a user's profile alone gives a permission."""
        is_admin = self._is_admin(user_id)
        return self.switches.access.profile_may(user_id, permission, is_admin=is_admin)

    def _granted(self, user_id: str) -> Granted:
        return self.switches.access.granted(
            user_id, lambda: granted_to(self.store, user_id, ALL_PERMISSIONS)
        )

    def view_of(self, user_id: str) -> Schema:
        """The schema as a user sees it."""
        return self.switches.access.view(
            self.schema, user_id, partial(self.may, user_id), self._granted(user_id)
        )

    def view_for(self, caller: Caller) -> Schema:
        """The objects of the API that a caller asks: the org's, or those of Tooling."""
        if not caller.is_tooling:
            return self.view_of(caller.user_id)
        sees_setup = self.may(caller.user_id, "PermissionsViewSetup")
        return Schema(
            one for one in self._whole_schema.objects.values() if one.is_tooling and sees_setup
        )

    def profile_view_of(self, user_id: str) -> Schema:
        """The schema as a user would see it without permission sets."""
        return self.switches.access.make_view(
            self.schema, user_id, partial(self.profile_may, user_id), NOTHING
        )

    def _is_admin(self, user_id: str) -> bool:
        rows = self.store.rows(
            'SELECT 1 FROM "User" u JOIN Profile p ON p.Id = u.ProfileId '
            "WHERE u.Id = ? AND p.Name = ?",
            [user_id, ADMIN_PROFILE],
        )
        return bool(rows)

    def target(self, record_id: str) -> tuple[SObject, Record] | None:
        """The object and row behind any id, deleted or not."""
        sobject = self.schema.of_id(record_id)
        row = self.store.get(sobject, record_id) if sobject else None
        return (sobject, row) if sobject and row else None

    def refuse(self, sobject: SObject, operation: str) -> None:
        """Raise the customer's validation error if one stands against this operation."""
        for refusal in self.switches.rules.refusals:
            if (refusal.sobject, refusal.operation) != (sobject.name, operation):
                continue
            if refusal.times == 0:
                continue
            if refusal.times is not None:
                refusal.times -= 1
            raise SalesforceError(
                refusal.code, refusal.message, status=refusal.status, fields=refusal.fields
            )

    def fail_if_told_to(self) -> None:
        """Raise the error that somebody ordered for every data request."""
        for failure in self.switches.rules.failures:
            if failure.times == 0:
                continue
            if failure.times is not None:
                failure.times -= 1
            raise SalesforceError(failure.code, failure.message, status=failure.status)

    def keep_cursor(self, locator: str, cursor: Cursor) -> None:
        """Remember the rest of a result; the oldest one is dropped beyond `MAX_CURSORS`."""
        cursors = self.switches.cursors
        cursors[locator] = cursor
        if len(cursors) > MAX_CURSORS:
            del cursors[next(iter(cursors))]


def record_to_json(sobject: SObject, row: Mapping[str, Any]) -> dict[str, Any]:
    """A whole row with JSON values, without `attributes`."""
    return {field.name: to_json(field, row[field.name]) for field in sobject.fields}
