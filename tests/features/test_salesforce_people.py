"""Linking members with the org's users: proposals, conflicts, by hand and in bulk."""

import pytest

from integrations.models import AuditEntry, Membership
from integrations.salesforce import users
from tests.factories import make_member, make_salesforce_connection, make_user, make_workspace
from tests.features.salesforce_admin import Admin
from tests.harness.salesforce import SalesforceOrg

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(salesforce_org: SalesforceOrg) -> Admin:
    admin = Admin(salesforce_org, make_member(make_workspace(), email="ada@example.test"))
    salesforce_org.connect(admin.membership.workspace)
    return admin


def hire(admin: Admin, email: str, first_name: str = "", last_name: str = "") -> Membership:
    user = make_user(email, first_name=first_name, last_name=last_name)
    return make_member(admin.membership.workspace, roles=("call_agent",), user=user)


def user_id(admin: Admin, username: str) -> str:
    [user] = admin.org.records("User", Username=username)
    return str(user["Id"])


@pytest.mark.feature("MII-36")
def test_proposals_by_address_are_linked_in_bulk(admin: Admin) -> None:
    ben = hire(admin, "agent@acme.test")
    noor = hire(admin, "elsewhere@example.test", "Noor", "Haddad")
    page = admin.page("people/")
    assert "same mail address" in page
    assert "same name: please check" in page
    pairs = [
        f"{ben.pk}:{user_id(admin, 'agent@acme.test')}",
        f"{noor.pk}:{user_id(admin, 'member@acme.test')}",
    ]
    checked = [pair for pair in pairs if f'value="{pair}" checked' in page]
    assert checked == pairs[:1], "a name alone is ticked by a person"

    admin.client.post(admin.url("people/link/"), {"pair": pairs})
    ben.refresh_from_db()
    noor.refresh_from_db()
    assert ben.salesforce_username == "agent@acme.test"
    assert ben.salesforce_time_zone == "America/Los_Angeles"
    assert noor.salesforce_user_id == user_id(admin, "member@acme.test")
    assert AuditEntry.unscoped.filter(action="member.linked").count() == 2
    assert "agent@acme.test" in admin.page("people/")


@pytest.mark.feature("MII-36")
def test_one_user_is_one_member(admin: Admin) -> None:
    ben = hire(admin, "agent@acme.test")
    other = hire(admin, "other@example.test", "Ben", "Carter")
    taken = user_id(admin, "agent@acme.test")
    admin.client.post(admin.url(f"people/{ben.pk}/link/"), {"user": taken})
    assert "Is linked to another member already." in admin.page("people/")
    admin.client.post(admin.url(f"people/{other.pk}/link/"), {"user": taken})
    assert "linked to another member already" in admin.page(f"people/{other.pk}/")
    other.refresh_from_db()
    assert other.salesforce_user_id == ""


def test_users_are_searched_page_by_page(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "PAGE_SIZE", 2)
    ben = hire(admin, "ben@example.test")
    page = admin.page(f"people/{ben.pk}/")
    assert "Next" in page
    assert "Previous" in admin.page(f"people/{ben.pk}/?page=2")
    found = admin.page(f"people/{ben.pk}/?q=Ben")
    assert "agent@acme.test" in found
    assert "Next" not in found
    assert "No active Salesforce user" in admin.page(f"people/{ben.pk}/?q=50%25_'")


def test_a_link_that_went_bad_is_told_and_can_be_ended(admin: Admin) -> None:
    ben = hire(admin, "agent@acme.test")
    admin.client.post(
        admin.url(f"people/{ben.pk}/link/"), {"user": user_id(admin, "agent@acme.test")}
    )
    admin.org.act("deactivate-user", username="agent@acme.test")
    assert "Inactive in Salesforce" in admin.page("people/")
    admin.client.post(admin.url(f"people/{ben.pk}/unlink/"))
    ben.refresh_from_db()
    assert ben.salesforce_user_id == ""
    page = admin.page("people/")
    assert "2 members are linked to nobody in Salesforce" in page
    assert "they belong to sync@acme.test" in page


def test_an_inactive_or_invented_user_is_refused(admin: Admin) -> None:
    ben = hire(admin, "ben@example.test")
    for wrong in (user_id(admin, "left@acme.test"), "005000000000001AAA", ""):
        admin.client.post(admin.url(f"people/{ben.pk}/link/"), {"user": wrong})
    ben.refresh_from_db()
    assert ben.salesforce_user_id == ""


def test_salesforce_away_leaves_the_page_standing(admin: Admin) -> None:
    admin.org.fault("/query$", "status", status=503)
    page = admin.page("people/")
    assert "proposals come when Salesforce answers again" in page
    ben = hire(admin, "ben@example.test")
    assert "Nothing was changed; try again later." in admin.page(f"people/{ben.pk}/")


def test_personal_accounts_stand_beside_the_members(admin: Admin) -> None:
    ben = hire(admin, "ben@example.test")
    make_salesforce_connection(
        admin.membership.workspace, membership=ben, salesforce_username="ben@sf.test"
    )
    assert "ben@sf.test" in admin.page("people/")
