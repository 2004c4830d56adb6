"""The console: an admin site per workspace, open to its members by capability (RULES F1, F2).

Pages of our own are registered by decorator and stand in the same menu as the model pages::

    @console_site.page(
        "salesforce/connection/",
        name="salesforce_connection",
        title=_("Connection"),
        capability=Capability.MANAGE_SALESFORCE,
        group="Salesforce",
        icon="cloud",
    )
    def connection_page(request: HttpRequest) -> HttpResponse:
        return console_page(request, "patchbay/salesforce/connection.html", {...})

The site enforces capability and method, so a page cannot forget to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.functional import Promise
from unfold.sites import UnfoldAdminSite

from integrations.addresses import root_url
from integrations.admin.search import SHORTEST_TERM, find_everywhere
from integrations.policy import membership_of, require
from integrations.roles import Capability
from integrations.subscriptions import Entitlement, includes, name_of, names_with

PageView = Callable[..., HttpResponse]

#: Of the admin's own pages: one tells of rows by content type and id, whatever their workspace.
_LEFT_OUT = frozenset({"view_on_site", "password_change_done"})


@dataclass(frozen=True, kw_only=True)
class ConsolePage:
    """A registered page: where it is, who may open it, and its place in the menu."""

    route: str
    name: str
    title: str | Promise
    capability: Capability
    group: str
    icon: str
    order: int
    in_menu: bool
    methods: tuple[str, ...]
    entitlement: Entitlement | None
    view: PageView

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        membership = membership_of(request)
        require(membership, self.capability)
        if request.method not in self.methods:
            return HttpResponseNotAllowed(self.methods)
        if self.entitlement and not includes(membership.workspace.subscription, self.entitlement):
            return self._say_not_included(request, membership.workspace.subscription)
        return self.view(request, *args, **kwargs)

    def _say_not_included(self, request: HttpRequest, subscription: str) -> HttpResponse:
        return console_page(
            request,
            "patchbay/not_included.html",
            describe_subscription(subscription),
            title=self.title,
            status=200 if request.method == "GET" else 403,
        )


class ConsoleSite(UnfoldAdminSite):
    """The members' site. What a person may see is the policy's to say, never ``is_staff``."""

    settings_name = "UNFOLD_CONSOLE"

    def __init__(self, name: str = "console") -> None:
        super().__init__(name)
        self.empty_value_display = "–"
        self.pages: list[ConsolePage] = []

    def page(
        self,
        route: str,
        *,
        name: str,
        title: str | Promise,
        capability: Capability,
        group: str,
        icon: str = "",
        order: int = 50,
        in_menu: bool = True,
        methods: tuple[str, ...] = ("GET",),
        entitlement: Entitlement | None = None,
    ) -> Callable[[PageView], PageView]:
        """Register a view as the page ``admin:<name>``; ``order`` sorts it within its group.

        A route with parameters is never in the menu. Where the workspace's subscription lacks
        ``entitlement``, the page says so instead of opening.
        """

        def register(view: PageView) -> PageView:
            self.pages.append(
                ConsolePage(
                    route=route,
                    name=name,
                    title=title,
                    capability=capability,
                    group=group,
                    icon=icon,
                    order=order,
                    in_menu=in_menu and "<" not in route,
                    methods=methods,
                    entitlement=entitlement,
                    view=view,
                )
            )
            return view

        return register

    def extra_urls(self) -> list[URLPattern]:
        """The registered pages, ahead of the model pages; the one named index is Home."""
        return [path(page.route, self.admin_view(page), name=page.name) for page in self.pages]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [url for url in super().get_urls() if getattr(url, "name", "") not in _LEFT_OUT]

    def has_permission(self, request: HttpRequest) -> bool:
        return getattr(request, "membership", None) is not None

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Nothing: the menu is ``integrations.admin.menu``, and has no apps."""
        return []

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Breadcrumbs of the admin's templates lead here; apps are no idea of our users."""
        return HttpResponseRedirect(reverse("admin:index"))

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """As typed at the top left; the theme's own search caches across workspaces."""
        term = request.GET.get("s", "").strip()
        results = find_everywhere(self, request, term)
        is_futile = len(term) >= SHORTEST_TERM and not results
        return TemplateResponse(
            request,
            "patchbay/parts/found_nothing.html"
            if is_futile
            else "unfold/helpers/search_results.html",
            {"results": results},
            headers={"HX-Trigger": "search"},
        )

    # Signing in and out, and passwords, are allauth's; its pages stand outside any workspace.

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who is signed in already must not be sent round in a circle."""
        if request.user.is_authenticated:
            return HttpResponseRedirect(root_url(settings.LOGIN_REDIRECT_URL))
        return redirect_to_login(reverse("admin:index"), root_url(settings.LOGIN_URL))

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(root_url("account_logout"), preserve_request=True)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(root_url("account_change_password"))


def console_page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    title: str | Promise,
    status: int = 200,
) -> TemplateResponse:
    """Render a page inside the console's frame; the template extends ``patchbay/page.html``."""
    request.current_app = console_site.name
    return TemplateResponse(
        request,
        template,
        {**console_site.each_context(request), "title": title, **context},
        status=status,
    )


def describe_subscription(subscription: str) -> dict[str, Any]:
    """The context of ``patchbay/parts/not_included.html``."""
    return {
        "subscription": name_of(subscription),
        "subscriptions": names_with(Entitlement.SALESFORCE),
        "plans_url": settings.PLANS_URL,
    }


console_site = ConsoleSite()
