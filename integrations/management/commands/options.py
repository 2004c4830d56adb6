"""``manage.py options``: export, plan, import, and docs/options.md (PLUS-06)."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.models import Membership, User, Workspace
from integrations.options import Options, active_options, change_options, difference
from integrations.options.reference import options_page
from integrations.options.yaml_file import FileRefused, export_yaml, read_yaml
from integrations.policy import can
from integrations.roles import Capability
from integrations.tenancy import workspace_scope


class Command(BaseCommand):
    help = "Integration options as YAML: export them, see what a file would change, import it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("docs", help="print docs/options.md")
        for name, purpose in (
            ("export", "print the options in force as YAML"),
            ("plan", "print what a file would change"),
            ("import", "make the options as a file says, all of it or nothing"),
        ):
            action = actions.add_parser(name, help=purpose)
            action.add_argument("--workspace", required=True, help="the part after /w/")
            if name != "export":
                action.add_argument("file", help="a YAML file, or - for standard input")
            if name == "import":
                action.add_argument("--comment", default="", help="kept with the revision")
                action.add_argument("--as", dest="author", help="mail address of an admin")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "docs":
            self.stdout.write(options_page(), ending="")
            return
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace at /w/{options['workspace']}/.")
        with workspace_scope(workspace):
            active = active_options()
            if options["action"] == "export":
                self.stdout.write(export_yaml(active.values), ending="")
            elif options["action"] == "plan":
                self._print_plan(active, _read_file(options["file"]))
            else:
                self._import(active, options)

    def _print_plan(self, active: Options, wanted: dict[str, Any]) -> bool:
        changes = difference(active.values, {**active.values, **wanted})
        if not changes:
            self.stdout.write(f"Nothing to change: revision {active.number} is like the file.")
            return False
        self.stdout.write(f"Changes to revision {active.number}:")
        for change in changes:
            before, after = change.words
            self.stdout.write(f"  {change.spec.key}: {before} -> {after}")
        return True

    def _import(self, active: Options, options: dict[str, Any]) -> None:
        wanted = _read_file(options["file"])
        actor = _author(options["author"]) if options["author"] else None
        if self._print_plan(active, wanted):
            revision = change_options(
                wanted, based_on=active.number, actor=actor, comment=options["comment"]
            )
            self.stdout.write(f"Saved as revision {revision.number}.")


def _read_file(name: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        return read_yaml(text)
    except FileRefused as error:
        raise CommandError(f"Nothing was changed.\n{error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read: {error}") from error


def _author(email: str) -> User:
    member = Membership.objects.active().filter(user__email__iexact=email).first()
    if member is None or not can(member, Capability.CHANGE_OPTIONS):
        raise CommandError(f"{email} may not change the options of this workspace.")
    return member.user
