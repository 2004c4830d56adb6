"""The softphone panel's page: the same for everybody until it is signed in (RULES F8, F11).

It reads no cookie and names no workspace's data, so that it can stand in a frame; what it shows
comes by ``/panel/`` and ``/live/`` for its token.
"""

from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from calls.panel_texts import panel_texts
from integrations.addresses import console_url
from integrations.models import Workspace

#: Of the panel's script; raised with what the server must know of (``presence.OLDEST_SCRIPT``).
SCRIPT_VERSION = 1


@require_safe
@xframe_options_sameorigin
def panel_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The panel of one workspace, docked in the console or in a window of its own."""
    workspace = Workspace(slug=slug)  # only for its addresses: whether it exists is not told here
    place = {
        "workspace": slug,
        "script_version": SCRIPT_VERSION,
        "session_url": reverse("panel_session"),
        "session_end_url": reverse("panel_session_end"),
        "state_url": reverse("panel_state"),
        "heartbeat_url": reverse("panel_heartbeat"),
        "actions_url": reverse("panel_actions"),
        "recent_url": reverse("panel_recent"),
        "live_url": settings.LIVE_URL,
        "sign_in_url": console_url(workspace, "panel_sign_in"),
    }
    context = {"place": place, "texts": panel_texts()}
    response = TemplateResponse(request, "patchbay/softphone/panel.html", context)
    allowing = csp_replace(
        {
            "frame-ancestors": ["'self'"],
            "connect-src": ["'self'", _origin_of(settings.LIVE_URL)],
        }
    )
    return allowing(lambda _request: response)(request)  # type: ignore[return-value]


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
