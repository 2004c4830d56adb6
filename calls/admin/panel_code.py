"""The console's part in opening a softphone panel: the code that a signed-in member may give it.

The script of the console's head line fetches it, for a panel that is docked there or that opened
the page (RULES F11).
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _

from calls.models import SoftphoneUser
from calls.panel_sessions import CODE_SECONDS, ask_code
from integrations.admin.site import console_page, console_site
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


@console_site.page(
    "calls/panel/sign-in/",
    name="panel_sign_in",
    title=_("Softphone"),
    capability=Capability.USE_SOFTPHONE,
    group="Calls",
    in_menu=False,
)
def panel_sign_in(request: HttpRequest) -> HttpResponse:
    """The small window that a panel opens; it is closed as soon as the panel has its code."""
    users = SoftphoneUser.objects.filter(membership=membership_of(request))
    context = {"is_user": users.exists()}
    return console_page(request, "patchbay/softphone/sign_in.html", context, title=_("Softphone"))
