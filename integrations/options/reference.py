"""``docs/options.md``, printed from the catalogue."""

from django.utils.translation import override

from integrations.options.catalogue import OPTION_SPECS
from integrations.options.revisions import option_labels
from integrations.options.specs import Group, Kind, OptionSpec, Surface, surface_name

_INTRODUCTION = """\
# Integration options

What an admin chooses under **Salesforce → Integration options**, in a YAML file, or by
`python3 manage.py options export|plan|import --workspace NAME`. Every change is a numbered revision
with author, time and comment, and can be taken back. A call keeps the options that held when it
began.

Printed from `integrations/options/catalogue.py` by `python3 manage.py options docs`; a test fails
when this page is stale. The API version and the user interface stand on the Connection page, and
`UNKNOWN_OUTCOME_WAIT_SECONDS` in the [settings](settings.md).
"""
_TITLES = {
    Group.STANDARD: "Standard",
    Group.ADVANCED: "Advanced",
    Group.LEGACY: "Legacy",
}


def options_page() -> str:
    """The page as Markdown: a part for each group, a table row for each option."""
    with override("en"):
        parts = [_INTRODUCTION]
        for group, title in _TITLES.items():
            rows = [_row(spec) for spec in OPTION_SPECS if spec.group is group]
            head = [f"## {title}", "", "| option | values | what it does |", "| --- | --- | --- |"]
            parts.append("\n".join([*head, *rows]) + "\n")
    return "\n".join(parts)


def _row(spec: OptionSpec) -> str:
    return f"| `{spec.key}`<br>{spec.label} | {_values(spec)} | {_meaning(spec)} |"


def _values(spec: OptionSpec) -> str:
    default = f"default: {spec.say(spec.default)}"
    if spec.kind is Kind.SWITCH:
        return f"`true`, `false`; {default}"
    if spec.choices:
        listed = "<br>".join(f"`{value}`: {meaning}" for value, meaning in spec.choices.items())
        return f"{listed}<br>{default}"
    if spec.kind is Kind.NUMBER:
        return f"{spec.minimum} to {spec.maximum}; {default}"
    return f"{spec.pattern_help}; {default}"


def _meaning(spec: OptionSpec) -> str:
    labels = option_labels()
    sentences = []
    if spec.kind is Kind.SWITCH:
        sentences += [f"**On:** {spec.on}", f"**Off:** {spec.off}"]
    sentences += [str(spec.help)] if spec.help else []
    if spec.surface is not Surface.ANY:
        sentences.append(f"Only in {surface_name(spec.surface)}.")
    sentences += [f"Needs “{labels[key]}”." for key in spec.needs]
    if spec.awaits:
        sentences.append(f"Acts once this installation has {spec.awaits}.")
    if spec.price:
        sentences.append(f"Costs {spec.price}.")
    sentences += [str(consequence) for consequence in spec.consequences]
    return "<br>".join(sentences)
