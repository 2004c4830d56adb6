"""A softphone layout in people's words; what is kept has Salesforce's shape."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from calls.events import Direction
from calls.layout_file import find_problem, read_layout
from calls.layout_settings import (
    NAMED_POPS,
    NEW_OBJECTS,
    OFFERED_POPS,
    RELATED_FIELDS,
    SEARCHED_OBJECTS,
    CallTypeSettings,
    DisplayedField,
    LayoutSettings,
    Matches,
    Pop,
    PopKind,
)
from calls.models import SoftphoneLayout
from integrations.admin.forms import WorkspaceModelForm

_NOTHING, _PAGE, _FLOW = _("Open nothing"), _("Open a Visualforce page"), _("Start a flow")
_POP_LABELS: Mapping[Matches, Mapping[PopKind, str | Promise]] = {
    Matches.NONE: {PopKind.NOTHING: _("Open nothing; New makes a Lead")},
    Matches.ONE: {PopKind.ENTITY: _("Open the record")},
    Matches.SEVERAL: {PopKind.SEARCH: _("Open Salesforce’s search page")},
}
_COMMON_LABELS = {PopKind.NOTHING: _NOTHING, PopKind.PAGE: _PAGE, PopKind.FLOW: _FLOW}
_POP_FIELDS = {Matches.NONE: "no_match", Matches.ONE: "one_match", Matches.SEVERAL: "many_matches"}
_FACT_LABELS = {
    "ANI": _("The caller’s number"),
    "DNIS": _("The number that was called"),
    "SEGMENT": _("What the caller chose in the phone menu"),
    "QUEUE": _("The queue"),
}
_CALL_TYPES: tuple[Direction, ...] = ("inbound", "outbound", "internal")
#: Offered beside what is searched: a layout may list it, no number finds it (CRC-37).
_UNSEARCHED = "Case"
_NEW_FIELDS = (DisplayedField("Name", "Name"),)
_SELECTABLE = (*SEARCHED_OBJECTS, _UNSEARCHED)


def _pop_choices(matches: Matches) -> list[tuple[str, str | Promise]]:
    """The settings that Salesforce offers; one entry for each object that New can make."""
    labels = {**_COMMON_LABELS, **_POP_LABELS[matches]}
    choices: list[tuple[str, str | Promise]] = []
    for kind in OFFERED_POPS[matches]:
        if kind is PopKind.ENTITY and matches is Matches.NONE:
            choices += [(f"{kind.value}:{one}", _NEW_LABELS[one]) for one in NEW_OBJECTS]
        else:
            choices.append((kind.value, labels[kind]))
    return choices


_NEW_LABELS = {
    "Lead": _("Open a new Lead"),
    "Contact": _("Open a new Contact; New makes a Contact"),
    "Account": _("Open a new Account; New makes an Account"),
    "Case": _("Open a new Case; New makes a Case"),
}


def _pop_field(matches: Matches, label: Any, help_text: Any = "") -> Any:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=_pop_choices(matches),
        widget=UnfoldAdminSelectWidget,
    )


def _target_field(label: Any) -> Any:
    return forms.CharField(
        label=label,
        required=False,
        max_length=80,
        help_text=_("Its API name, only where a page or flow is to open."),
        widget=UnfoldAdminTextInputWidget,
    )


def _objects_field(label: Any) -> Any:
    return forms.MultipleChoiceField(
        label=label,
        choices=[
            *((one, one) for one in SEARCHED_OBJECTS),
            (_UNSEARCHED, _("Case (not found by number)")),
        ],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


def _facts_field(label: Any) -> Any:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=list(_FACT_LABELS.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )


class SoftphoneLayoutForm(WorkspaceModelForm):
    """Reads the kept settings into plain fields, and the fields back into settings.

    Objects and fields of theirs that came with an import and have no box here stay as they are.
    """

    no_match = _pop_field(
        Matches.NONE,
        _("No record matches"),
        _("What New makes holds for calls in both directions."),
    )
    no_match_target = _target_field(_("No record matches: page or flow"))
    one_match = _pop_field(Matches.ONE, _("One record matches"))
    one_match_target = _target_field(_("One record matches: page or flow"))
    many_matches = _pop_field(
        Matches.SEVERAL,
        _("Several records match"),
        _(
            "While the integration option “Show a search dialog when several records match” is "
            "on, Search opens Patchbay’s own list whatever stands here."
        ),
    )
    many_matches_target = _target_field(_("Several records match: page or flow"))
    opens_new_window = forms.BooleanField(
        label=_("Open in a new window or tab"),
        required=False,
        help_text=_("Salesforce heeds this in Classic alone."),
        widget=UnfoldBooleanSwitchWidget,
    )
    inbound_objects = _objects_field(_("Inbound calls"))
    outbound_objects = _objects_field(_("Outbound calls"))
    inbound_facts = _facts_field(_("Inbound calls"))
    outbound_facts = _facts_field(_("Outbound calls"))
    internal_facts = _facts_field(_("Internal calls"))

    class Meta:
        model = SoftphoneLayout
        fields = ("name",)
        widgets = {"name": UnfoldAdminTextInputWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = read_layout(self.instance.settings)
        for matches, name in _POP_FIELDS.items():
            pop = self.kept.pops[matches]
            is_new = pop.kind is PopKind.ENTITY and matches is Matches.NONE
            target = pop.target or NEW_OBJECTS[0]
            self.initial[name] = f"{pop.kind.value}:{target}" if is_new else pop.kind.value
            self.initial[f"{name}_target"] = pop.target if pop.kind in NAMED_POPS else ""
        self.initial["opens_new_window"] = self.kept.opens_new_window
        for direction in _CALL_TYPES:
            settings = self.kept.call_types[direction]
            self.initial[f"{direction}_facts"] = list(settings.related_fields)
            if direction != "internal":
                self.initial[f"{direction}_objects"] = [
                    one for one in _SELECTABLE if one in settings.objects
                ]

    def clean(self) -> dict[str, Any]:
        """Put the fields together; what does not go together is said beside the field."""
        cleaned: dict[str, Any] = super().clean() or {}
        pops = {matches: self._pop(matches, cleaned) for matches in Matches}
        for direction in ("inbound", "outbound"):
            chosen = cleaned.get(f"{direction}_objects")
            if chosen is not None and not set(chosen) & set(SEARCHED_OBJECTS):
                self.add_error(
                    f"{direction}_objects",
                    _("Tick Contact, Account or Lead: nothing else is found by number."),
                )
        if not self.errors:
            settings = LayoutSettings(
                {direction: self._call_type(direction, cleaned) for direction in _CALL_TYPES},
                pops,
                cleaned["opens_new_window"],
            )
            self.instance.settings = settings.to_json()
        return cleaned

    def _pop(self, matches: Matches, cleaned: Mapping[str, Any]) -> Pop:
        name = _POP_FIELDS[matches]
        kind, _colon, target = str(cleaned.get(name) or PopKind.NOTHING.value).partition(":")
        if kind in NAMED_POPS:
            target = str(cleaned.get(f"{name}_target") or "").strip()
        pop = Pop(PopKind(kind), target)
        if pop.kind in NAMED_POPS and find_problem(matches, pop):
            self.add_error(
                f"{name}_target",
                _("Write the API name: a letter, then letters, digits and underscores."),
            )
        return pop

    def _call_type(self, direction: Direction, cleaned: Mapping[str, Any]) -> CallTypeSettings:
        facts = cleaned[f"{direction}_facts"]
        kept = self.kept.call_types[direction].objects
        objects = dict(kept)
        if direction != "internal":
            chosen = cleaned[f"{direction}_objects"]
            others = {name: shown for name, shown in kept.items() if name not in _SELECTABLE}
            objects = {one: kept.get(one, _NEW_FIELDS) for one in chosen} | others
        return CallTypeSettings(tuple(one for one in RELATED_FIELDS if one in facts), objects)
