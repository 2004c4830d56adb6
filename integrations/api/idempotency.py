"""Requests that may come again: the same ``Idempotency-Key`` has its effect once a workspace.

The answer is kept in the transaction of the effect. Two requests with one key that come at the
same time are taken in turn by the unique constraint: the later one waits and gets the answer of
the earlier. A refusal keeps nothing, so the request can be mended and sent under the same key.
"""

import hashlib
import json
from collections.abc import Callable

from django.db import transaction
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.models import ApiAnswer
from integrations.tenancy import current_workspace_id

HEADER = "Idempotency-Key"
#: As long as the column that keeps it.
LONGEST_KEY = 120

#: For the OpenAPI entry of an endpoint that calls ``answer_once``.
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    str,
    OpenApiParameter.HEADER,
    description="A text of your choice, 120 characters at most and new for every new request: a "
    "request that is repeated with it has no second effect and gets the first answer again",
)


class KeyReused(exceptions.APIException):
    """The key came with another request before."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_key_reused"
    default_detail = (
        "This Idempotency-Key was used before for another request, so nothing was done. Send a "
        "repeat exactly as it was the first time, and give a new request a key of its own."
    )


def answer_once(request: Request, carry_out: Callable[[], Response], *, key: str = "") -> Response:
    """Carry a request out in one transaction, or answer it as it was answered before.

    ``key`` is the one in the body, for endpoints that take it there as well; the header comes
    first. Without either the request is carried out each time it comes. ``carry_out`` runs in the
    scope of the workspace and asks nothing of other machines; what it answers is kept for 400
    days, so it holds ids and states, nothing about people. Raises KeyReused, and ValidationError
    for a key that cannot be kept.
    """
    key = _key_of(request) or key
    with transaction.atomic():
        if not key:
            return carry_out()
        kept, is_new = ApiAnswer.objects.get_or_create(
            workspace_id=current_workspace_id(),
            idempotency_key=key,
            defaults={"request_digest": _digest(request)},
        )
        if not is_new:
            return _answer_again(kept, request)
        response = carry_out()
        kept.status, kept.body = response.status_code, response.data
        kept.save(update_fields=["status", "body"])
        return response


def _key_of(request: Request) -> str:
    key = request.headers.get(HEADER, "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        reason = f"It may have {LONGEST_KEY} characters at most, all of them printable."
        raise exceptions.ValidationError({HEADER: reason})
    return key


def _answer_again(kept: ApiAnswer, request: Request) -> Response:
    if kept.request_digest != _digest(request):
        raise KeyReused
    return Response(kept.body, status=kept.status, headers={"Idempotent-Replayed": "true"})


def _digest(request: Request) -> str:
    """Of method, address and what the body says, however its JSON is spaced and ordered."""
    asked = [request.method, request.path, request.data]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
