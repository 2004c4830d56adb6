"""Composite and batch: several calls in one request (reference 3.7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from integrations.simulators.salesforce.api import Answer, ApiCall, Resource
from integrations.simulators.salesforce.errors import SalesforceError

MAX_CALLS = 25
MAX_COSTLY_CALLS = 5
MAX_GRAPHS, MAX_NODES = 75, 500
NOT_FOR_SUBREQUESTS = frozenset({"accept", "authorization", "content-type"})
_COSTLY = re.compile(r"/services/data/v[\d.]+/(query|queryAll|composite/sobjects)\b")
_VERSION_PREFIX = re.compile(r"/services/data/v\d+\.\d/")
_BATCH_PREFIX = re.compile(r"v\d+\.\d/")
_REFERENCE = re.compile(r"@\{([^}]+)\}")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")

Results = dict[str, Any]
"""The body of each finished subrequest by its reference id."""


class _HaltedError(Exception):
    """All or none was asked for, and one failed."""


class _UnknownReferenceError(Exception):
    """`@{...}` names what is not there."""


def run_composite(call: ApiCall) -> Answer:
    """POST /composite."""
    wanted = call.json_object()
    requests = _list_of_calls(wanted, "compositeRequest")
    if sum(bool(_COSTLY.match(one["url"])) for one in requests) > MAX_COSTLY_CALLS:
        message = f"no more than {MAX_COSTLY_CALLS} queries and collections are allowed"
        raise SalesforceError("LIMIT_EXCEEDED", message)
    answers, _ = _run_whole(call, requests, all_or_none=wanted.get("allOrNone") is True)
    return Answer({"compositeResponse": _parts(requests, answers)})


def _run_whole(
    call: ApiCall, requests: list[dict[str, Any]], *, all_or_none: bool
) -> tuple[list[Answer], bool]:
    """The answers in order, and whether everything was kept."""
    answers: list[Answer] = []
    try:
        with call.org.store.transaction():
            answers = _run_all(call, requests)
            _keep_or_roll_back(answers, all_or_none)
    except _HaltedError:
        return [one if one.is_error else _halted() for one in answers], False
    return answers, True


def _parts(requests: list[dict[str, Any]], answers: list[Answer]) -> list[dict[str, Any]]:
    return [
        {
            "body": answer.body,
            "httpHeaders": dict(answer.headers),
            "httpStatusCode": answer.status,
            "referenceId": request["referenceId"],
        }
        for request, answer in zip(requests, answers, strict=True)
    ]


def _keep_or_roll_back(answers: list[Answer], all_or_none: bool) -> None:
    if all_or_none and any(answer.is_error for answer in answers):
        raise _HaltedError


def _run_all(call: ApiCall, requests: list[dict[str, Any]]) -> list[Answer]:
    results: Results = {}
    answers = []
    for request in requests:
        answer = _run_one(call, request, results)
        if not answer.is_error:
            results[request["referenceId"]] = answer.body
        answers.append(answer)
    return answers


def _run_one(call: ApiCall, request: Mapping[str, Any], results: Results) -> Answer:
    try:
        url = _resolve(request["url"], results)
        body = _resolve(request.get("body"), results)
    except _UnknownReferenceError:
        return _halted()
    prefix = _VERSION_PREFIX.match(url)
    if prefix is None:
        message = f"The url must begin with /services/data/vXX.X/: {url}"
        error = SalesforceError("INVALID_REQUEST", message)
        return Answer(error.to_rest(), error.status)
    try:
        headers = _own_headers(request)
    except SalesforceError as error:
        return Answer(error.to_rest(), error.status)
    return call.sub_call(request["method"], url[prefix.end() :], body, headers).answer()


def _own_headers(request: Mapping[str, Any]) -> dict[str, str]:
    """Headers of a subrequest, in lower case. Raises `SalesforceError` for those of the whole."""
    headers = {name.lower(): str(text) for name, text in request.get("httpHeaders", {}).items()}
    if taken := sorted(NOT_FOR_SUBREQUESTS & set(headers)):
        message = f"These headers cannot be set on a subrequest: {', '.join(taken)}"
        raise SalesforceError("INVALID_HTTP_HEADER", message)
    return headers


def _halted() -> Answer:
    error = SalesforceError(
        "PROCESSING_HALTED",
        "The transaction was rolled back since another operation in the same transaction failed.",
    )
    return Answer(error.to_rest(), error.status)


def run_graphs(call: ApiCall) -> Answer:
    """POST /composite/graph: each graph by itself, and each of them all or nothing."""
    graphs = call.json_object().get("graphs")
    if not isinstance(graphs, list) or not all(isinstance(one, dict) for one in graphs):
        message = "graphs must be a list of objects at [line:1, column:1]"
        raise SalesforceError("JSON_PARSER_ERROR", message)
    lists = [_list_of_calls(one, "compositeRequest", maximum=MAX_NODES) for one in graphs]
    if len(graphs) > MAX_GRAPHS or sum(map(len, lists)) > MAX_NODES:
        message = f"no more than {MAX_GRAPHS} graphs with {MAX_NODES} nodes are allowed"
        raise SalesforceError("LIMIT_EXCEEDED", message)
    ids = [one.get("graphId") for one in graphs]
    if None in ids or len(set(ids)) != len(ids):
        raise SalesforceError("INVALID_INPUT", "each graph needs a graphId of its own")
    return Answer(
        {
            "graphs": [
                _run_graph(call, str(graph_id), requests)
                for graph_id, requests in zip(ids, lists, strict=True)
            ]
        }
    )


def _run_graph(call: ApiCall, graph_id: str, requests: list[dict[str, Any]]) -> dict[str, Any]:
    answers, is_successful = _run_whole(call, requests, all_or_none=True)
    response = {"compositeResponse": _parts(requests, answers)}
    return {"graphId": graph_id, "graphResponse": response, "isSuccessful": is_successful}


def _list_of_calls(
    wanted: Mapping[str, Any], key: str, *, maximum: int = MAX_CALLS
) -> list[dict[str, Any]]:
    calls = wanted.get(key)
    if not isinstance(calls, list) or not all(isinstance(one, dict) for one in calls):
        message = f"{key} must be a list of objects at [line:1, column:1]"
        raise SalesforceError("JSON_PARSER_ERROR", message)
    if len(calls) > maximum:
        raise SalesforceError("LIMIT_EXCEEDED", f"no more than {maximum} subrequests are allowed")
    needed = ("method", "url") if key == "batchRequests" else ("method", "url", "referenceId")
    for name in needed:
        if not all(isinstance(one.get(name), str) for one in calls):
            raise SalesforceError("JSON_PARSER_ERROR", f"{name} is missing at [line:1, column:1]")
    return calls


def _resolve(value: Any, results: Results) -> Any:
    """The value with every `@{id.path}` replaced by what it refers to."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: _look_up(match[1], results), value)
    if isinstance(value, list):
        return [_resolve(one, results) for one in value]
    if isinstance(value, dict):
        return {key: _resolve(one, results) for key, one in value.items()}
    return value


def _look_up(path: str, results: Results) -> str:
    place: Any = results
    for name, index in _STEP.findall(path):
        try:
            place = place[int(index)] if index else place[name]
        except (KeyError, IndexError, TypeError):
            raise _UnknownReferenceError(path) from None
    return str(place)


def run_batch(call: ApiCall) -> Answer:
    """POST /composite/batch: independent calls, each of them charged."""
    wanted = call.json_object()
    halts = wanted.get("haltOnError") is True
    results: list[dict[str, Any]] = []
    has_errors = False
    for number, request in enumerate(_list_of_calls(wanted, "batchRequests")):
        if has_errors and halts:
            halted = {"errorCode": "BATCH_PROCESSING_HALTED", "message": "an earlier call failed"}
            results.append({"statusCode": 412, "result": [halted]})
            continue
        answer = _run_batched(call, request, is_first=number == 0)
        has_errors = has_errors or answer.is_error
        results.append({"statusCode": answer.status, "result": answer.body})
    return Answer({"hasErrors": has_errors, "results": results})


def _run_batched(call: ApiCall, request: Mapping[str, Any], *, is_first: bool) -> Answer:
    url = _BATCH_PREFIX.sub("", request["url"], count=1)
    try:
        if not is_first:  # the door has charged for one already
            call.org.switches.limit.charge()
    except SalesforceError as error:
        return Answer(error.to_rest(), error.status)
    return call.sub_call(request["method"], url, request.get("richInput")).answer()


RESOURCES = (
    Resource("composite", {"POST": run_composite}),
    Resource("composite/graph", {"POST": run_graphs}),
    Resource("composite/batch", {"POST": run_batch}),
)
