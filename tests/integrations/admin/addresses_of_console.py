"""Every address of the console, read from its URL table."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver

from integrations.admin.site import console_site

_PARAMETER = re.compile(r"<[^>]+>")
#: Patterns that are regular expressions cannot be filled in by rule.
_EXPRESSIONS = {"app_list": "integrations/", "": "no/such/page/"}


def console_paths(fill: object) -> Iterator[str]:
    """Each address below /w/<slug>/, with ``fill`` for every parameter."""
    for route, name in _routes(console_site.get_urls(), ""):
        path = _EXPRESSIONS.get(name, route) if "(?P" in route else route
        yield _PARAMETER.sub(str(fill), path)


def _routes(patterns: list[Any], prefix: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.name or ""
