"""The workspace in the address (RULES F1).

``/w/<slug>/…`` is served by the console's own URL table with ``/w/<slug>`` as its script prefix,
so every link that the admin makes carries the workspace. The session is never asked which one it
is, so two tabs on two workspaces cannot mix.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix, set_script_prefix

from integrations.models import Membership
from integrations.tenancy import workspace_scope

GetResponse = Callable[[HttpRequest], HttpResponse]

_ADDRESS = re.compile(r"^/w/(?P<slug>[-a-zA-Z0-9_]+)(?P<rest>/.*)?$")


class WorkspaceAddressMiddleware:
    """Moves ``/w/<slug>`` from the path into the script prefix, before anything reads the path."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = _ADDRESS.match(request.path_info)
        if match is None:
            return self.get_response(request)
        if match["rest"] is None:
            response = HttpResponse(status=301)
            response["Location"] = f"{request.path}/"
            return response
        outer_prefix = get_script_prefix()
        prefix = f"{outer_prefix.rstrip('/')}/w/{match['slug']}"
        request.path_info = request.META["PATH_INFO"] = match["rest"]
        request.META["SCRIPT_NAME"] = prefix
        request.urlconf = settings.CONSOLE_URLCONF  # type: ignore[attr-defined]
        request.workspace_slug = match["slug"]  # type: ignore[attr-defined]
        set_script_prefix(f"{prefix}/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(outer_prefix)


class WorkspaceMiddleware:
    """Lets members in, for this one request, and puts their workspace into scope.

    A stranger and a missing workspace get the same 404, so that addresses cannot be probed.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        slug = getattr(request, "workspace_slug", None)
        if slug is None:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        membership = (
            Membership.unscoped.active()
            .filter(workspace__slug=slug, user=request.user)
            .select_related("workspace", "user")
            .prefetch_related("role_grants")
            .first()
        )
        if membership is None:
            raise Http404("No such workspace, or you are not a member of it.")
        request.membership = membership  # type: ignore[attr-defined]
        request.workspace = membership.workspace  # type: ignore[attr-defined]
        with workspace_scope(membership.workspace_id):
            return self.get_response(request)
