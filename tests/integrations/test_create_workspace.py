"""manage.py create_workspace: a customer begins with a workspace and an invited owner."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from integrations.invitations import accept
from integrations.models import Invitation, Workspace
from integrations.roles import Role
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db


def create(*arguments: str) -> str:
    output = StringIO()
    call_command("create_workspace", *arguments, stdout=output)
    return output.getvalue()


def test_it_makes_the_workspace_and_mails_the_owner() -> None:
    output = create("Blue Harbour", "--owner", "Ida@Harbour.test", "--region", "gb")

    workspace = Workspace.objects.get()
    (sent,) = mail.outbox
    assert (workspace.slug, workspace.default_region) == ("blue-harbour", "GB")
    assert sent.to == ["ida@harbour.test"]
    assert "/w/blue-harbour/" in output
    link = output.split()[-1]
    assert link in sent.body


def test_the_owner_who_follows_the_link_is_in() -> None:
    output = create("Blue Harbour", "--owner", "ida@harbour.test")
    ida = make_user("ida@harbour.test")
    ida.emailaddress_set.create(email=ida.email, verified=True, primary=True)
    membership = accept(output.split()[-1].rstrip("/").rsplit("/", 1)[-1], ida)

    assert list(membership.role_grants(manager="unscoped").values_list("role", flat=True)) == [
        Role.OWNER
    ]


def test_an_address_that_is_taken_is_named_and_nobody_is_invited() -> None:
    make_workspace(slug="blue-harbour")
    with pytest.raises(CommandError, match="already exists"):
        create("Blue Harbour", "--owner", "ida@harbour.test")
    assert not Invitation.unscoped.exists()
    assert not mail.outbox
