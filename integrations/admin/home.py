"""Home: what needs attention, today against a usual day, the latest calls, the first steps."""

import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from integrations.admin.figures import show_figures
from integrations.admin.site import console_page, console_site
from integrations.home import HomeView, describe_home
from integrations.policy import membership_of
from integrations.roles import Capability

_PLACE = "place-"


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
    """The part that changes; 204 while the browser's copy still says the same.

    With the places that the copy's lists end at, newer rows are only announced.
    """
    context = _describe(request)
    if request.GET.get("marker") == context["marker"]:
        return HttpResponse(status=204)
    return render(request, "patchbay/parts/home_live.html", context)


def _describe(request: HttpRequest) -> dict[str, Any]:
    membership = membership_of(request)
    places = {
        name.removeprefix(_PLACE): str(place)
        for name, place in request.GET.items()
        if name.startswith(_PLACE)
    }
    home = describe_home(membership, places)
    marker = _marker_of(home)
    return {
        "home": home,
        "marker": marker,
        "figures": show_figures(home.figures, membership.workspace),
        "again": _address(home, marker),
    }


def _marker_of(home: HomeView) -> str:
    """A change is a change of what is shown: plain values, times included."""
    shown = (home.matters, home.figures, home.checklists, [one.page for one in home.lists])
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _address(home: HomeView, marker: str) -> str:
    """Where the copy that this answer makes asks what has changed since."""
    places = {f"{_PLACE}{one.about.key}": one.page.place for one in home.lists if one.page.place}
    return f"{reverse('admin:home_live')}?{urlencode({'marker': marker, **places})}"
