"""Delete, restore, convert, merge: what REST has no verb for, or pages have a button for."""

from tests.integrations.simulators.salesforce.ui.person import AGENT, Person, text_of


def test_what_is_deleted_can_be_restored(admin: Person, ana_id: str) -> None:
    answer = admin.post(f"/_ui/records/{ana_id}/delete")
    assert answer.url.endswith("/lightning/o/Contact/list")
    assert "Ana Ito" not in text_of(answer)
    assert "This record is in the recycle bin." in admin.read(f"/{ana_id}")
    assert "Ana Ito" in admin.read("/_ui/recycle-bin")
    restored = admin.post("/_ui/recycle-bin/restore", id=ana_id)
    assert "Ana Ito" in text_of(restored)
    assert admin.org.record("Contact", Id=ana_id)["IsDeleted"] is False


def test_an_emptied_recycle_bin_is_empty(admin: Person, ana_id: str) -> None:
    admin.post(f"/_ui/records/{ana_id}/delete")
    assert "It is empty." in text_of(admin.post("/_ui/recycle-bin/empty"))
    assert "gone for good" in text_of(admin.post("/_ui/recycle-bin/restore", id=ana_id))


def test_whoever_may_not_delete_is_told(admin: Person, agent: Person, ana_id: str) -> None:
    admin.org.act("restrict-record", id=ana_id, level="Edit", username=AGENT)
    answer = agent.post(f"/_ui/records/{ana_id}/delete")
    assert "insufficient access rights" in text_of(answer)
    assert admin.org.record("Contact", Id=ana_id)["IsDeleted"] is False


def test_a_lead_is_converted_into_what_was_chosen(admin: Person) -> None:
    lead = str(admin.org.record("Lead", Name="Lena Sole")["Id"])
    address = f"/_ui/records/{lead}/convert"
    assert "nothing has this name" in text_of(admin.post(address, account="No Such Company"))
    converted = admin.post(address, account="Faro Digital", opportunity="First order")
    assert "Lena Sole" in text_of(converted)
    row = admin.org.record("Lead", Id=lead)
    account = admin.org.record("Account", Name="Faro Digital")["Id"]
    assert (row["IsConverted"], row["ConvertedAccountId"]) == (True, account)
    assert admin.org.record("Opportunity", Name="First order")["AccountId"] == account
    assert "converted lead" in text_of(admin.post(address))


def test_duplicates_of_the_same_name_are_offered_and_merged(admin: Person, ana_id: str) -> None:
    twin = admin.org.create_id("Contact", FirstName="Ana", LastName="Ito")
    other = admin.org.create_id("Contact", LastName="Nickname")
    task = admin.org.create_id("Task", Subject="Call", WhoId=twin)
    assert f'name="{twin}"' in admin.open(f"/_ui/records/{ana_id}/merge").text
    admin.post(f"/_ui/records/{ana_id}/merge", **{twin: "1"}, others=other)
    assert admin.org.record("Task", Id=task)["WhoId"] == ana_id
    gone = admin.org.records("Contact", IsDeleted="true")
    assert {one["Id"] for one in gone} == {twin, other}
    refused = admin.post(f"/_ui/records/{ana_id}/merge", others=ana_id)
    assert "cannot be merged with itself" in text_of(refused)
