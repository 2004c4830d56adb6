"""The console's part in opening a softphone panel: the code that a signed-in member may give it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from calls.panel_sessions import CODE_SECONDS, ask_code
from integrations.admin.site import console_site
from integrations.policy import membership_of
from integrations.roles import Capability


@console_site.page(
    "calls/panel/code/",
    name="panel_code",
    title=_("Softphone"),
    capability=Capability.USE_SOFTPHONE,
    group="Calls",
    in_menu=False,
    methods=("POST",),
)
def panel_code(request: HttpRequest) -> HttpResponse:
    """A one-time code for the panel whose ``challenge`` is posted (RFC 7636, S256)."""
    try:
        code = ask_code(membership_of(request), request.POST.get("challenge", ""))
    except ValueError as error:
        return JsonResponse({"error": str(error)}, status=400)
    answer = JsonResponse({"code": code, "expires_in": CODE_SECONDS})
    answer["Cache-Control"] = "no-store"
    return answer
