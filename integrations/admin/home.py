"""Home: what needs attention, today's numbers, the latest calls, the first steps."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from integrations.admin.site import console_page, console_site
from integrations.home import describe_home
from integrations.policy import membership_of
from integrations.roles import Capability


@console_site.page(
    "", name="index", title=_("Home"), capability=Capability.VIEW_HOME, group="Home", icon="home"
)
def home_page(request: HttpRequest) -> HttpResponse:
    """The page that people open first; its changing part asks for itself again."""
    return console_page(request, "patchbay/home.html", _describe(request), title=_("Home"))


@console_site.page(
    "home/live/",
    name="home_live",
    title=_("Home"),
    capability=Capability.VIEW_HOME,
    group="Home",
    in_menu=False,
)
def home_live(request: HttpRequest) -> HttpResponse:
    """The part that changes; 204 while the browser's copy still says the same."""
    context = _describe(request)
    if request.GET.get("marker") == context["marker"]:
        return HttpResponse(status=204)
    return render(request, "patchbay/parts/home_live.html", context)


def _describe(request: HttpRequest) -> dict[str, Any]:
    home = describe_home(membership_of(request))
    # A change is a change of what is shown: the descriptions are plain values, times included.
    marker = hashlib.sha256(repr(home).encode()).hexdigest()[:16]
    return {"home": home, "marker": marker}
