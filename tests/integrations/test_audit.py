"""The audit: who, what, before, after, where from; and never a secret."""

import pytest
from django import forms
from django.test import Client, RequestFactory

from integrations.admin.changes import describe_change
from integrations.audit import record
from integrations.models import AuditEntry, Team
from integrations.tenancy import WorkspaceScopeMissing, workspace_scope
from tests.factories import make_member, make_user, make_workspace

pytestmark = pytest.mark.django_db


def test_a_line_says_who_did_what_from_where() -> None:
    acme = make_workspace()
    actor = make_user("ada@acme.test")
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
    with workspace_scope(acme):
        record(actor, "team.added", "Sales", {}, {"name": "Sales"}, request)

    line = AuditEntry.unscoped.get()
    assert (line.workspace, line.actor, line.actor_label) == (acme, actor, "ada@acme.test")
    assert (line.action, line.target_label, line.address) == ("team.added", "Sales", "192.0.2.7")
    assert (line.before, line.after) == ({}, {"name": "Sales"})


def test_a_line_outlives_the_person() -> None:
    acme = make_workspace()
    actor = make_user("ada@acme.test")
    with workspace_scope(acme):
        record(actor, "team.added", "Sales")
    actor.delete()
    assert AuditEntry.unscoped.get().actor_label == "ada@acme.test"


def test_without_a_workspace_there_is_no_line() -> None:
    with pytest.raises(WorkspaceScopeMissing):
        record(None, "team.added")


def test_changes_on_a_page_are_recorded_with_both_values(client: Client) -> None:
    acme = make_workspace()
    team = Team.unscoped.create(workspace=acme, name="Sales")
    client.force_login(make_member(acme, roles=("owner",), email="ada@acme.test").user)

    client.post(f"/w/{acme.slug}/integrations/team/{team.pk}/change/", {"name": "Inside sales"})

    line = AuditEntry.unscoped.get()
    assert (line.actor_label, line.action) == ("ada@acme.test", "team.changed")
    assert (line.before, line.after) == ({"name": "Sales"}, {"name": "Inside sales"})


def test_saving_without_a_change_leaves_no_line(client: Client) -> None:
    acme = make_workspace()
    team = Team.unscoped.create(workspace=acme, name="Sales")
    client.force_login(make_member(acme, roles=("owner",)).user)
    client.post(f"/w/{acme.slug}/integrations/team/{team.pk}/change/", {"name": "Sales"})
    assert not AuditEntry.unscoped.exists()


def test_adding_and_deleting_are_recorded(client: Client) -> None:
    acme = make_workspace()
    client.force_login(make_member(acme, roles=("owner",)).user)
    client.post(f"/w/{acme.slug}/integrations/team/add/", {"name": "Sales"})
    team = Team.unscoped.get()
    client.post(f"/w/{acme.slug}/integrations/team/{team.pk}/delete/", {"post": "yes"})
    actions = list(AuditEntry.unscoped.order_by("pk").values_list("action", "target_label"))
    assert actions == [("team.added", "Sales"), ("team.deleted", "Sales")]


def test_values_of_password_fields_are_hidden() -> None:
    class SecretForm(forms.ModelForm):  # type: ignore[type-arg]
        name = forms.CharField(widget=forms.PasswordInput)

        class Meta:
            model = Team
            fields = ("name",)

    with workspace_scope(make_workspace()):
        form = SecretForm({"name": "s3cret"}, instance=Team(name="old s3cret"))
        form.full_clean()
    assert describe_change(form, ()) == ({"name": "•••"}, {"name": "•••"})
