"""How the public API says what is wrong: one shape for every refusal, as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import exception_handler


class FaultSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    name = serializers.CharField(help_text="The field; empty for the request as a whole")
    reason = serializers.CharField(help_text="What is wrong with it, in words")


class ProblemSerializer(serializers.Serializer[Any]):
    """Why a request was refused."""

    status = serializers.IntegerField(help_text="The HTTP status once more")
    code = serializers.CharField(help_text="One word for programs")
    detail = serializers.CharField(help_text="What happened and what to do, for people")
    faults = FaultSerializer(many=True, help_text="The fields that are wrong")


#: What every endpoint may answer besides its own result, for its entry in the OpenAPI document.
PROBLEMS = dict.fromkeys((401, 403, 404, 429), ProblemSerializer)
#: The same for endpoints that take something on.
PROBLEMS_OF_POST = dict.fromkeys((400, 401, 403, 409, 429), ProblemSerializer)


def answer_problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler: ``{"status", "code", "detail", "faults"}``.

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
    problem = {"status": 404, "code": "not_found", "detail": detail, "faults": []}
    return JsonResponse(problem, status=404)


def _problem(error: exceptions.APIException) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        code, detail = "invalid", "The request cannot be understood as it is."
        faults = list(_faults(error.detail))
    else:
        code, detail, faults = str(error.get_codes()), str(error.detail), []
    return {"status": error.status_code, "code": code, "detail": detail, "faults": faults}


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
