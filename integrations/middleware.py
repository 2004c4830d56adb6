"""The workspace in the address (RULES F1).

``/w/<slug>/…`` is served by the console's own URL table with ``/w/<slug>`` as its script prefix,
so every link that the admin makes carries the workspace. The session is never asked which one it
is, so two tabs on two workspaces cannot mix.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import get_script_prefix
from django.utils import timezone

from integrations.addresses import root_url, script_prefix, split_workspace_path, workspace_prefix
from integrations.audit import acting_from
from integrations.clock import zone_of
from integrations.models import Membership, RoleGrant, User
from integrations.options import options_read_once
from integrations.tenancy import workspace_scope

GetResponse = Callable[[HttpRequest], HttpResponse]

#: Session key: the slug of the workspace last opened. Only ever a suggestion where to go next.
LAST_WORKSPACE_KEY = "last_workspace"


class WorkspaceAddressMiddleware:
    """Moves ``/w/<slug>`` from the path into the script prefix, before anything reads the path."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = split_workspace_path(request.path_info)
        if path is None:
            return self.get_response(request)
        if not path.rest:
            response = HttpResponse(status=301)
            response["Location"] = request.get_full_path(force_append_slash=True)
            return response
        with script_prefix(workspace_prefix(path.slug)):
            request.path_info = request.META["PATH_INFO"] = path.rest
            request.META["SCRIPT_NAME"] = get_script_prefix().rstrip("/")
            request.urlconf = settings.CONSOLE_URLCONF
            request.workspace_slug = path.slug  # type: ignore[attr-defined]
            return self.get_response(request)


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
        if not isinstance(request.user, User):
            return _send_to_sign_in(request)
        membership = find_membership(request.user, slug)
        if membership is None:
            raise Http404("No such workspace, or you are not a member of it.")
        _remember(request, slug)
        with acting_as(request, membership):
            return self.get_response(request)


@contextmanager
def acting_as(request: HttpRequest, membership: Membership) -> Iterator[None]:
    """Let one request act as a member who has proven to be it, in the scope of the workspace."""
    request.membership = membership  # type: ignore[attr-defined]
    request.workspace = membership.workspace  # type: ignore[attr-defined]
    with (
        workspace_scope(membership.workspace_id),
        timezone.override(zone_of(membership)),
        structlog.contextvars.bound_contextvars(workspace=membership.workspace_id),
        acting_from(request),
        options_read_once(),
    ):
        yield


def _send_to_sign_in(request: HttpRequest) -> HttpResponse:
    sign_in = root_url(settings.LOGIN_URL)
    if "HX-Request" in request.headers:
        # A redirect would put the sign-in page into a part of the open page.
        return HttpResponse(status=401, headers={"HX-Redirect": sign_in})
    return redirect_to_login(request.get_full_path(), sign_in)


def find_membership(user: User, slug: str) -> Membership | None:
    """The active membership of a user in a workspace, with its roles at hand."""
    return (
        Membership.unscoped.active()
        .filter(workspace__slug=slug, user=user)
        .select_related("workspace", "user")
        .prefetch_related(Prefetch("role_grants", RoleGrant.unscoped.all()))
        .first()
    )


def _remember(request: HttpRequest, slug: str) -> None:
    """Keep the last workspace, but not for polls: two open tabs would write at every tick."""
    if "HX-Request" in request.headers or request.session.get(LAST_WORKSPACE_KEY) == slug:
        return
    request.session[LAST_WORKSPACE_KEY] = slug
