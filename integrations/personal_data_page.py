"""``docs/personal-data.md``, printed from what each app says of its tables (RULES C8)."""

from collections.abc import Iterator

from integrations.personal_data import DataKind, TableData, models_with_data
from integrations.registry import registry

_INTRODUCTION = """\
# Personal data

What Patchbay keeps about people, where, and for how long. Printed from `integrations/personal_data.py`
and its siblings in `calls` and `sms` by `python3 manage.py personal_data`; a test fails when this page
is stale, another when a column that can hold words is not classified.

“As long as the workspace” means until the workspace is deleted or the person is erased. Days count
from when a row was made; a sweep every minute removes what is older. Columns that tell nothing about
a person (keys, states, settings) are not listed.
"""  # noqa: E501 - a page is as wide as our other pages

_LISTED = (DataKind.PERSON, DataKind.CONTENT, DataKind.MEMBER, DataKind.SECRET)


def personal_data_page() -> str:
    """The page as Markdown: of each app, a row per table that holds something."""
    return "\n".join([_INTRODUCTION, *_lines()]) + "\n"


def _lines() -> Iterator[str]:
    app = ""
    for model in models_with_data():
        table = registry.personal_data[model._meta.label]
        if not table.of_kinds(*_LISTED):
            continue
        if model._meta.app_label != app:
            yield from ["", ""][: bool(app)]
            app = model._meta.app_label
            yield from [f"## {app}", "", "| Table | Kept | What it holds |", "|---|---|---|"]
        yield f"| {model.__name__} | {table.kept} | {_told(table)} |"


def _told(table: TableData) -> str:
    parts = []
    for kind in _LISTED:
        if names := sorted(table.of_kinds(kind)):
            columns = ", ".join(f"`{name}`" for name in names)
            parts.append(f"{kind.label}: {columns}")
    return ". ".join(parts)
