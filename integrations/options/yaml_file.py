"""Options as a YAML file: exported with explanations, imported whole or not at all (PLUS-06).

The only module that knows ruamel.yaml, whose round-trip reader keeps the lines of keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from integrations.options.catalogue import OPTION_SPECS
from integrations.options.revisions import find_spec
from integrations.options.snapshots import with_defaults
from integrations.options.specs import Kind, OptionSpec

#: Characters of a file; the whole catalogue with its comments has a tenth of it.
LONGEST_FILE = 100_000
_HEAD = (
    "Integration options of Patchbay.\n"
    "A key that is left out keeps its value; an unknown key stops the import.\n"
)


@dataclass(frozen=True)
class LineProblem:
    """What is wrong in a file, and where; lines count from 1."""

    line: int
    text: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(text)s") % {"line": self.line, "text": self.text}


class FileRefused(ValueError):  # noqa: N818
    """A file with problems: all of them at once, in the order of their lines."""

    def __init__(self, problems: list[LineProblem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(map(str, self.problems)))


def export_yaml(values: Mapping[str, Any]) -> str:
    """The values of every declared option, each under a line that says what it does.

    Keys of another release are left out: they stay stored, and no import touches them.
    """
    complete = with_defaults(values)
    file = CommentedMap((spec.key, complete[spec.key]) for spec in OPTION_SPECS)
    file.yaml_set_start_comment(_HEAD)
    for spec in OPTION_SPECS:
        file.yaml_set_comment_before_after_key(spec.key, before="\n" + _comment(spec))
    text = StringIO()
    _yaml().dump(file, text)
    return text.getvalue()


def read_yaml(text: str) -> dict[str, Any]:
    """The options that a file sets. Raises FileRefused with every problem that it has."""
    if len(text) > LONGEST_FILE:
        raise FileRefused([LineProblem(1, _("The file is too long for options."))])
    file = _parse(text)
    problems = []
    for key, value in file.items():
        if problem := _find_problem(key, value):
            problems.append(LineProblem(file.lc.key(key)[0] + 1, problem))
    if problems:
        raise FileRefused(problems)
    return {str(key): _plain(value) for key, value in file.items()}


def _parse(text: str) -> CommentedMap:
    try:
        file = _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        reason = (error.problem or _("it cannot be read")).splitlines()[0]
        raise FileRefused([LineProblem(line, _("Not YAML: %s.") % reason)]) from error
    except (YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise FileRefused([LineProblem(1, _("Not YAML: %s.") % reason)]) from error
    if file is None:
        return CommentedMap()
    if not isinstance(file, CommentedMap):
        raise FileRefused([LineProblem(1, _("A file of options has lines of “key: value”."))])
    return file


def _find_problem(key: Any, value: Any) -> str:
    spec = find_spec(key) if isinstance(key, str) else None
    if spec is None:
        return _("“%(key)s” is no option of this release.") % {"key": key}
    problem = spec.find_problem(_plain(value))
    return f"{key} {problem}" if problem else ""


def _plain(value: Any) -> Any:
    """A value of the reader's own types as the plain one that is stored."""
    if isinstance(value, bool | None):
        return value
    if isinstance(value, list):
        return [_plain(one) for one in value]
    for plain in (int, str):
        if isinstance(value, plain):
            return plain(value)
    return value


def _comment(spec: OptionSpec) -> str:
    lines = [f"{spec.label} (default: {spec.say(spec.default)})"]
    if spec.kind is Kind.SWITCH:
        lines += [f"true: {spec.on}", f"false: {spec.off}"]
    if spec.choices:
        lines += [f"{value}: {meaning}" for value, meaning in spec.choices.items()]
    if spec.help:
        lines.append(str(spec.help))
    return "\n".join(lines)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.width = 4096
    yaml.allow_unicode = True
    return yaml
