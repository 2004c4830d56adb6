"""Building markup. Every text is escaped unless it is `Html` already."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping

Attribute = str | int | bool | None

_VOID = frozenset({"br", "hr", "input", "link", "meta"})


class Html(str):
    """Text that is markup."""

    __slots__ = ()


def el(name: str, /, *children: str | None, **attributes: Attribute) -> Html:
    """An element. None among the children is nothing.

    Attributes are written as Python allows: `class_`, `aria_label`. True is an attribute without a
    value; False and None leave it out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'


def join(parts: Iterable[str | None], separator: str = "") -> Html:
    """Texts and markup one after the other."""
    return Html(html.escape(separator).join(_escaped(part) for part in parts if part is not None))


def _escaped(part: str) -> str:
    return part if isinstance(part, Html) else html.escape(part)


def link(address: str, text: str, **attributes: Attribute) -> Html:
    """A link."""
    return el("a", text, href=address, **attributes)


def hidden(values: Mapping[str, str]) -> Html:
    """Hidden inputs of a form."""
    return join(
        el("input", type="hidden", name=name, value=value) for name, value in values.items()
    )


def table(head: Iterable[str], rows: Iterable[Iterable[str]], *, label: str) -> Html:
    """A table that scrolls by itself where it is too wide; `label` names it to screen readers."""
    headings = join(el("th", text, scope="col") for text in head)
    body = join(el("tr", join(el("td", cell) for cell in row)) for row in rows)
    whole = el("table", el("thead", el("tr", headings)), el("tbody", body))
    return el("div", whole, class_="scroll", tabindex=0, role="region", aria_label=label)


def facts(pairs: Iterable[tuple[str, str]]) -> Html:
    """Names with their values."""
    return el("dl", join(el("div", el("dt", name), el("dd", value)) for name, value in pairs))


def button(text: str, **attributes: Attribute) -> Html:
    """A button that submits its form."""
    return el("button", text, type="submit", **attributes)


def post_form(address: str, *children: str | None, **attributes: Attribute) -> Html:
    """A form that changes something."""
    return el("form", *children, method="post", action=address, **attributes)


def notice(text: str, kind: str = "info") -> Html:
    """Something to read first; `kind` is info or error."""
    return el("p", text, class_=f"notice {kind}", role="alert" if kind == "error" else "status")
