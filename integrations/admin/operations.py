"""The operators' site under /ops/: the queues, and no workspace data (RULES F2).

Jobs carry ids only, so what the queue pages show tells nothing about a customer.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django_rq.urls import get_admin_urlpatterns, get_api_urlpatterns
from redis.exceptions import RedisError
from unfold.sites import UnfoldAdminSite


class OperationsSite(UnfoldAdminSite):
    """For staff of the installation who signed in with a second factor."""

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_active and user.is_staff and is_mfa_enabled(user))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say what is missing: a sign-in, the second factor, or the right to be here at all."""
        user = request.user
        if not user.is_authenticated:
            return redirect_to_login(reverse("admin:index"), reverse("account_login"))
        if not user.is_staff:
            raise PermissionDenied("These pages are for the operators of this installation.")
        if self.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        messages.info(request, _("Operators need two-factor authentication: please set it up."))
        return HttpResponseRedirect(reverse("mfa_index"))

    def extra_urls(self) -> list[URLPattern]:
        """The pages of django-rq, all of them behind this site's door."""
        names = "django_rq_"
        machine_pages = get_api_urlpatterns(name_prefix=names)
        for pattern in machine_pages:  # these ask for is_staff alone
            pattern.callback = self._behind_the_door(pattern.callback)
        return [
            *machine_pages,
            *get_admin_urlpatterns(name_prefix=names, view_wrapper=self._behind_the_door),
        ]

    def _behind_the_door(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            request.current_app = self.name
            try:
                return view(request, *args, **kwargs)
            except (RedisError, OSError):
                return self._redis_is_away(request)

        wrapped: Callable[..., HttpResponse] = self.admin_view(page)
        return wrapped

    def _redis_is_away(self, request: HttpRequest) -> HttpResponse:
        context = {**self.each_context(request), "title": _("Queues")}
        return render(request, "patchbay/redis_away.html", context, status=503)
