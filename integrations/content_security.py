"""Which pages get which content security policy (RULES F8)."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ContentSecurityMiddleware(CSPMiddleware):
    """The strict policy everywhere, what the theme needs only on the pages that it draws.

    A view's own ``csp_replace`` or ``csp`` decorator has the last word.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config is None and parts.replace is None and _is_themed(request):
            parts.replace = settings.THEMED_PAGES_SECURITY_DIRECTIVES
        return parts


def _is_themed(request: HttpRequest) -> bool:
    return hasattr(request, "workspace_slug") or request.path_info.startswith("/ops/")
