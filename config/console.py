"""How the theme dresses our two sites: names of callables, colours, our style sheet."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _style_sheet(request: HttpRequest) -> str:
    return static("patchbay/console.css")


def _record_pages_style_sheet(request: HttpRequest) -> str:
    return static("patchbay/records.css")


def _icon(request: HttpRequest) -> str:
    return static("patchbay/icon.svg")


def _script(request: HttpRequest) -> str:
    return static("patchbay/console.js")


_COLOURS: dict[str, dict[str, str]] = {
    # A blue that stays apart from the chips' green, amber and red; dark enough for white text.
    "primary": {
        "50": "oklch(97% .014 240)",
        "100": "oklch(94% .03 240)",
        "200": "oklch(89% .06 240)",
        "300": "oklch(82% .1 240)",
        "400": "oklch(74% .14 240)",
        "500": "oklch(63% .16 245)",
        "600": "oklch(52% .16 250)",
        "700": "oklch(46% .15 252)",
        "800": "oklch(40% .12 254)",
        "900": "oklch(35% .1 256)",
        "950": "oklch(27% .07 258)",
    },
}

UNFOLD_CONSOLE: dict[str, Any] = {
    "SITE_TITLE": "Patchbay",
    "SITE_HEADER": "integrations.admin.menu.workspace_name",
    "SITE_SUBHEADER": "integrations.admin.menu.member_roles",
    "SITE_SYMBOL": "cable",
    "SITE_URL": None,
    "SITE_DROPDOWN": "integrations.admin.menu.workspace_switcher",
    "ENVIRONMENT": "integrations.admin.menu.environment",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _icon}],
    "STYLES": [_style_sheet, _record_pages_style_sheet],
    "SCRIPTS": [_script],
    "ACCOUNT": {"navigation": "integrations.admin.menu.account_links"},
    "SIDEBAR": {
        "show_search": True,
        "navigation": "integrations.admin.menu.sidebar",
    },
    "COLORS": _COLOURS,
}

#: The operators' site under /ops/ (the theme's default settings name).
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Patchbay operations",
    "SITE_HEADER": "Operations",
    "SITE_SYMBOL": "engineering",
    "SITE_URL": None,
    "SHOW_HISTORY": False,
    "SITE_FAVICONS": UNFOLD_CONSOLE["SITE_FAVICONS"],
    "STYLES": [_style_sheet],
    "SIDEBAR": {
        "navigation": [
            {
                "title": "",
                "items": [
                    {
                        "title": "Queues",
                        "icon": "stacks",
                        "link": reverse_lazy("admin:django_rq_home"),
                    }
                ],
            }
        ],
    },
    "COLORS": _COLOURS,
}
