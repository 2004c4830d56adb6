"""``manage.py erase WORKSPACE NUMBER_OR_ID``: erase a person from one workspace (RULES C8)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.erasures import count_rows, read_identity, request_erasure
from integrations.models import Workspace
from integrations.tenancy import workspace_scope


class Command(BaseCommand):
    help = "Count what is kept about a person; with --yes, have the workers erase it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", help="the part of its address after /w/")
        parser.add_argument("who", help="a phone number or the id of a Salesforce record")
        parser.add_argument("--yes", action="store_true", help="erase; this cannot be undone")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace.objects.filter(slug=options["workspace"]).first()
        if workspace is None:
            raise CommandError(f"There is no workspace at /w/{options['workspace']}/.")
        identity = read_identity(options["who"], workspace.default_region)
        if identity is None:
            raise CommandError("That is neither a phone number nor the id of a Salesforce record.")
        with workspace_scope(workspace):
            for count in count_rows(identity):
                self.stdout.write(f"{count.what}: {count.rows}")
            if not options["yes"]:
                self.stdout.write("Nothing was changed. Say --yes to erase the person.")
                return
            erasure = request_erasure(identity, actor=None)
        self.stdout.write(f"Under way as {erasure.pseudonym[:12]}; the workers do the rest.")
