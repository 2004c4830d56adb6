"""``/panel/``: the softphone panel's own interface, for the bearer of a panel token (RULES F11).

No cookie is read and none is set, so no page elsewhere can act in a member's name; pages of other
origins are not let in by CORS either. Problems read like those of the public API.
"""

from contextlib import ExitStack
from typing import Any, cast

import structlog
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from calls.models import PanelSession
from calls.panel import read_panel, read_presence, recent_calls
from calls.panel_actions import ACTIONS, ActionRefused, act
from calls.panel_sessions import (
    HEARTBEAT_SECONDS,
    CodeRefused,
    end_session,
    find_session,
    note_seen,
    open_session,
)
from calls.panel_words import describe_panel, describe_presence, describe_recent
from integrations.api.idempotency import answer_once
from integrations.api.views import limit
from integrations.audit import acting_from, address_of
from integrations.clock import zone_of
from integrations.options import options_read_once
from integrations.tenancy import workspace_scope

#: Of one address, tokens being exchanged; an office comes in the morning.
_OPENING_RATE = "300/minute"
#: Of one panel; polling takes 20, heartbeats 4.
_PANEL_RATE = "240/minute"
_LARGEST_INTEGER = 2**31 - 1


class PanelAuthentication(BaseAuthentication):
    """``request.auth`` is the session; ``request.user`` stays nobody."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, PanelSession] | None:
        scheme, _space, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        session = find_session(text.strip())
        if session is None:
            raise exceptions.AuthenticationFailed(
                _(
                    "This panel is signed out: it was closed, 12 hours are over, or you may not "
                    "use the softphone any more. Sign in to open it again."
                )
            )
        return AnonymousUser(), session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Patchbay softphone"'


class HasPanel(BasePermission):
    """Lets the bearer of a token in, and nobody else."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, PanelSession)


class Conflict(exceptions.APIException):
    """The action cannot be done with the call as it is."""

    status_code = 409
    default_code = "not_possible"


class _View(APIView):
    schema = None  # no part of the public API's document

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._entered:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response


class PanelView(_View):
    """An endpoint for one panel, in the scope of its member's workspace."""

    authentication_classes = [PanelAuthentication]
    permission_classes = [HasPanel]

    def perform_authentication(self, request: Request) -> None:
        """Enter the workspace of the token."""
        super().perform_authentication(request)
        session = request.auth
        if not isinstance(session, PanelSession):
            return
        limit("panel", str(session.pk), _PANEL_RATE)
        for context in (
            workspace_scope(session.workspace_id),
            structlog.contextvars.bound_contextvars(workspace=session.workspace_id),
            acting_from(request._request),
            options_read_once(),
        ):
            self._entered.enter_context(context)


class _OpeningSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(max_length=100)
    verifier = serializers.CharField(max_length=128)
    script_version = serializers.IntegerField(min_value=0, max_value=_LARGEST_INTEGER)


class _HeartbeatSerializer(serializers.Serializer[Any]):
    script_version = serializers.IntegerField(min_value=0, max_value=_LARGEST_INTEGER)


class _AskingSerializer(serializers.Serializer[Any]):
    after = serializers.IntegerField(min_value=0, required=False)


class _ActionSerializer(serializers.Serializer[Any]):
    key = serializers.UUIDField()
    action = serializers.ChoiceField(choices=tuple(ACTIONS))
    page = serializers.CharField(max_length=1000, required=False)
    call_id = serializers.IntegerField(min_value=1)
    leg_key = serializers.CharField(max_length=200)
    record_id = serializers.CharField(max_length=18, required=False)
    note = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    disposition = serializers.CharField(max_length=120, allow_blank=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        _perform, names = ACTIONS[attrs["action"]]
        if missing := [name for name in names if name not in attrs]:
            raise serializers.ValidationError(dict.fromkeys(missing, "This action needs it."))
        return attrs


def _read(serializer: serializers.Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return cast("dict[str, Any]", serializer.validated_data)


class OpenSessionView(_View):
    """``POST /panel/session/``: a code for a token, once."""

    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        limit("panel_opening", address_of(request._request) or "", _OPENING_RATE)
        given = _read(_OpeningSerializer(data=request.data))
        try:
            with acting_from(request._request):
                session, token = open_session(**given)
        except CodeRefused:
            raise exceptions.PermissionDenied(
                _(
                    "This code opens nothing: it was used, is older than a minute, or belongs to "
                    "another panel. Sign in again."
                ),
                code="code_refused",
            ) from None
        answer = {
            "token": token,
            "expires_at": session.expires_at,
            "heartbeat_seconds": HEARTBEAT_SECONDS,
            "member": str(session.membership),
            "workspace": session.membership.workspace.name,
            "time_zone": str(zone_of(session.membership)),
        }
        return Response(answer, status=201)


class CloseSessionView(PanelView):
    """``POST /panel/session/end/``: close this panel."""

    def post(self, request: Request) -> Response:
        end_session(cast(PanelSession, request.auth))
        return Response(status=204)


class StateView(PanelView):
    """``GET /panel/state/``: all of it; with ``?after=N`` what changed since event N."""

    def get(self, request: Request) -> Response:
        given = _read(_AskingSerializer(data=request.query_params))
        panel = read_panel(cast(PanelSession, request.auth), after=given.get("after"))
        return Response(describe_panel(panel))


class RecentView(PanelView):
    """``GET /panel/recent/``: the member's latest calls that are over."""

    def get(self, request: Request) -> Response:
        member = cast(PanelSession, request.auth).membership
        return Response({"calls": describe_recent(recent_calls(member), member)})


class HeartbeatView(PanelView):
    """``POST /panel/heartbeat/``: the panel is there, with this version of its script; answers how
    its presence stands, of which no event tells."""

    def post(self, request: Request) -> Response:
        session = cast(PanelSession, request.auth)
        given = _read(_HeartbeatSerializer(data=request.data))
        note_seen(session, **given)
        session.script_version = given["script_version"]
        return Response({"presence": describe_presence(read_presence(session))})


class ActionView(PanelView):
    """``POST /panel/actions/``: do something, once however often the request arrives."""

    def post(self, request: Request) -> Response:
        if "Idempotency-Key" in request.headers:
            raise exceptions.ValidationError({"key": "Give the key in the body."})
        given = _read(_ActionSerializer(data=request.data))
        member = cast(PanelSession, request.auth).membership
        key = f"panel:{member.pk}:{given.pop('key')}"

        def carry_out() -> Response:
            act(member, **given)
            return Response({"done": True})

        try:
            return answer_once(request, carry_out, key=key)
        except ActionRefused as refused:
            raise Conflict(refused.message) from None


urlpatterns = [
    path("session/", OpenSessionView.as_view(), name="panel_session"),
    path("session/end/", CloseSessionView.as_view(), name="panel_session_end"),
    path("state/", StateView.as_view(), name="panel_state"),
    path("recent/", RecentView.as_view(), name="panel_recent"),
    path("heartbeat/", HeartbeatView.as_view(), name="panel_heartbeat"),
    path("actions/", ActionView.as_view(), name="panel_actions"),
]
