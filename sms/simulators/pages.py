"""The handsets, as conversations in which a person can answer."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from integrations.simulators.control import ControlError

from .carrier import Carrier
from .texts import Text, with_plus

SHOWN_HANDSETS = 30
SHOWN_TEXTS = 60
_PAGE = Template((Path(__file__).parent / "templates" / "page.html").read_text(encoding="utf-8"))
_FORM_FIELDS = ("from", "text", "to", "gateway")


def make_routes(carrier: Carrier) -> list[Route]:
    """The addresses of the page."""

    async def show(request: Request) -> Response:
        return HTMLResponse(_render_page(carrier, request.query_params.get("handset", "")))

    async def show_live(request: Request) -> Response:
        return HTMLResponse(_render_live(carrier, request.query_params.get("handset", "")))

    async def write(request: Request) -> Response:
        form = await request.form()
        given = {name: str(form[name]).strip() for name in _FORM_FIELDS if form.get(name)}
        handset = with_plus(given.get("from", ""))
        try:
            carrier.reply(given)
        except ControlError as error:
            page = _render_page(carrier, handset, problem=str(error))
            return HTMLResponse(page, status_code=error.status)
        return RedirectResponse(f"/?handset={handset.replace('+', '%2B')}", status_code=303)

    async def switch(request: Request) -> Response:
        form = await request.form()
        try:
            carrier.now_and_then.switch(on=form.get("on") == "yes")
        except ControlError as error:
            page = _render_page(carrier, "", problem=str(error))
            return HTMLResponse(page, status_code=error.status)
        return RedirectResponse("/", status_code=303)

    return [
        Route("/", show, methods=["GET"]),
        Route("/live", show_live, methods=["GET"]),
        Route("/texts", write, methods=["POST"]),
        Route("/now-and-then", switch, methods=["POST"]),
    ]


def _render_page(carrier: Carrier, handset: str, problem: str = "") -> str:
    chosen = handset or next(iter(_handsets(carrier)), "")
    return _PAGE.substitute(
        handset=escape(chosen),
        query=escape(chosen.replace("+", "%2B")),
        problem=f'<p class="note" role="alert">{escape(problem)}</p>' if problem else "",
        live=_render_live(carrier, chosen),
        reply=_render_reply(chosen) if chosen else "",
        now_and_then=_render_switch(carrier),
    )


def _render_switch(carrier: Carrier) -> str:
    if not carrier.now_and_then.handsets:
        return ""
    is_on = carrier.now_and_then.is_on
    says = (
        "Somebody writes every few minutes, and most people answer."
        if is_on
        else "Nobody writes or answers unless you do it for them."
    )
    return (
        "<h2>Texts that come by themselves</h2>"
        f'<form method="post" action="/now-and-then"><span>{says}</span> '
        f'<input type="hidden" name="on" value="{"" if is_on else "yes"}">'
        f"<button>{'Stop that' if is_on else 'Let people write now and then'}</button></form>"
    )


def _handsets(carrier: Carrier) -> list[str]:
    """Who wrote or was written to, the latest first."""
    return list(dict.fromkeys(text.handset for text in reversed(carrier.texts)))[:SHOWN_HANDSETS]


def _render_live(carrier: Carrier, handset: str) -> str:
    handsets = _handsets(carrier)
    if not handsets:
        return "<p>No handset has heard anything yet. Send a text from the console.</p>"
    links = "".join(_render_link(carrier, one, is_open=one == handset) for one in handsets)
    texts = [text for text in carrier.texts if text.handset == handset][-SHOWN_TEXTS:]
    return (
        f'<nav aria-label="Handsets"><ul>{links}</ul></nav>'
        f'<section aria-label="Conversation"><ol>{"".join(map(_render_text, texts))}</ol></section>'
    )


def _render_link(carrier: Carrier, handset: str, *, is_open: bool) -> str:
    last = next(text for text in reversed(carrier.texts) if text.handset == handset)
    current = ' aria-current="true"' if is_open else ""
    return (
        f'<li><a href="/?handset={escape(handset.replace("+", "%2B"))}"{current}>'
        f"<strong>{escape(handset)}</strong> <small>{escape(last.text[:60])}</small></a></li>"
    )


def _render_text(text: Text) -> str:
    is_theirs = text.direction == "inbound"
    parts = f" · {len(text.parts)} parts" if len(text.parts) > 1 else ""
    state = f" · {text.reports[-1]}" if text.reports else ""
    who = f"to {text.our_number}" if is_theirs else f"from {text.our_number}"
    return (
        f'<li class="{"mine" if is_theirs else "theirs"}"><p>{escape(text.text)}</p>'
        f"<small>{escape(text.at[11:19])} UTC · {escape(who)} by {text.gateway}"
        f"{escape(parts + state)}</small></li>"
    )


def _render_reply(handset: str) -> str:
    return (
        '<form method="post" action="/texts">'
        f'<input type="hidden" name="from" value="{escape(handset)}">'
        f"<label>Answer from {escape(handset)}"
        '<input name="text" required autocomplete="off" value="STOP"></label>'
        '<button class="main">Send</button></form>'
    )
