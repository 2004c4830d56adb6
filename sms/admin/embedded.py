"""The composer in a frame of Salesforce, and the console's window that signs it in (MIT-27).

The frame's addresses lie outside the console: they read no cookie, act only for the token that the
request itself carries, and may be framed by the pages of the connected org alone (RULES F8, F10).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt

from integrations.addresses import console_url, root_url
from integrations.admin.site import console_page, console_site
from integrations.embedding import find_framed_workspace, framing_hosts
from integrations.errors import PatchbayError
from integrations.middleware import acting_as
from integrations.models import Membership, Workspace
from integrations.policy import can, membership_of
from integrations.ratelimits import allow
from integrations.roles import Capability
from sms.admin.compose_sheet import Sheet, read_sheet, sent_words
from sms.admin.people import describe_person
from sms.embedding import find_member, issue_token
from sms.models import Message

_TITLE = gettext_lazy("Send SMS")
_RATE = "120/minute"

FrameView = Callable[..., HttpResponse]


def _framed(view: FrameView) -> Callable[..., HttpResponseBase]:
    """For one workspace's address, within the frames of its org; never stored."""

    @csrf_exempt  # the token in the request is what lets it act: no other site knows one
    @xframe_options_exempt  # of which only frame-ancestors can name several hosts
    @wraps(view)
    def answer(request: HttpRequest, workspace_id: int, key: str, **more: Any) -> HttpResponseBase:
        workspace = find_framed_workspace(workspace_id, key)
        if workspace is None:
            raise Http404("There is no such composer.")
        hosts = framing_hosts(workspace) or ["'none'"]
        allowing = csp_replace({"frame-ancestors": hosts})
        response: HttpResponseBase = allowing(lambda one: view(one, workspace, **more))(request)
        response["Cache-Control"] = "no-store"
        return response

    return answer


def _member_of(token: str, workspace: Workspace) -> Membership | None:
    member = find_member(token, workspace)
    if member is None or not can(member, Capability.SEND_MESSAGES):
        return None
    return member if allow("embedded_composer", str(member.pk), _RATE) else None


@_framed
def frame(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    """``record`` is a lead's or contact's id; the token is posted along with everything."""
    if request.method != "POST":
        return _ask_to_sign_in(request, workspace)
    token = request.POST.get("token", "")
    member = _member_of(token, workspace)
    if member is None:
        return _ask_to_sign_in(request, workspace, is_refused=True)
    with acting_as(request, member):
        try:
            recipient, numbers = read_sheet(request, request.GET.get("record", "").strip())
        except PatchbayError as error:
            return _show(request, {"trouble": error.message, "token": token})
        sheet = _FrameSheet(request, recipient, numbers)
        sheet.token, sheet.workspace = token, workspace
        if request.POST.get("act"):
            return sheet.answer()
        return sheet.open()


@_framed
def person(request: HttpRequest, workspace: Workspace, record_id: str) -> HttpResponse:
    """What the preview asks for while somebody writes; the token is in the header."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    member = _member_of(token, workspace) if scheme == "Bearer" else None
    if member is None:
        return JsonResponse({"trouble": _("Sign in again.")}, status=401)
    with acting_as(request, member):
        return describe_person(request, record_id)


class _FrameSheet(Sheet):
    """The form within a frame: every request carries the token."""

    token: str
    workspace: Workspace
    told = ""

    def open(self) -> HttpResponse:
        """The form as it begins."""
        return self._show(self._form(initial={"number": self.phone}))

    def page(self, context: dict[str, Any], status: int) -> HttpResponse:
        return _show(self.request, {**context, "token": self.token, "told": self.told}, status)

    def sent(self, message: Message) -> HttpResponse:
        self.told = sent_words(message)
        return self.open()

    def person_address(self) -> str:
        place = self.request.resolver_match
        kept = place.kwargs if place else {}
        return root_url("sms_embedded_person", **kept, record_id="RECORD")

    def person_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _ask_to_sign_in(
    request: HttpRequest, workspace: Workspace, *, is_refused: bool = False
) -> HttpResponse:
    place = {
        "signIn": console_url(workspace, "sms_composer_sign_in"),
        "isRefused": is_refused,
        "waiting": _("Waiting for the other window…"),
        "blocked": _("The browser opened no window. Allow windows for this page, and try again."),
    }
    context = {"place": place, "is_refused": is_refused}
    return _show(request, context, status=403 if is_refused else 200)


def _show(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(
        request, "patchbay/sms/embedded.html", {"title": _TITLE, **context}, status=status
    )


@console_site.page(
    "sms/compose/embedded/",
    name="sms_composer_sign_in",
    title=_TITLE,
    capability=Capability.SEND_MESSAGES,
    group="SMS",
    in_menu=False,
    methods=("GET", "POST"),
)
def sign_in(request: HttpRequest) -> HttpResponse:
    """The small window that the frame opens: asks once, and hands the token to the frame."""
    member = membership_of(request)
    context: dict[str, Any] = {"member": member}
    if request.method == "POST":
        context["token"] = {"type": "composer:token", "token": issue_token(member)}
    response = console_page(request, "patchbay/sms/embedded_sign_in.html", context, title=_TITLE)
    # The usual policy would part this window from the frame that opened it.
    response["Cross-Origin-Opener-Policy"] = "unsafe-none"
    response["Cache-Control"] = "no-store"
    return response
