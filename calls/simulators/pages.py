"""The page on which a person plays the office: place a call, answer, hold, transfer, hang up."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from integrations.simulators.control import ControlError

from .acts import ACTS
from .delivery import Delivery
from .legs import Leg, PhoneCall
from .phone_system import PhoneSystem

SHOWN_CALLS = 20
SHOWN_DELIVERIES = 40
_PAGE = Template((Path(__file__).parent / "templates" / "page.html").read_text(encoding="utf-8"))


def make_routes(phones: PhoneSystem) -> list[Route]:
    """The addresses of the page."""

    async def show(request: Request) -> Response:
        return HTMLResponse(_render_page(phones))

    async def show_live(request: Request) -> Response:
        return HTMLResponse(_render_live(phones))

    async def place(request: Request) -> Response:
        form = _filled_in(await request.form())
        return _carry_out(phones, "place-call", form)

    async def switch(request: Request) -> Response:
        form = await request.form()
        return _carry_out(phones, "now-and-then", {"on": form.get("on") == "yes"})

    async def handle(request: Request) -> Response:
        name = request.path_params["action"]
        if name not in ACTS:
            return Response(status_code=404)
        form = _filled_in(await request.form())
        return _carry_out(phones, name, {**form, "call": request.path_params["call"]})

    return [
        Route("/", show, methods=["GET"]),
        Route("/live", show_live, methods=["GET"]),
        Route("/calls", place, methods=["POST"]),
        Route("/now-and-then", switch, methods=["POST"]),
        Route("/calls/{call}/{action}", handle, methods=["POST"]),
    ]


def _filled_in(form: FormData) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str) and value}


def _carry_out(phones: PhoneSystem, action: str, arguments: Mapping[str, Any]) -> Response:
    try:
        phones.actions[action](arguments)
    except ControlError as error:
        return HTMLResponse(_render_page(phones, problem=str(error)), status_code=error.status)
    return RedirectResponse("/", status_code=303)


def _render_page(phones: PhoneSystem, problem: str = "") -> str:
    listed = [f"{entry.number} {entry.name}" for entry in phones.config.extensions]
    listed += [f"{entry.number} {entry.name} (group)" for entry in phones.config.ring_groups]
    return _PAGE.substitute(
        hook_url=escape(phones.deliverer.hook_url or "nowhere"),
        extensions=escape(", ".join(listed)),
        caller=escape(phones.config.caller_example),
        now_and_then=_render_switch(phones),
        problem=f'<p class="note" role="alert">{escape(problem)}</p>' if problem else "",
        live=_render_live(phones),
    )


def _render_switch(phones: PhoneSystem) -> str:
    if not phones.now_and_then.callers:
        return ""
    is_on = phones.now_and_then.is_on
    says = "Somebody calls now and then." if is_on else "Nobody calls unless you place a call."
    return (
        "<h2>Calls that come by themselves</h2>"
        f'<form method="post" action="/now-and-then"><span>{says}</span> '
        f'<input type="hidden" name="on" value="{"" if is_on else "yes"}">'
        f"<button>{'Stop that' if is_on else 'Let people call now and then'}</button></form>"
    )


def _render_live(phones: PhoneSystem) -> str:
    calls = "".join(_render_call(call) for call in reversed(phones.calls[-SHOWN_CALLS:]))
    latest = reversed(phones.deliverer.deliveries[-SHOWN_DELIVERIES:])
    return _render_table(
        "Calls", ("Call", "Legs", "What you can do"), calls, "No calls yet."
    ) + _render_table(
        "Deliveries",
        ("Number", "Id", "Event", "Call", "State", "Last answer"),
        "".join(map(_render_delivery, latest)),
        "Nothing was sent yet.",
    )


def _render_table(title: str, heads: tuple[str, ...], rows: str, empty: str) -> str:
    if not rows:
        return f"<h2>{title}</h2><p>{empty}</p>"
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        f'<h2>{title}</h2><div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _render_call(call: PhoneCall) -> str:
    legs = "<br>".join(map(_render_leg, call.legs))
    buttons = " ".join(_render_buttons(call))
    title = f"{call.direction}<br><code>{escape(call.key)}</code>"
    return f"<tr><td>{title}</td><td>{legs}</td><td>{buttons}</td></tr>"


def _render_leg(leg: Leg) -> str:
    state = f"{leg.state}, {leg.end_cause}" if leg.end_cause else leg.state
    consulted = " (consulted)" if leg.consulted_by else ""
    return escape(f"{leg.extension} ↔ {leg.external_raw}: {state}{consulted}")


def _render_buttons(call: PhoneCall) -> list[str]:
    """Only what is possible now."""
    rung = call.legs[1:] if call.direction == "internal" else call.legs
    buttons = [
        _render_button(call, "answer", f"Answer {leg.extension}", leg)
        for leg in rung
        if leg.state == "ringing"
    ]
    for leg in call.legs:
        if leg.is_talking and not leg.consulted_by:
            name = "resume" if leg.state == "held" else "hold"
            buttons.append(_render_button(call, name, f"{name.title()} {leg.extension}", leg))
    if any(leg.is_talking for leg in call.legs):
        buttons.append(_render_transfer(call))
    if not call.is_over:
        buttons.append(_render_button(call, "hangup", "Hang up"))
    return buttons


def _render_button(call: PhoneCall, action: str, label: str, leg: Leg | None = None) -> str:
    hidden = (
        f'<input type="hidden" name="extension" value="{escape(leg.extension)}">' if leg else ""
    )
    return (
        f'<form method="post" action="/calls/{quote(call.key)}/{action}">{hidden}'
        f"<button>{escape(label)}</button></form>"
    )


def _render_transfer(call: PhoneCall) -> str:
    consults = [leg for leg in call.legs if leg.consulted_by and leg.state != "ended"]
    if consults and not consults[0].is_talking:
        return ""
    if consults:
        return (
            f'<form method="post" action="/calls/{quote(call.key)}/transfer">'
            '<input type="hidden" name="kind" value="attended">'
            "<button>Complete the transfer</button></form>"
        )
    address = f"/calls/{quote(call.key)}"
    return (
        f'<form method="post" action="{address}/transfer">'
        '<input name="to" size="6" required aria-label="Transfer to">'
        "<button>Transfer blind</button>"
        f'<button formaction="{address}/consult">Ask first</button></form>'
    )


def _render_delivery(delivery: Delivery) -> str:
    last = delivery.attempts[-1] if delivery.attempts else None
    answer = f"{last.status or 'no answer'} {last.answer}" if last else ""
    tries = f" after {len(delivery.attempts)} attempts" if len(delivery.attempts) > 1 else ""
    cells = (
        str(delivery.number),
        delivery.webhook_id,
        delivery.type,
        delivery.call_key,
        delivery.state + tries,
        answer[:120],
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
