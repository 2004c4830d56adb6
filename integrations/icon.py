"""``/favicon.ico``, which browsers ask for on pages that name no icon."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The console's icon, wherever this release keeps it."""
    return HttpResponseRedirect(static("patchbay/icon.svg"))
