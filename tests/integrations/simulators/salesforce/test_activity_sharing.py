"""Who sees whose tasks, and what one may do with a record, asked inside another query."""

from dataclasses import dataclass

import pytest

from tests.integrations.simulators.org_client import OrgClient, refused

AGENT, COLLEAGUE, MANAGER = "agent@acme.test", "agent2@acme.test", "manager@acme.test"
ADMINISTRATOR = "admin@acme.test"


@dataclass(frozen=True)
class Filed:
    """Tasks of one agent, by what they are about; and the records that they are about."""

    org: OrgClient
    contact_id: str
    account_id: str

    def hide(self, *record_ids: str) -> None:
        """Take records from everybody but administrators."""
        for record_id in record_ids:
            self.org.act("restrict-record", id=record_id, level="None")

    def seen_by(self, username: str) -> list[str]:
        """The subjects that somebody sees."""
        self.org.sign_in(username)
        text = "SELECT Subject FROM Task WHERE CallObject = 'sharing' ORDER BY Subject"
        return [one["Subject"] for one in self.org.query(text)["records"]]


@pytest.fixture
def filed(org: OrgClient) -> Filed:
    contact = org.record("Contact", Name="Ana Ito")
    contact_id, account_id = contact["Id"], contact["AccountId"]
    owner_id = org.user_id(AGENT)
    for subject, about in (
        ("about both", {"WhoId": contact_id, "WhatId": account_id}),
        ("about nothing", {}),
        ("about the account", {"WhatId": account_id}),
        ("about the person", {"WhoId": contact_id}),
    ):
        org.create_id("Task", Subject=subject, CallObject="sharing", OwnerId=owner_id, **about)
    return Filed(org, contact_id, account_id)


EVERY_TASK = ["about both", "about nothing", "about the account", "about the person"]


@pytest.mark.parametrize("username", [AGENT, MANAGER, ADMINISTRATOR])
def test_owner_those_above_and_administrators_see_every_task(filed: Filed, username: str) -> None:
    filed.hide(filed.contact_id, filed.account_id)
    assert filed.seen_by(username) == EVERY_TASK


def test_others_see_what_is_about_records_that_they_all_see(filed: Filed) -> None:
    assert filed.seen_by(COLLEAGUE) == ["about both", "about the account", "about the person"]
    filed.hide(filed.contact_id)
    assert filed.seen_by(COLLEAGUE) == ["about the account"]
    filed.hide(filed.account_id)
    assert filed.seen_by(COLLEAGUE) == []


def test_a_task_that_is_not_shared_is_not_there(filed: Filed) -> None:
    task_id = filed.org.record("Task", Subject="about nothing", CallObject="sharing")["Id"]
    filed.org.sign_in(COLLEAGUE)
    path = f"sobjects/Task/{task_id}"
    assert refused(filed.org.call("GET", path)) == (404, "NOT_FOUND")
    answer = filed.org.call("PATCH", path, json={"Subject": "mine"})
    assert refused(answer) == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert filed.org.call("GET", f"composite/sobjects/Task?ids={task_id}&fields=Id").json() == [
        None
    ]


def test_without_view_all_data_even_a_sync_user_loses_sight_of_what_it_wrote(filed: Filed) -> None:
    filed.org.act(
        "set-permission",
        username="sync@acme.test",
        permission="PermissionsViewAllData",
        on=False,
    )
    assert "about nothing" not in filed.seen_by("sync@acme.test")


@pytest.mark.parametrize(
    ("private", "level", "may_edit"),
    [(False, None, True), (False, "Edit", True), (False, "Read", False), (True, None, False)],
)
def test_what_one_may_do_with_a_task_follows_from_its_records(
    filed: Filed, private: bool, level: str | None, may_edit: bool
) -> None:
    org = filed.org
    org.act("set-activity-sharing", private=private)
    if level:
        org.act("restrict-record", id=filed.contact_id, level=level, username=COLLEAGUE)
    task_id = org.record("Task", Subject="about both", CallObject="sharing")["Id"]
    org.sign_in(COLLEAGUE)
    text = (
        "SELECT UserRecordAccess.HasReadAccess, UserRecordAccess.HasEditAccess FROM Task "
        f"WHERE Id = '{task_id}'"
    )
    (task,) = org.query(text)["records"]
    access = task["UserRecordAccess"]
    assert (access["HasReadAccess"], access["HasEditAccess"]) == (True, may_edit)
    answer = org.call("PATCH", f"sobjects/Task/{task_id}", json={"Subject": "Changed"})
    assert answer.status_code == (204 if may_edit else 403)


def test_access_to_each_record_can_be_asked_for_in_the_same_query(org: OrgClient) -> None:
    ana, dirk = (org.record("Contact", Name=name)["Id"] for name in ("Ana Ito", "Dirk Lane"))
    org.act("restrict-record", id=ana, level="Read", username=AGENT)
    org.sign_in(AGENT)
    text = (
        "SELECT Id, Account.Name, UserRecordAccess.HasEditAccess, "
        f"UserRecordAccess.MaxAccessLevel FROM Contact WHERE Id IN ('{ana}', '{dirk}') ORDER BY Id"
    )
    records = org.query(text)["records"]
    told = [one["UserRecordAccess"] for one in records]
    assert [(one["HasEditAccess"], one["MaxAccessLevel"]) for one in told] == [
        (False, "Read"),
        (True, "All"),
    ]
    assert told[0]["attributes"]["type"] == "UserRecordAccess"
    assert {one["Account"]["Name"] for one in records} == {"Northwind Robotics"}
