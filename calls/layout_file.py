"""Reading softphone layouts from Salesforce's JSON, with everything that is wrong at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from calls.events import Direction
from calls.layout_settings import (
    CALL_TYPES,
    NAMED_POPS,
    NEW_OBJECTS,
    OFFERED_POPS,
    RELATED_FIELDS,
    SEARCHED_OBJECTS,
    USUAL_POPS,
    CallTypeSettings,
    DisplayedField,
    LayoutSettings,
    Matches,
    Pop,
    PopKind,
)

#: Characters; a layout with every standard object and field has a few thousand.
LONGEST_FILE = 200_000
#: An API name, with a namespace and __c where it has them.
_API_NAME = re.compile(r"[A-Za-z]\w{0,79}")
_WINDOWS = {"ExistingWindow": False, "NewWindow": True}
#: Open CTI's guide and the metadata differ by a letter.
_WINDOW_KEYS = ("screenPopsOpenWithin", "screenPopOpenWithin")


class LayoutRefused(ValueError):  # noqa: N818
    """It is no layout; ``problems`` are sentences that each begin with where."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def read_layout_file(text: str) -> LayoutSettings:
    """The layout in a file or an answer of getSoftphoneLayout. Raises LayoutRefused."""
    if len(text) > LONGEST_FILE:
        raise LayoutRefused([_("This is far longer than a softphone layout.")])
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = (
            f" ({error.lineno}:{error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise LayoutRefused([_("This is not JSON.") + where]) from error
    # Open CTI hands the layout over inside its answer.
    if isinstance(data, dict) and isinstance(data.get("returnValue"), dict):
        data = data["returnValue"]
    return read_layout(data)


def read_layout(data: Any) -> LayoutSettings:
    """The layout that Salesforce's JSON describes. Raises LayoutRefused with every problem."""
    reader = _Reader()
    if not isinstance(data, Mapping):
        raise LayoutRefused([_("A layout is an object with Internal, Inbound and Outbound.")])
    call_types = {
        direction: reader.call_type(data, direction, name) for direction, name in CALL_TYPES.items()
    }
    pops, opens_new_window = reader.pops(data)
    if reader.problems:
        raise LayoutRefused(reader.problems)
    return LayoutSettings(call_types, pops, opens_new_window)


class _Reader:
    """Collects what is wrong, so that an admin mends a file in one go."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def refuse(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")

    def object_at(self, data: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
        """The object below a key; an empty one, with a problem, where there is none."""
        value = data.get(key, {})
        if isinstance(value, Mapping):
            return value
        self.refuse(where, _("an object is expected."))
        return {}

    def call_type(
        self, data: Mapping[str, Any], direction: Direction, name: str
    ) -> CallTypeSettings:
        if name not in data:
            self.refuse(name, _("this call type is missing."))
            return CallTypeSettings((), {})
        settings = self.object_at(data, name, name)
        if direction != "inbound" and settings.get("screenPopSettings"):
            self.refuse(f"{name}.screenPopSettings", _("screen pops can be set for Inbound alone."))
        objects = self._objects(settings, f"{name}.objects")
        if direction != "internal" and not objects.keys() & set(SEARCHED_OBJECTS):
            self.refuse(
                f"{name}.objects",
                _("Contact, Account or Lead must be among them; nothing else is found by number."),
            )
        return CallTypeSettings(self._related_fields(settings, name), objects)

    def _related_fields(self, settings: Mapping[str, Any], name: str) -> tuple[str, ...]:
        where = f"{name}.callRelatedFields"
        listed = settings.get("callRelatedFields", [])
        if not isinstance(listed, list):
            self.refuse(where, _("a list is expected."))
            return ()
        for unknown in (one for one in listed if one not in RELATED_FIELDS):
            self.refuse(where, _("“%(name)s” is none of ANI, DNIS, SEGMENT, QUEUE.")
                        % {"name": _short(unknown)})  # fmt: skip
        return tuple(one for one in RELATED_FIELDS if one in listed)

    def _objects(
        self, settings: Mapping[str, Any], where: str
    ) -> Mapping[str, tuple[DisplayedField, ...]]:
        listed = self.object_at(settings, "objects", where)
        objects = {}
        for name, shown in listed.items():
            if not _API_NAME.fullmatch(str(name)):
                self.refuse(where, _("“%(name)s” is no API name.") % {"name": _short(name)})
            objects[str(name)] = self._fields(shown, f"{where}.{_short(name)}")
        return objects

    def _fields(self, shown: Any, where: str) -> tuple[DisplayedField, ...]:
        if not isinstance(shown, list):
            self.refuse(where, _("a list of fields is expected."))
            return ()
        fields = []
        for number, one in enumerate(shown, start=1):
            api_name = one.get("apiName") if isinstance(one, Mapping) else None
            if not isinstance(api_name, str) or not api_name:
                self.refuse(f"{where}[{number}]", _("a field with apiName is expected."))
                continue
            fields.append(DisplayedField(str(one.get("displayName") or api_name), api_name))
        return tuple(fields)

    def pops(self, data: Mapping[str, Any]) -> tuple[Mapping[Matches, Pop], bool]:
        inbound = data.get("Inbound")
        if not isinstance(inbound, Mapping):
            return USUAL_POPS, False
        where = "Inbound.screenPopSettings"
        settings = self.object_at(inbound, "screenPopSettings", where)
        known = {*Matches, *_WINDOW_KEYS}
        for unknown in (key for key in settings if key not in known):
            self.refuse(where, _("“%(name)s” is unknown.") % {"name": _short(unknown)})
        pops = {matches: self._pop(settings, matches, where) for matches in Matches}
        window = next((settings[key] for key in _WINDOW_KEYS if key in settings), "ExistingWindow")
        if not isinstance(window, str) or window not in _WINDOWS:
            self.refuse(
                f"{where}.screenPopsOpenWithin", _("ExistingWindow or NewWindow is expected.")
            )
            return pops, False
        return pops, _WINDOWS[window]

    def _pop(self, settings: Mapping[str, Any], matches: Matches, where: str) -> Pop:
        where = f"{where}.{matches.value}"
        if matches.value not in settings:
            # Salesforce leaves out what it does not pop.
            return Pop(PopKind.NOTHING)
        data = self.object_at(settings, matches.value, where)
        kind, target = data.get("screenPopType"), data.get("screenPopData") or ""
        offered = [one.value for one in OFFERED_POPS[matches]]
        if kind not in offered or not isinstance(target, str):
            self.refuse(
                f"{where}.screenPopType",
                _("one of %(words)s is expected.") % {"words": ", ".join(offered)},
            )
            return Pop(PopKind.NOTHING)
        pop = Pop(PopKind(kind), "" if target == "None" else target)
        if problem := find_problem(matches, pop):
            self.refuse(f"{where}.screenPopData", problem)
        return pop


def find_problem(matches: Matches, pop: Pop) -> str:
    """What is wrong with the target of a setting; empty if nothing is."""
    if pop.kind in NAMED_POPS and not _API_NAME.fullmatch(pop.target):
        return _("the name of a page or flow is expected.")
    makes_new = pop.kind is PopKind.ENTITY and matches is Matches.NONE
    if makes_new and pop.target and pop.target not in NEW_OBJECTS:
        return _("New can make %(objects)s.") % {"objects": ", ".join(NEW_OBJECTS)}
    return ""


def _short(value: Any) -> str:
    """What stood there, as far as a sentence has room for it."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 40 else f"{text[:39]}…"
