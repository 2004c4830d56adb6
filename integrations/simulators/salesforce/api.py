"""One call of the REST API, apart from HTTP: composite makes such calls as well."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, unquote

from integrations.simulators.salesforce.caller import Caller
from integrations.simulators.salesforce.errors import (
    SalesforceError,
    not_found,
    unsupported_object,
)
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.saving import Saving, saving_from
from integrations.simulators.salesforce.schema import Schema, SObject

Params = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """What a call comes to. A `body` of None is an empty one."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        """Whether the call failed."""
        return self.status >= 400


@dataclass(frozen=True)
class ApiCall:
    """One call. `path` begins after `/services/data/vXX.X/`; header names are lower case."""

    org: Org
    caller: Caller
    version: str
    method: str
    path: str
    params: Params
    headers: Mapping[str, str]
    body: bytes
    router: Router

    @property
    def base(self) -> str:
        """`/services/data/vXX.X`, with which every link begins."""
        return f"/services/data/v{self.version}"

    @property
    def schema(self) -> Schema:
        """The objects and fields that the caller may see."""
        return self.org.view_for(self.caller)

    def sobject(self, name: str) -> SObject:
        """An object as the caller sees it. Raises `SalesforceError` (INVALID_TYPE)."""
        found = self.schema.find(name)
        if found is None:
            raise unsupported_object(name)
        return found

    @property
    def saving(self) -> Saving:
        """What the headers want of the rules that run when a record is saved."""
        return saving_from(self.headers)

    def param(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        values = self.params.get(name)
        return values[0] if values else default

    def json(self) -> Any:
        """The body. Raises `SalesforceError` (JSON_PARSER_ERROR)."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
            message = f"Unexpected character at [line:{line}, column:{column}]"
            raise SalesforceError("JSON_PARSER_ERROR", message) from None

    def json_object(self) -> dict[str, Any]:
        """The body, which must be an object. Raises `SalesforceError` (JSON_PARSER_ERROR)."""
        data = self.json()
        if not isinstance(data, dict):
            message = "The HTTP entity body must be a JSON object at [line:1, column:1]"
            raise SalesforceError("JSON_PARSER_ERROR", message)
        return data

    def sub_call(
        self, method: str, url: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> ApiCall:
        """A call inside this one; `url` begins after the version.

        It has `headers` of its own, or without any those of the whole.
        """
        path, _, query = url.partition("?")
        own = None if headers is None else {**headers, "x-base-url": self.headers["x-base-url"]}
        return replace(
            self,
            method=method,
            path=path,
            params=parse_qs(query, keep_blank_values=True),
            body=b"" if body is None else json.dumps(body).encode(),
            headers=self.headers if own is None else own,
        )

    def answer(self) -> Answer:
        """Carry the call out, whole or not at all; errors become answers."""
        try:
            with self.org.store.transaction():
                return self.router.dispatch(self)
        except SalesforceError as error:
            return Answer(error.to_rest(), error.status)


Handler = Callable[..., Answer]
"""Takes the call, then the named parts of its path."""


@dataclass(frozen=True)
class Resource:
    """A path with the handlers of its methods. `{name}` in the pattern is one path segment."""

    pattern: str
    handlers: Mapping[str, Handler]

    def match(self, path: str) -> dict[str, str] | None:
        """The parts of a path that fits, decoded."""
        expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.pattern)
        match = re.fullmatch(expression + "/?", path)
        if match is None:
            return None
        return {name: unquote(value) for name, value in match.groupdict().items()}


class Router:
    """All resources of the API; the first that fits wins."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self._resources = resources

    def dispatch(self, call: ApiCall) -> Answer:
        """Find the handler and run it. Raises `SalesforceError`."""
        for resource in self._resources:
            parts = resource.match(call.path)
            if parts is None:
                continue
            handler = resource.handlers.get(call.method)
            if handler is None:
                allowed = ", ".join(sorted(resource.handlers))
                message = f"HTTP Method '{call.method}' not allowed. Allowed are {allowed}"
                raise SalesforceError("METHOD_NOT_ALLOWED", message, status=405)
            return handler(call, **parts)
        raise not_found()
