"""The page of a record, and its activity."""

import pytest

from tests.integrations.simulators.salesforce.ui.person import AGENT, Person


def test_details_lead_to_what_they_name(admin: Person, ana_id: str) -> None:
    page = admin.open(f"/{ana_id}").text
    account = admin.org.record("Account", Name="Northwind Robotics")["Id"]
    assert "(415) 555-0101" in page
    assert f'href="/lightning/r/Account/{account}/view">Northwind Robotics</a>' in page


@pytest.mark.parametrize("dress", ["lightning", "classic"])
def test_the_time_line_tells_open_from_past(admin: Person, ana_id: str, dress: str) -> None:
    create = admin.org.create_id
    account = admin.org.record("Account", Name="Northwind Robotics")["Id"]
    create(
        "Task",
        Subject="Inbound Call at 10:00",
        WhoId=ana_id,
        WhatId=account,
        Status="Completed",
        TaskSubtype="Call",
        CallType="Inbound",
        CallDurationInSeconds=3_725,
        ActivityDate="2026-01-05",
        Description="Rang for 8 seconds",
    )
    create(
        "Task", Subject="Older call", WhoId=ana_id, Status="Completed", ActivityDate="2026-01-04"
    )
    create("Task", Subject="Call back", WhoId=ana_id, ActivityDate="2099-01-02")
    create("Event", Subject="Visit", WhoId=ana_id, StartDateTime="2099-01-01T09:00:00Z",
           DurationInMinutes=30)  # fmt: skip
    admin.prefer(dress)
    page = admin.read(f"/{ana_id}")
    ahead, past = {
        "lightning": ("Upcoming & Overdue", "Past Activity"),
        "classic": ("Open Activities", "Activity History"),
    }[dress]
    order = [ahead, "Visit", "Call back", past, "Inbound Call at 10:00", "Older call"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    assert "Inbound call: Inbound Call at 10:00 1:02:05 2026-01-05" in page
    assert "with Ana Ito , about Northwind Robotics , by Patchbay Sync , Completed" in page
    assert "Rang for 8 seconds" in page
    assert "Inbound Call at 10:00" in admin.read(f"/{account}")


def test_times_are_those_of_the_user(admin: Person, agent: Person, ana_id: str) -> None:
    event = admin.org.create_id(
        "Event", Subject="Visit", WhoId=ana_id, StartDateTime="2026-01-05T23:30:00Z",
        DurationInMinutes=30,
    )  # fmt: skip
    assert "2026-01-06 00:30" in admin.read(f"/{event}")  # Madrid
    assert "2026-01-05 15:30" in agent.read(f"/{event}")  # Los Angeles


def test_everything_is_escaped(admin: Person) -> None:
    hostile = "<script>alert('x')</script>"
    contact = admin.org.create_id("Contact", LastName=hostile, Phone='"><b>')
    for path in ("/lightning/o/Contact/list", f"/{contact}", f"/{contact}/e", "/lightning"):
        page = admin.open(path).text
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert "<b>" not in page


def test_a_user_is_offered_what_they_may_do(admin: Person, agent: Person, ana_id: str) -> None:
    admin.org.act("restrict-record", id=ana_id, level="Read", username=AGENT)
    sofia = admin.org.record("Contact", Name="Sofia Keane")["Id"]
    lead = admin.org.record("Lead", Name="Lena Sole")["Id"]
    admin.org.act("set-permission", username=AGENT, permission="PermissionsConvertLeads", on=False)
    offered = f'href="/lightning/r/Contact/{ana_id}/edit"'
    assert offered in admin.open(f"/{ana_id}").text
    assert offered not in agent.open(f"/{ana_id}").text
    assert "/delete" not in agent.open(f"/{ana_id}").text
    assert "/delete" in agent.open(f"/{sofia}").text
    assert "/convert" in admin.open(f"/{lead}").text
    assert "/convert" not in agent.open(f"/{lead}").text
    assert agent.open(f"/_ui/records/{lead}/convert").status_code == 404


def test_what_a_user_must_not_see_is_not_named(admin: Person, agent: Person, ana_id: str) -> None:
    account = admin.org.record("Account", Name="Northwind Robotics")["Id"]
    admin.org.act("restrict-record", id=account, username=AGENT)
    page = agent.read(f"/{ana_id}")
    assert "Northwind" not in page
    assert "(no access)" in page
