"""The two switches of the Connection page: saved on Save, as a revision, on the record."""

from typing import Any

import pytest
from django.test import Client

from integrations.models import AuditEntry, OptionsRevision, Workspace
from integrations.options import active_options, publish_revision
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_salesforce_connection, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Workspace:
    workspace = make_workspace()
    make_salesforce_connection(workspace)
    return workspace


@pytest.fixture
def admin_client(acme: Workspace) -> Client:
    client = Client()
    client.force_login(make_member(acme, roles=("admin",)).user)
    return client


def save(client: Client, acme: Workspace, *, based_on: int = 0, **switches: str) -> Any:
    return client.post(
        f"/w/{acme.slug}/salesforce/connection/switches/",
        {"based_on": based_on, **switches},
        follow=True,
    )


def stored(acme: Workspace) -> tuple[bool, bool]:
    with workspace_scope(acme):
        options = active_options()
    return options["activity_history"], options["retrieve_contacts"]


def test_both_start_at_their_defaults(acme: Workspace, admin_client: Client) -> None:
    page = admin_client.get(f"/w/{acme.slug}/salesforce/connection/").content.decode()

    assert "I am not willing to retrieve Salesforce contact information" in page
    assert stored(acme) == (False, True)


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({"activity_history": "on"}, (True, True)),
        ({"activity_history": "on", "keep_no_contacts": "on"}, (True, False)),
        ({"keep_no_contacts": "on"}, (False, False)),
    ],
)
def test_each_is_saved_for_itself(
    acme: Workspace, admin_client: Client, switches: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    save(admin_client, acme, **switches)

    assert stored(acme) == expected


def test_a_change_is_a_revision_with_an_author_and_a_line_in_the_audit(
    acme: Workspace, admin_client: Client
) -> None:
    save(admin_client, acme, activity_history="on")

    revision = OptionsRevision.unscoped.get()
    line = AuditEntry.unscoped.get()
    assert (revision.number, revision.is_active) == (1, True)
    assert line.actor == revision.author
    assert (line.before["activity_history"], line.after["activity_history"]) == (False, True)
    assert line.address == "127.0.0.1"


def test_saving_what_already_holds_changes_nothing(acme: Workspace, admin_client: Client) -> None:
    save(admin_client, acme)

    assert not OptionsRevision.unscoped.exists()
    assert not AuditEntry.unscoped.exists()


def test_other_options_stay_as_they_were(acme: Workspace, admin_client: Client) -> None:
    with workspace_scope(acme):
        publish_revision({"internal_length": 4}, based_on=0, actor=None)
    save(admin_client, acme, based_on=1, activity_history="on")

    with workspace_scope(acme):
        assert active_options()["internal_length"] == 4


def test_the_change_of_a_second_admin_is_shown_not_overwritten(
    acme: Workspace, admin_client: Client
) -> None:
    with workspace_scope(acme):
        publish_revision({"retrieve_contacts": False}, based_on=0, actor=None)
    page = save(admin_client, acme, based_on=0, activity_history="on").content.decode()

    assert "Somebody else changed the options meanwhile" in page
    assert stored(acme) == (False, False)


def test_an_agent_may_not(acme: Workspace) -> None:
    client = Client()
    client.force_login(make_member(acme, roles=("call_agent",)).user)

    assert save(client, acme, activity_history="on").status_code == 403
    assert stored(acme) == (False, True)
