"""How the public API says what is wrong: one shape for every refusal, as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler


class Conflict(exceptions.APIException):
    """The request contradicts an earlier one."""

    status_code = 409
    default_code = "conflict"


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: ``{"status", "code", "detail", "fields"}``.

    Unknown errors are left to Django, which logs them and answers 500.
    """
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing here, or it belongs to somebody else.")
    response = exception_handler(error, dict(context))
    if response is None or not isinstance(error, exceptions.APIException):
        return response
    response.data = _problem(error)
    return response


def not_found(request: HttpRequest, rest: str = "") -> JsonResponse:
    """An address that the API does not have."""
    detail = "The API has no such address. /api/v1/openapi.json lists all of them."
    problem = {"status": 404, "code": "not_found", "detail": detail, "fields": []}
    return JsonResponse(problem, status=404)


def _problem(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        code, detail = "invalid", "The request cannot be understood as it is."
        fields = list(_faults(error.detail))
    else:
        code, detail, fields = str(error.get_codes()), str(error.detail), []
    return {"status": error.status_code, "code": code, "detail": detail, "fields": fields}


def _faults(detail: Any, name: str = "") -> Iterator[dict[str, str]]:
    """Each fault with the path of its field, ``person.phone``."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            path = "" if key == "non_field_errors" else str(key)
            yield from _faults(value, ".".join(filter(None, (name, path))))
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for value in detail:
            yield from _faults(value, name)
    else:
        yield {"name": name, "reason": str(detail)}
