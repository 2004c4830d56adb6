"""The pages of Setup. Below `/_sim/` nobody has to log in, and no fault strikes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integrations.simulators.control import ControlError, Controls
from integrations.simulators.salesforce.forms import read_form
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.ui.html import (
    Html,
    button,
    el,
    hidden,
    join,
    link,
    notice,
    post_form,
)
from integrations.simulators.salesforce.ui.setup import state
from integrations.simulators.salesforce.ui.setup.arguments import (
    each_user,
    input_of,
    read_arguments,
)
from integrations.simulators.salesforce.ui.setup.forms import TOPICS, SwitchForm
from integrations.simulators.salesforce.ui.setup.request_log import show_log
from integrations.simulators.salesforce.ui.shell import SETUP, plain_page


class Setup:
    """The Setup of one org."""

    def __init__(self, org: Org, controls: Controls) -> None:
        self._org = org
        self._controls = controls
        self._actions: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
            **controls.actions,
            "add-fault": controls.faults.add,
            "lift-faults": lambda arguments: controls.faults.clear(),
            "reset": lambda arguments: controls.start_anew(),
        }

    def routes(self) -> list[Route]:
        """Where they are, below `/_sim`."""
        here = SETUP.removeprefix("/_sim")
        return [
            Route(here, self.begin),
            Route(f"{here}/{{topic}}", self.show),
            Route(f"{here}/{{topic}}", self.turn, methods=["POST"]),
        ]

    async def begin(self, request: Request) -> Response:
        """The first page."""
        return RedirectResponse(f"{SETUP}/org", 303)

    async def show(self, request: Request) -> Response:
        """One topic: how things stand, and the forms that change them."""
        topic = request.path_params["topic"]
        if topic not in TOPICS:
            raise ControlError(f"no such page; there are: {', '.join(TOPICS)}", 404)
        done = request.query_params.get("done")
        said = notice(f"Done: {done}.") if done else None
        return self._page(topic, dict(request.query_params), said)

    async def turn(self, request: Request) -> Response:
        """Carry one form out through the action that `/_sim/` has for it."""
        form = await read_form(request)
        topic = request.path_params["topic"]
        _, forms = TOPICS.get(topic, ("", ()))
        switch = next((one for one in forms if one.action == form.get("action")), None)
        if switch is None:
            raise ControlError("no such form", 404)
        try:
            for arguments in each_user(self._org, read_arguments(switch, form)):
                self._actions[switch.action](arguments)
        except (ControlError, ValueError) as error:
            return self._page(topic, {}, notice(f"{switch.title}: {error}.", "error"))
        done = urlencode({"done": switch.title})
        return RedirectResponse(f"{SETUP}/{topic}?{done}", 303)

    def _page(self, topic: str, query: Mapping[str, str], said: Html | None) -> Response:
        title, forms = TOPICS[topic]
        tabs = (
            link(f"{SETUP}/{key}", name, aria_current="page" if key == topic else None)
            for key, (name, _) in TOPICS.items()
        )
        menu = el("nav", join(tabs), class_="tabs", aria_label="Setup")
        now = el("section", self._state(topic, query), class_="panel")
        switches = el("div", *(self._form(topic, one) for one in forms), class_="switches")
        return plain_page(f"Setup: {title}", self._org, menu, said, now, switches, wide=True)

    def _state(self, topic: str, query: Mapping[str, str]) -> Html:
        shown: Mapping[str, Callable[[], Html]] = {
            "org": lambda: state.org_state(self._org),
            "permissions": lambda: state.permission_state(self._org, query.get("user", "")),
            "rules": lambda: state.rule_state(self._org),
            "sign-in": lambda: state.sign_in_state(self._org),
            "faults": lambda: state.fault_state(self._controls.faults),
            "requests": lambda: show_log(self._controls.log, query),
        }
        return shown[topic]()

    def _form(self, topic: str, switch: SwitchForm) -> Html:
        about = el("p", switch.about, class_="faint") if switch.about else None
        return post_form(
            f"{SETUP}/{topic}",
            el("h2", switch.title),
            about,
            hidden({"action": switch.action}),
            *(input_of(self._org, switch, one) for one in switch.inputs),
            button(switch.verb or ("Apply" if switch.inputs else switch.title)),
            class_="panel",
        )
