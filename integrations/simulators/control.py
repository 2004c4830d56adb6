"""The `/_sim/` addresses that every simulator has, and the assembly of a simulator from parts.

| address                           | answer                                                    |
| --------------------------------- | --------------------------------------------------------- |
| `GET /_sim/records/<name>`        | what it holds, a JSON list; `?field=value` filters        |
| `GET /_sim/requests?after=N`      | the request log beyond number N                           |
| `GET`, `POST`, `DELETE faults`    | faults in force; add one; lift all                        |
| `POST /_sim/reset`                | back to how it started, faults and log too                |
| `POST /_sim/actions/<name>`       | the outside world acts; JSON object in, JSON out          |

A request that makes no sense is a 400 or 404 with `{"error": "..."}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from integrations.simulators.faults import FaultError, FaultInjector, Faults
from integrations.simulators.requestlog import Annotate, RequestLog, RequestRecorder, no_notes

Action = Callable[[Mapping[str, Any]], object]
"""One thing that the outside world can do: arguments in, something for JSON out."""


class ControlError(Exception):
    """A control request that cannot be obeyed; the message is the answer."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Controls:
    """What a simulator lets tests and people do.

    `records(name, filters)` lists what it holds and raises `ControlError(..., 404)` for an
    unknown name; `reset()` returns to the seed. Both and the actions run on the event loop, so
    each is atomic as long as it does not wait.
    """

    records: Callable[[str, Mapping[str, str]], list[dict[str, Any]]]
    reset: Callable[[], None]
    actions: Mapping[str, Action] = field(default_factory=dict)
    log: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)

    def start_anew(self) -> None:
        """Back to how it started."""
        self.reset()
        self.faults.clear()
        self.faults.cancel_pending()
        self.log.clear()


def make_simulator(
    routes: Sequence[BaseRoute],
    controls: Controls,
    *,
    annotate: Annotate = no_notes,
    control_pages: Sequence[BaseRoute] = (),
) -> Starlette:
    """An application with the vendor's `routes`, the controls, the request log and the faults.

    `control_pages` are routes below `/_sim` for people who turn the controls.
    """
    return Starlette(
        routes=[Mount("/_sim", routes=[*_control_routes(controls), *control_pages]), *routes],
        middleware=[
            Middleware(RequestRecorder, log=controls.log, annotate=annotate),
            Middleware(FaultInjector, faults=controls.faults),
        ],
        exception_handlers={ControlError: _explain},
    )


async def _explain(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, ControlError) else 400
    return JSONResponse({"error": str(error)}, status)


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        data = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise ControlError(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise ControlError("a JSON object is expected")
    return data


def _control_routes(controls: Controls) -> list[Route]:
    async def records(request: Request) -> Response:
        filters = dict(request.query_params)
        return JSONResponse(controls.records(request.path_params["name"], filters))

    async def requests(request: Request) -> Response:
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            raise ControlError("after must be a number")
        return JSONResponse(controls.log.after(int(after)))

    async def list_faults(request: Request) -> Response:
        return JSONResponse(controls.faults.to_json())

    async def add_fault(request: Request) -> Response:
        try:
            fault = controls.faults.add(await _json_object(request))
        except FaultError as error:
            raise ControlError(str(error)) from error
        return JSONResponse(fault.to_json(), 201)

    async def lift_faults(request: Request) -> Response:
        controls.faults.clear()
        return Response(status_code=204)

    async def reset(request: Request) -> Response:
        controls.start_anew()
        return Response(status_code=204)

    async def act(request: Request) -> Response:
        action = controls.actions.get(request.path_params["name"])
        if action is None:
            known = ", ".join(sorted(controls.actions))
            raise ControlError(f"no such action; there are: {known}", 404)
        return JSONResponse(action(await _json_object(request)))

    return [
        Route("/records/{name}", records),
        Route("/requests", requests),
        Route("/faults", list_faults, methods=["GET"]),
        Route("/faults", add_fault, methods=["POST"]),
        Route("/faults", lift_faults, methods=["DELETE"]),
        Route("/reset", reset, methods=["POST"]),
        Route("/actions/{name}", act, methods=["POST"]),
    ]
