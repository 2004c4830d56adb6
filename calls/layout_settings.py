"""What a softphone layout says, in Salesforce's own words and shape (CRC-14 to CRC-17). Pure.

The shape is what Open CTI's getSoftphoneLayout answers: ``Internal``, ``Inbound`` and ``Outbound``,
each with ``callRelatedFields``, ``objects`` and ``screenPopSettings``. Screen pops exist for
inbound calls alone. Patchbay searches Contact, Account and Lead; other objects are kept, so that an
export gives back what was imported, but never searched (RULES B1, CRC-37).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from calls.events import Direction
from integrations.frozen_json import JsonObject

#: What a search can find by number (B1); a layout leaves out some of them.
SEARCHED_OBJECTS = ("Contact", "Account", "Lead")
#: What New can make.
NEW_OBJECTS = ("Lead", "Contact", "Account", "Case")
#: The field that takes the number in a new record's form; only a Case has no Phone of its own.
NEW_PHONE_FIELDS = {**dict.fromkeys(NEW_OBJECTS, "Phone"), "Case": "SuppliedPhone"}
#: CRC-16: what New makes where the layout names nothing.
USUAL_NEW_OBJECT = "Lead"
#: Call facts that a layout shows: caller's number, number called, choice in the menu, queue.
RELATED_FIELDS = ("ANI", "DNIS", "SEGMENT", "QUEUE")

CALL_TYPES: Mapping[Direction, str] = {
    "internal": "Internal",
    "inbound": "Inbound",
    "outbound": "Outbound",
}


class PopKind(StrEnum):
    """What opens inside Salesforce, by Salesforce's names (``screenPopType``)."""

    NOTHING = "DoNotPop"
    ENTITY = "PopToEntity"
    SEARCH = "PopToSearch"
    PAGE = "PopToVisualforce"
    FLOW = "PopToFlow"


class Matches(StrEnum):
    """How many records hold the number, by Salesforce's names."""

    NONE = "NoMatch"
    ONE = "SingleMatch"
    SEVERAL = "MultipleMatches"


#: What Salesforce offers for each.
OFFERED_POPS: Mapping[Matches, tuple[PopKind, ...]] = {
    Matches.NONE: (PopKind.NOTHING, PopKind.ENTITY, PopKind.PAGE, PopKind.FLOW),
    Matches.ONE: (PopKind.NOTHING, PopKind.ENTITY, PopKind.PAGE, PopKind.FLOW),
    Matches.SEVERAL: (PopKind.NOTHING, PopKind.SEARCH, PopKind.PAGE, PopKind.FLOW),
}
#: Kinds whose ``screenPopData`` names a page or flow.
NAMED_POPS = (PopKind.PAGE, PopKind.FLOW)


@dataclass(frozen=True, slots=True)
class Pop:
    """One setting; ``target`` is the object, page or flow where the kind has one."""

    kind: PopKind
    target: str = ""

    def to_json(self) -> JsonObject:
        """As Salesforce writes it."""
        data = {"screenPopData": self.target} if self.target else {}
        return {"screenPopType": self.kind.value, **data}


#: Salesforce's own defaults (K-04, CRC-14): only a single match opens.
USUAL_POPS: Mapping[Matches, Pop] = {
    Matches.NONE: Pop(PopKind.NOTHING),
    Matches.ONE: Pop(PopKind.ENTITY),
    Matches.SEVERAL: Pop(PopKind.NOTHING),
}


@dataclass(frozen=True, slots=True)
class DisplayedField:
    """A field of a record that the softphone shows."""

    label: str
    api_name: str


_NAME = (DisplayedField("Name", "Name"),)


@dataclass(frozen=True, slots=True)
class CallTypeSettings:
    """What holds for calls of one type: the facts shown, and the objects with their fields."""

    related_fields: tuple[str, ...]
    objects: Mapping[str, tuple[DisplayedField, ...]]

    def to_json(self) -> JsonObject:
        """As Salesforce writes it, still without screen pops."""
        objects = {
            name: [{"displayName": one.label, "apiName": one.api_name} for one in shown]
            for name, shown in self.objects.items()
        }
        return {"callRelatedFields": list(self.related_fields), "objects": objects}


@dataclass(frozen=True, slots=True)
class LayoutSettings:
    """A layout as a whole; without arguments it is what Salesforce begins with."""

    call_types: Mapping[Direction, CallTypeSettings] = field(
        default_factory=lambda: {
            "internal": CallTypeSettings(RELATED_FIELDS, {"User": _NAME}),
            "inbound": CallTypeSettings(RELATED_FIELDS, dict.fromkeys(SEARCHED_OBJECTS, _NAME)),
            "outbound": CallTypeSettings(RELATED_FIELDS, dict.fromkeys(SEARCHED_OBJECTS, _NAME)),
        }
    )
    pops: Mapping[Matches, Pop] = field(default_factory=lambda: USUAL_POPS)
    opens_new_window: bool = False

    def searched(self, direction: Direction) -> frozenset[str]:
        """The objects among which a number is looked for (CRC-36); none for internal calls."""
        if direction == "internal":
            return frozenset()
        return frozenset(SEARCHED_OBJECTS).intersection(self.call_types[direction].objects)

    @property
    def new_object(self) -> str:
        """What New and a Pop without a match make (CRC-16, CRC-17, CRC-34)."""
        pop = self.pops[Matches.NONE]
        is_chosen = pop.kind is PopKind.ENTITY and pop.target in NEW_OBJECTS
        return pop.target if is_chosen else USUAL_NEW_OBJECT

    def to_json(self) -> JsonObject:
        """As getSoftphoneLayout answers it."""
        layout = {CALL_TYPES[one]: kept.to_json() for one, kept in self.call_types.items()}
        pops = {matches.value: pop.to_json() for matches, pop in self.pops.items()}
        window = "NewWindow" if self.opens_new_window else "ExistingWindow"
        for name, kept in layout.items():
            is_inbound = name == CALL_TYPES["inbound"]
            kept["screenPopSettings"] = (
                {"screenPopsOpenWithin": window, **pops} if is_inbound else {}
            )
        return layout


def usual_layout() -> JsonObject:
    """Salesforce's defaults as JSON, for new rows."""
    return LayoutSettings().to_json()
