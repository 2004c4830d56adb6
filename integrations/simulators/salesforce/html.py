"""Filling HTML templates. Every value is escaped unless it is `Html` already."""

from __future__ import annotations

import html
from pathlib import Path
from string import Template

from starlette.responses import HTMLResponse

_TEMPLATES = Path(__file__).with_name("templates")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


class Html(str):
    """Text that is markup."""

    __slots__ = ()


def render(template: str, **values: object) -> Html:
    """A template of the `templates` folder with its `$names` filled in."""
    text = (_TEMPLATES / f"{template}.html").read_text(encoding="utf-8")
    safe = {
        name: value if isinstance(value, Html) else html.escape(str(value))
        for name, value in values.items()
    }
    return Html(Template(text).substitute(safe))


def join(parts: list[Html]) -> Html:
    """Markup one after the other."""
    return Html("".join(parts))


def page(title: str, org_name: str, body: Html, *, status: int = 200) -> HTMLResponse:
    """A whole page of the org."""
    whole = render("page", title=title, org_name=org_name, body=body)
    return HTMLResponse(whole, status, headers=HEADERS)
