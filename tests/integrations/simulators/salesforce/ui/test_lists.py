"""Lists, searches, related lists, and what was viewed."""

import re

from tests.integrations.simulators.salesforce.ui.person import AGENT, Person


def test_home_has_every_object_and_what_was_viewed(admin: Person, ana_id: str) -> None:
    assert "What you open is listed here" in admin.read("/lightning")
    admin.open(f"/{ana_id}")
    home = admin.read("/lightning")
    assert "Recently Viewed Ana Ito Contact" in home
    assert re.search(r"Contacts \d+ Contact\b", home)


def test_a_list_is_read_page_by_page_newest_first(admin: Person) -> None:
    org = admin.org
    ids = [org.create_id("Lead", LastName=f"Number {n:02d}", Company="X") for n in range(60)]
    first = admin.open("/lightning/o/Lead/list")
    assert first.text.index("Number 59") < first.text.index("Number 10")
    assert "Number 09" not in first.text
    following = re.search(r'href="([^"]*before=\w+)"', first.text)
    assert following is not None
    second = admin.read(following[1])
    assert "Number 09" in second
    assert "Number 10" not in second
    assert len(ids) == 60


def test_people_are_found_by_the_search_index_and_tasks_by_their_subject(
    admin: Person, ana_id: str
) -> None:
    admin.org.create_id("Task", Subject="100% sure", WhoId=ana_id)
    admin.org.create_id("Task", Subject="100 things", WhoId=ana_id)
    assert "Ana Ito" in admin.read("/lightning/o/Contact/list", q="(415) 555-01")
    assert "Ana Ito" not in admin.read("/lightning/o/Contact/list", q="sofia")
    found = admin.read("/lightning/o/Task/list", q="100%")
    assert "100% sure" in found
    assert "100 things" not in found
    assert "Enter at least two letters" in admin.read("/lightning/o/Contact/list", q="()")


def test_the_search_box_looks_at_all_objects(admin: Person) -> None:
    found = admin.read("/_ui/search", str="northw")
    assert "Accounts Account Name" in found
    assert "Leads Full Name" in found
    assert "Theo Third Northwind Robotics" in found
    assert "Nothing was found." in admin.read("/_ui/search", str="nobody at all")
    assert "Enter at least two" in admin.read("/_ui/search", str="")


def test_a_related_list_is_shown_in_part_and_in_full(admin: Person) -> None:
    account = admin.org.record("Account", Name="Northwind Robotics")["Id"]
    for number in range(8):
        admin.org.create_id("Contact", LastName=f"Twin {number}", AccountId=account)
    page = admin.read(f"/{account}")
    assert "Twin 7" in page
    assert "Twin 0" not in page
    every = admin.read(f"/lightning/r/Account/{account}/related/Contacts/view")
    assert "Twin 0" in every
    assert admin.open(f"/lightning/r/Account/{account}/related/Nothing/view").status_code == 404


def test_a_user_sees_what_they_may_see(admin: Person, agent: Person, ana_id: str) -> None:
    act = admin.org.act
    act("restrict-field", sobject="Contact", field="Phone", username=AGENT)
    act("restrict-object", sobject="Opportunity", username=AGENT)
    sofia = admin.org.record("Contact", Name="Sofia Keane")["Id"]
    act("restrict-record", id=sofia, username=AGENT)
    listed = agent.read("/lightning/o/Contact/list")
    assert "Business Phone" not in listed
    assert "Sofia Keane" not in listed
    assert "555-0101" not in agent.read(f"/{ana_id}")
    assert agent.open(f"/{sofia}").status_code == 404
    assert agent.open("/lightning/o/Opportunity/list").status_code == 404
    assert "Opportunities" not in agent.read("/lightning")
    assert "Sofia Keane" in admin.read("/lightning/o/Contact/list")
