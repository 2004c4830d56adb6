"""``manage.py options``: the same catalogue and the same rules at the command line."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from integrations.models import OptionsRevision, Workspace
from integrations.options.reference import options_page
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Workspace:
    return make_workspace()


def run(*arguments: str, **options: Any) -> str:
    printed = StringIO()
    call_command("options", *arguments, stdout=printed, **options)
    return printed.getvalue()


def test_what_is_exported_plans_nothing(acme: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "options.yaml"
    file.write_text(run("export", "--workspace", acme.slug))

    assert "Nothing to change" in run("plan", str(file), "--workspace", acme.slug)


def test_a_plan_shows_the_changes_and_an_import_makes_them(acme: Workspace, tmp_path: Path) -> None:
    admin = make_member(acme)
    file = tmp_path / "options.yaml"
    file.write_text("legacy: true\ncache_minutes: 30\n")

    planned = run("plan", str(file), "--workspace", acme.slug)
    assert "legacy: Off -> On" in planned
    assert not OptionsRevision.unscoped.exists()

    arguments = ("--workspace", acme.slug, "--comment", "from git", "--as", admin.user.email)
    assert "Saved as revision 1." in run("import", str(file), *arguments)
    revision = OptionsRevision.unscoped.get()
    assert revision.values == {"legacy": True, "cache_minutes": 30}
    assert (revision.author, revision.comment) == (admin.user, "from git")


def test_a_bad_file_changes_nothing_and_names_every_line(acme: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "options.yaml"
    file.write_text("legacy: 1\nwhat: 2\ncache_minutes: 5\n")

    with pytest.raises(CommandError, match=r"(?s)Line 1: .*Line 2: "):
        run("import", str(file), "--workspace", acme.slug)
    assert not OptionsRevision.unscoped.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "--workspace", "nowhere"), "no workspace at /w/nowhere/"),
        (("plan", "missing.yaml", "--workspace", "{slug}"), "cannot be read"),
        (("import", "{file}", "--workspace", "{slug}", "--as", "agent@acme.test"), "may not"),
    ],
)
def test_what_cannot_be_done_is_said(
    acme: Workspace, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    make_member(acme, roles=("call_agent",), email="agent@acme.test")
    file = tmp_path / "options.yaml"
    file.write_text("legacy: true\n")
    filled = [one.format(slug=acme.slug, file=file) for one in arguments]
    with pytest.raises(CommandError, match=message):
        run(*filled)


def test_the_printed_options_are_up_to_date() -> None:
    printed = Path(settings.BASE_DIR, "docs", "options.md").read_text()
    assert run("docs") == options_page()
    assert printed == options_page(), "run: python3 manage.py options docs > docs/options.md"
