"""``manage.py create_workspace NAME --owner MAIL``: the first step of a new customer."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.text import slugify

from integrations.invitations import invitation_link, invite, mail_invitation
from integrations.models import Workspace
from integrations.registry import registry
from integrations.roles import Role
from integrations.tenancy import workspace_scope


class Command(BaseCommand):
    help = "Create a workspace and invite its owner by mail."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what people call the company")
        parser.add_argument("--owner", required=True, help="mail address of its first owner")
        parser.add_argument("--slug", help="the part of the address after /w/")
        parser.add_argument("--region", default="US", help="country of national numbers (ISO 3166)")
        parser.add_argument("--time-zone", default="UTC", help="such as Europe/Berlin")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = Workspace(
            name=options["name"],
            slug=options["slug"] or slugify(options["name"]),
            default_region=options["region"].upper(),
            time_zone=options["time_zone"],
        )
        try:
            workspace.full_clean()
            with transaction.atomic():
                workspace.save()
                with workspace_scope(workspace):
                    registry.found_workspace()
                    invitation, token = invite(
                        workspace, options["owner"], [Role.OWNER], actor=None
                    )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        mail_invitation(invitation, token)
        self.stdout.write(f"{workspace.name} is at /w/{workspace.slug}/.")
        self.stdout.write(f"{invitation.email} was invited as its owner: {invitation_link(token)}")
