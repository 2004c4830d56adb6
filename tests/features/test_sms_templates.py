"""Templates as a marketer writes them: fields of the org, figures, versions, a real person."""

import pytest

from tests.features.marketer import Marketer, quoted
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marketer(salesforce_org: SalesforceOrg, sms_gateways: SmsGateways) -> Marketer:
    marketer = Marketer(salesforce_org, sms_gateways)
    marketer.read_fields()
    return marketer


@pytest.mark.feature("MIT-29", "MIT-30")
@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("lead", "Hi {{FirstName|there}} of {{Company}}", None),
        ("contact", "Hi {{Title}} of {{Account.Name}}, {{Direct_Line__c}}", None),
        ("campaign", "Hi {{FirstName|there}}, {{Owner.Name}}", None),
        ("contact", "Hi {{Company}}", "{{Company}} is a field of leads; this template is for"),
        ("lead", "Hi {{Account.Name}}", "{{Account.Name}} is a field of contacts; this template"),
        ("lead", "Hi {{Frstname}}", "Did you mean {{FirstName}}?"),
        ("lead", "Hi {{OwnerId}}", "No field is called {{OwnerId}}."),
        ("lead", "Hi {{First Name}}", "no field has such a name"),
        ("lead", "Hi {{FirstName", "double braces open and close one field"),
        ("lead", "  ", "There is no text to send."),
    ],
)
def test_a_template_takes_the_fields_of_its_kind_and_names_any_other(
    marketer: Marketer, kind: str, text: str, reason: str | None
) -> None:
    page = marketer.add_template(kind, text)
    if reason is None:
        assert [(one.kind, one.text) for one in marketer.templates()] == [(kind, text)]
    else:
        assert quoted(reason) in page
        assert marketer.templates() == []


@pytest.mark.feature("MIT-31")
def test_a_campaign_template_takes_only_what_leads_and_contacts_both_have(
    marketer: Marketer,
) -> None:
    for field, holder in (("Company", "leads"), ("Account.Name", "contacts")):
        page = marketer.add_template("campaign", f"Hi {{{{{field}}}}}")
        assert f"{{{{{field}}}}} exists on {holder} alone" in page
    assert marketer.templates() == []


@pytest.mark.feature("MIT-30")
def test_without_salesforce_the_fields_that_every_org_has_are_known(
    salesforce_org: SalesforceOrg, sms_gateways: SmsGateways
) -> None:
    marketer = Marketer(salesforce_org, sms_gateways)
    assert "No field is called" in marketer.add_template("contact", "{{Direct_Line__c}}")
    marketer.add_template("contact", "{{FirstName|there}}")
    told = marketer.post("sms/template/fields/")
    assert "up to date" in told
    marketer.add_template("contact", "{{Direct_Line__c}}", name="Own field")
    assert [one.name for one in marketer.templates()] == ["Greeting", "Own field"]


@pytest.mark.feature("MIT-32", "MIT-33")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a" * 160, "160 / 160 [1] 1 Regular"),
        ("a" * 161, "161 / 160 [2] 2 Regular"),
        ("5 €", "4 / 160 [1] 1 Regular"),
        ("it’s", "4 / 70 [1] 1 Unicode"),
        ("ж" * 71, "71 / 70 [2] 2 Unicode"),
    ],
)
def test_a_template_shows_its_characters_and_whether_it_is_regular(
    marketer: Marketer, text: str, line: str
) -> None:
    marketer.add_template("lead", text)
    assert line in marketer.page("sms/template/")
    [template] = marketer.templates()
    figures, alphabet = line.rsplit(" ", 1)
    page = marketer.page(f"sms/template/{template.pk}/change/")
    assert f">{figures}<" in page
    assert f">{alphabet}<" in page


@pytest.mark.feature("MIT-34", "MIT-35")
def test_a_field_counts_ten_characters_and_makes_the_figure_approximate(
    marketer: Marketer,
) -> None:
    marketer.add_template("lead", "Hi {{FirstName}}", name="Personal")
    marketer.add_template("lead", "Hi you", name="Plain")
    assert "13 / 160 [1] 1 Regular approx." in marketer.page("sms/template/", q="Personal")
    assert "approx." not in marketer.page("sms/template/", q="Plain")


def test_every_version_stays_and_can_be_used_again(marketer: Marketer) -> None:
    marketer.add_template("lead", "First words")
    [template] = marketer.templates()
    address = f"sms/template/{template.pk}"
    form = {"kind": "lead", "name": "Greeting"}
    marketer.post(f"{address}/change/", **form, text="Second words", based_on="1")
    lost = marketer.post(f"{address}/change/", **form, text="Too late", based_on="1")
    assert "Somebody else saved version 2 meanwhile" in lost
    page = marketer.page(f"{address}/change/")
    assert "First words" in page
    assert "Second words" in page

    told = marketer.post(f"{address}/versions/1/restore/")
    assert "The words of version 1 are version 3 now." in told
    [template] = marketer.templates()
    assert (template.text, template.version) == ("First words", 3)


def test_an_archived_template_is_out_of_the_way_until_it_is_brought_back(
    marketer: Marketer,
) -> None:
    marketer.add_template("lead", "Hello")
    [template] = marketer.templates()
    marketer.post(f"sms/template/{template.pk}/archive/")
    assert "Greeting" not in marketer.page("sms/template/")
    assert "Greeting" in marketer.page("sms/template/", standing="archived")
    marketer.post(f"sms/template/{template.pk}/bring_back/")
    assert "Greeting" in marketer.page("sms/template/")


@pytest.mark.feature("MIT-30")
def test_a_real_person_is_found_and_read_for_the_preview(marketer: Marketer) -> None:
    record = marketer.add_record(
        "Contact", LastName="Zyx'w", FirstName="Ada", MobilePhone="+14155550123"
    )
    found = marketer.get("sms/people/", q="Zyx'", kind="contact").json()  # type: ignore[attr-defined]
    assert [one["id"] for one in found["people"]] == [record]
    shown = marketer.get(f"sms/people/{record}/", names="FirstName,Title,Nonsense").json()  # type: ignore[attr-defined]
    assert shown["name"] == "Ada Zyx'w"
    assert shown["values"] == {"FirstName": "Ada", "Title": "", "Nonsense": ""}
    other = marketer.get(f"sms/people/{record}x/").json()  # type: ignore[attr-defined]
    assert "leads and contacts" in other["trouble"]
    gone = marketer.get("sms/people/00QAAAAAAAAAAAA/").json()  # type: ignore[attr-defined]
    assert "no such record" in gone["trouble"]
