"""Deliveries take a short way to their view: nothing of a person's visit is needed for them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve

from integrations.group_commit import NotWrittenInTime

GetResponse = Callable[[HttpRequest], HttpResponse]

PREFIX = "/hooks/"


class HooksMiddleware:
    """Calls the view of a callback address past sessions, sign-in, messages and pages' policies.

    A sender has no cookie, proves itself by its signature and is answered in JSON; the middleware
    for people would cost more than the delivery (docs/performance.md).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        request.resolver_match = match = resolve(request.path_info)
        try:
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        except NotWrittenInTime:
            reason = "The database is too slow just now: send it again later."
            response = JsonResponse({"error": reason}, status=503)
        response.headers.setdefault("Content-Length", str(len(response.content)))
        return response
