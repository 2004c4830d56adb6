"""Who may use the softphone, as an admin sets it up in the console."""

from typing import Any

import pytest
from django.test import Client

from calls.models import SoftphoneUser
from integrations.addresses import console_url
from integrations.models import AuditEntry, Membership
from tests.calls.panel_client import PanelClient, ask_code, new_challenge
from tests.factories import make_member
from tests.filed_calls import Desk

pytestmark = pytest.mark.django_db


class Office(Desk):
    """Acme with an admin who is signed in."""

    def __init__(self) -> None:
        super().__init__()
        self.admin = Client()
        self.admin.force_login(make_member(self.workspace, email="admin@acme.test").user)
        self.add_page = console_url(self.workspace, "calls_softphoneuser_add")
        self.list_page = console_url(self.workspace, "calls_softphoneuser_changelist")

    def employ(self, name: str, role: str = "call_agent", **fields: Any) -> Membership:
        return make_member(self.workspace, (role,), f"{name.lower()}@acme.test", **fields)

    def offered(self, **filters: str) -> set[str]:
        """Who is offered under these filters, by the part of the address that names them."""
        page = self.admin.get(self.add_page, filters).context["page"]
        return {one.user.email.partition("@")[0] for one in page.object_list}

    def add(self, *members: Membership, **more: str) -> str:
        ticked = {"member": [one.pk for one in members], **more}
        answer = self.admin.post(self.add_page, ticked, follow=True)
        return answer.content.decode()

    def do(self, action: str, *members: Membership) -> str:
        """Tick members in the list and choose an act."""
        users = SoftphoneUser.unscoped.filter(membership__in=members)
        given = {"action": action, "_selected_action": [one.pk for one in users]}
        return self.admin.post(self.list_page, given, follow=True).content.decode()

    def listed(self) -> str:
        return self.admin.get(self.list_page).content.decode()

    def audited(self, action: str) -> AuditEntry:
        return AuditEntry.unscoped.get(workspace=self.workspace, action=action)


@pytest.fixture
def office() -> Office:
    office = Office()
    Membership.unscoped.filter(pk=office.agent.pk).update(is_active=False)
    SoftphoneUser.unscoped.filter(workspace=office.workspace).delete()
    return office


@pytest.mark.feature("CRC-09", "CRC-10")
def test_members_are_found_by_filter_added_in_bulk_and_listed(office: Office) -> None:
    ana, bo = office.employ("Ana", extension="301"), office.employ("Bo", "call_manager")
    office.employ("Marketer", "marketer")
    office.employ("Gone", is_active=False)

    assert office.offered() == {"admin", "ana", "bo"}, "no filter is everyone who could use it"
    assert office.offered(q="an") == {"ana"}
    assert office.offered(role="call_manager") == {"bo"}
    assert office.offered(q="zz") == set()
    assert (
        "Nobody fits these filters"
        in office.admin.get(office.add_page, {"q": "zz"}).content.decode()
    )

    assert "2 members may use the softphone now." in office.add(ana, bo)
    assert office.offered() == {"admin"}
    page = office.listed()
    assert "ana@acme.test" in page
    assert "bo@acme.test" in page
    assert "admin@acme.test</td>" not in page
    assert office.audited("softphone_users.added").after == {
        "members": ["ana@acme.test", "bo@acme.test"]
    }
    # Twice is once, and everybody who is found can be added without a tick.
    assert "Nobody was added" in office.add(ana)
    assert "1 member may use the softphone now." in office.add(all="1")


@pytest.mark.feature("CRC-10", "CRC-11")
def test_who_is_removed_loses_the_panel_at_once_and_is_offered_again(office: Office) -> None:
    ana, bo = office.employ("Ana"), office.employ("Bo")
    office.add(ana, bo)
    panel, other = PanelClient(ana), PanelClient(bo)
    assert panel.get("state/").status_code == 200
    assert "1 member no longer has the softphone." in office.do("remove_ticked", ana)
    assert panel.get("state/").status_code == 401, "it ends at once"
    assert other.get("state/").status_code == 200
    assert ask_code(ana, new_challenge()[1]).status_code == 403
    assert office.offered() == {"admin", "ana"}
    assert office.audited("softphone_users.removed").before == {"members": ["ana@acme.test"]}
    row = SoftphoneUser.unscoped.get(membership=bo)
    question = console_url(office.workspace, "calls_softphoneuser_remove", row.pk)
    assert "end at once" in office.admin.get(question).content.decode()
    office.admin.post(question)
    assert not SoftphoneUser.unscoped.filter(workspace=office.workspace).exists()


@pytest.mark.feature("K-09")
def test_the_licence_is_given_and_taken_in_the_same_list(office: Office) -> None:
    ana = office.employ("Ana")
    office.add(ana)
    assert "The licence of 1 member was changed." in office.do("license_none", ana)
    assert "None: not connected" in office.listed()
    entry = office.audited("membership.licence_changed")
    assert (entry.before, entry.after) == ({"crm_licence": "client"}, {"crm_licence": "none"})
    office.do("license_database", ana)
    ana.refresh_from_db()
    assert ana.crm_licence == Membership.CrmLicence.DATABASE


def test_only_who_sets_up_phone_systems_adds_and_removes(office: Office) -> None:
    ana = office.employ("Ana")
    office.add(ana)
    agent = Client()
    agent.force_login(ana.user)
    assert agent.get(office.list_page).status_code == 403
    assert agent.get(office.add_page).status_code == 403
    assert agent.post(office.add_page, {"all": "1"}).status_code == 403
    assert SoftphoneUser.unscoped.filter(workspace=office.workspace).count() == 1


def test_the_window_that_signs_a_panel_in_says_who_has_none(office: Office) -> None:
    ana = office.employ("Ana")
    client = Client()
    client.force_login(ana.user)
    window = console_url(office.workspace, "panel_sign_in")
    assert "You are not on the list of softphone users" in client.get(window).content.decode()
    office.add(ana)
    assert "This window closes by itself" in client.get(window).content.decode()
