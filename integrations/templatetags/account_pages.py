"""What the account pages take from the theme, which they use without its scripts (RULES F8)."""

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString
from unfold.settings import get_config
from unfold.utils import convert_color
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, RADIO_CLASSES

register = template.Library()

_CLASSES_BY_INPUT_TYPE = {"checkbox": CHECKBOX_CLASSES, "radio": RADIO_CLASSES}


@register.simple_tag
def theme_colors() -> list[tuple[str, str]]:
    """The console's colours as CSS custom properties: names and values, both from settings."""
    palettes: dict[str, dict[str, str]] = get_config("UNFOLD_CONSOLE")["COLORS"]
    return [
        (f"--color-{name}-{weight}", convert_color(value))
        for name, weights in palettes.items()
        for weight, value in weights.items()
    ]


@register.filter
def styled(field: BoundField) -> SafeString:
    """A form field's widget, dressed like the console's."""
    return field.as_widget(attrs={"class": input_classes(field.widget_type)})


@register.filter
def input_classes(input_type: str) -> str:
    """The class names of an input of this type (``text``, ``checkbox``, ``radio``…)."""
    return " ".join(_CLASSES_BY_INPUT_TYPE.get(input_type, INPUT_CLASSES))
