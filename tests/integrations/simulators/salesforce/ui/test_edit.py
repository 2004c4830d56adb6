"""Forms: what a user saves goes through the rules of the API, and the org's errors come back."""

import html
import re

import pytest

from tests.integrations.simulators.salesforce.ui.person import AGENT, Person, text_of

NEW_CONTACT = "/lightning/o/Contact/new"


@pytest.mark.parametrize("dress", ["lightning", "classic"])
def test_a_validation_rule_speaks_at_its_field_and_lets_the_correction_pass(
    admin: Person, ana_id: str, dress: str
) -> None:
    admin.prefer(dress)
    admin.org.act(
        "add-validation-rule", sobject="Contact", when="Phone LIKE '%x%'", field="Phone",
        message="Numbers without extensions, please.",
    )  # fmt: skip
    refused = admin.fill_in(f"/{ana_id}/e", Phone="+14155550142 x9", Title="Chief")
    input_id = {"lightning": "Phone", "classic": "con10"}[dress]
    assert "This was not saved." in text_of(refused)
    assert f'<p id="{input_id}_error" class="wrong">Numbers without extensions' in refused.text
    assert 'value="+14155550142 x9"' in refused.text
    assert admin.org.record("Contact", Id=ana_id)["Phone"] == "(415) 555-0101"
    saved = admin.fill_in(f"/{ana_id}/e", Phone="+14155550142", Title="Chief")
    assert "+14155550142" in text_of(saved)
    row = admin.org.record("Contact", Id=ana_id)
    assert (row["Phone"], row["Title"]) == ("+14155550142", "Chief")
    assert row["LastModifiedById"] == admin.org.user_id("admin@acme.test")


def test_only_what_was_changed_is_saved(admin: Person) -> None:
    """Anything else would stumble over old values and read-only fields, and lose seconds."""
    event = admin.org.create_id(
        "Event", Subject="Visit", StartDateTime="2026-01-05T10:00:07Z", DurationInMinutes=30
    )
    before = admin.org.record("Event", Id=event)
    admin.fill_in(f"/{event}/e", Location="Here")
    after = admin.org.record("Event", Id=event)
    changed = {key for key in before if before[key] != after[key]}
    assert changed <= {"Location", "LastModifiedById", "LastModifiedDate", "SystemModstamp"}
    assert after["Location"] == "Here"


def test_nobody_overwrites_what_they_have_not_seen(admin: Person, ana_id: str) -> None:
    page = admin.open(f"/lightning/r/Contact/{ana_id}/edit")
    seen = page.text.split('name="_seen" value="')[1].split('"')[0]
    admin.org.call("PATCH", f"sobjects/Contact/{ana_id}", json={"Phone": "+14155550150"})
    answer = admin.post(f"/lightning/r/Contact/{ana_id}/edit", _seen=seen, Phone="+14155550160")
    assert "changed this record while you did" in text_of(answer)
    assert admin.org.record("Contact", Id=ana_id)["Phone"] == "+14155550150"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Required fields are missing: [LastName]"),
        ({"LastName": "X" * 81}, "data value too large"),
        ({"LastName": "X", "Email": "not one"}, "invalid email address"),
        ({"LastName": "X", "AccountId": "No Such Company"}, "nothing has this name"),
        ({"LastName": "X", "AccountId": "00300000000000A"}, "invalid cross reference"),
    ],
)
def test_the_errors_of_the_org_are_shown(admin: Person, fields: dict[str, str], words: str) -> None:
    before = len(admin.org.records("Contact"))
    answer = admin.fill_in(NEW_CONTACT, **fields)
    assert words.lower() in text_of(answer).lower() or "incorrect type" in text_of(answer)
    assert 'class="wrong"' in answer.text
    assert len(admin.org.records("Contact")) == before


def test_a_new_record_takes_names_for_references(admin: Person) -> None:
    saved = admin.fill_in(NEW_CONTACT, LastName="New", AccountId="Faro Digital", DoNotCall="true")
    row = admin.org.record("Contact", LastName="New")
    assert saved.url.endswith(f"/lightning/r/Contact/{row['Id']}/view")
    assert row["AccountId"] == admin.org.record("Account", Name="Faro Digital")["Id"]
    assert row["OwnerId"] == admin.org.user_id("admin@acme.test")
    assert row["DoNotCall"] is True


def test_a_call_is_logged_from_the_page_of_a_contact(admin: Person, ana_id: str) -> None:
    page = admin.open(f"/{ana_id}").text
    (address,) = re.findall(r'href="([^"]+)"[^>]*>Log a Call<', page)
    admin.fill_in(html.unescape(address), Description="She will call back")
    task = admin.org.record("Task", Description="She will call back")
    assert (task["WhoId"], task["TaskSubtype"], task["IsClosed"]) == (ana_id, "Call", True)


def test_an_alert_about_duplicates_can_be_overruled_and_a_block_cannot(admin: Person) -> None:
    twin = {"LastName": "Ito", "Email": "ana.ito@mail.example"}
    act = admin.org.act
    act("add-duplicate-rule", sobject="Contact", fields=["Email"], blocks=False)
    alerted = admin.fill_in(NEW_CONTACT, **twin)
    assert "Use one of these records?" in text_of(alerted)
    assert ">Ana Ito</a>" in alerted.text
    assert "Save Anyway" in alerted.text
    assert admin.fill_in(NEW_CONTACT, **twin, _save_anyway="1").url.endswith("/view")
    act("add-duplicate-rule", sobject="Contact", fields=["Email"], blocks=True)
    assert "Save Anyway" not in admin.fill_in(NEW_CONTACT, **twin, _save_anyway="1").text


def test_a_field_that_the_user_may_only_read_has_no_input(
    admin: Person, agent: Person, ana_id: str
) -> None:
    act = admin.org.act
    act("restrict-field", sobject="Contact", field="Phone", hidden=False, username=AGENT)
    act("restrict-object", sobject="Lead", lost=["create"], username=AGENT)
    page = agent.open(f"/{ana_id}/e")
    assert 'name="Phone"' not in page.text
    assert "(415) 555-0101" in page.text
    agent.fill_in(f"/{ana_id}/e", Phone="+14155550142", Title="Chief")
    row = admin.org.record("Contact", Id=ana_id)
    assert (row["Phone"], row["Title"]) == ("(415) 555-0101", "Chief")
    assert agent.open("/lightning/o/Lead/new").status_code == 404
    admin.org.act("restrict-record", id=ana_id, level="Read", username=AGENT)
    assert "insufficient access" in text_of(agent.fill_in(f"/{ana_id}/e", Title="Other"))


def test_places_are_chosen_where_the_org_has_lists_of_them(admin: Person) -> None:
    admin.org.act("set-state-picklists", on=True)
    page = admin.open("/lightning/o/Lead/new").text
    assert '<option value="Spain">' in page
    assert 'name="CountryCode"' not in page
    lead = {"LastName": "Away", "Company": "X", "Country": "United States", "State": "Texas"}
    admin.fill_in("/lightning/o/Lead/new", **lead)
    row = admin.org.record("Lead", LastName="Away")
    assert (row["CountryCode"], row["StateCode"]) == ("US", "TX")


def test_statuses_are_those_that_the_company_has(admin: Person) -> None:
    admin.org.act("rename-status", **{"from": "Deferred", "to": "Parked"})
    page = admin.open("/lightning/o/Task/new").text
    assert '<option value="Parked">' in page
    assert '<option value="Deferred">' not in page


def test_an_assignment_rule_is_asked_for_by_hand(admin: Person) -> None:
    admin.org.act("set-assignment-rule", sobject="Lead", username=AGENT)
    for last_name, more in (("Mine", {}), ("Theirs", {"_assign": "1"})):
        admin.fill_in("/lightning/o/Lead/new", LastName=last_name, Company="X", **more)
    assert admin.org.record("Lead", LastName="Mine")["OwnerId"] == admin.org.user_id(
        "admin@acme.test"
    )
    assert admin.org.record("Lead", LastName="Theirs")["OwnerId"] == admin.org.user_id(AGENT)


@pytest.mark.parametrize(
    ("back", "landed"), [("/003/o", "/003/o"), ("//evil.example", "/{id}"), ("", "/{id}")]
)
def test_classic_goes_back_to_where_it_was_told_inside_the_org(
    admin: Person, ana_id: str, back: str, landed: str
) -> None:
    admin.prefer("classic")
    answer = admin.fill_in(f"/{ana_id[:15]}/e?retURL={back}", Title="Chief")
    assert answer.url == admin.org.url + landed.format(id=ana_id[:15])
