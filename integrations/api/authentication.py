"""Who calls the public API: ``Authorization: Bearer <API key>``, and nothing else."""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.api_keys import find_key, note_use
from integrations.models import ApiKey


class ApiKeyAuthentication(BaseAuthentication):
    """``request.auth`` is the key; ``request.user`` stays nobody, because keys are no people."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = find_key(text.strip())
        if key is None:
            raise AuthenticationFailed(
                "This key is not valid: it was revoked, has expired, or is written wrongly. "
                "An admin can make another one under Workspace, API keys."
            )
        note_use(key)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Patchbay"'


class HasScope(BasePermission):
    """Lets a key in that has the scope which the view names for the method."""

    message = "This key may not do that. An admin can make a key that may."

    def has_permission(self, request: Request, view: APIView) -> bool:
        scopes = getattr(view, "scopes", {})
        wanted = scopes.get(request.method)
        return isinstance(request.auth, ApiKey) and wanted in request.auth.scopes
