"""The cells of ``integrations.admin.cells``, and the steps to a page, for templates."""

from typing import TYPE_CHECKING, Any

from django import template
from django.template import Context

from integrations.admin import cells

if TYPE_CHECKING:
    from integrations.admin.breadcrumbs import Crumb

register = template.Library()

register.simple_tag(cells.moment)
register.simple_tag(cells.phone_number)
register.simple_tag(cells.outside_link)
register.filter(cells.duration)
register.filter(cells.evidence)


@register.simple_tag(takes_context=True)
def breadcrumbs(context: Context) -> "list[Crumb]":
    """The steps to this page; none outside a workspace."""
    # The theme loads tag libraries while it is imported, before our admin classes exist.
    from integrations.admin.breadcrumbs import describe_place

    values: dict[str, Any] = dict(context.flatten())  # type: ignore[arg-type]
    request = values.get("request")
    if request is None or getattr(request, "membership", None) is None:
        return []
    return describe_place(request, values)
