"""The cells of ``integrations.admin.cells`` for templates."""

from django import template

from integrations.admin import cells

register = template.Library()

register.simple_tag(cells.moment)
register.simple_tag(cells.phone_number)
register.simple_tag(cells.outside_link)
register.filter(cells.duration)
register.filter(cells.evidence)
