"""One text to one person: from a record, from a number, and in answer to what they wrote."""

import io
import re
import uuid
import zipfile
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from integrations.jobs import deliver_crm_writes
from integrations.options import active_options, publish_revision
from integrations.tenancy import workspace_scope
from sms import consent
from sms.jobs import file_due_messages
from sms.models import Message, OptOutEvent
from sms.statuses import MessageStatus
from tests.factories import make_member
from tests.features.marketer import SENDER, Marketer, one_line, quoted
from tests.harness.deploying import deploy
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways
from tests.sms.gateway_rows import make_message

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "+14155550001"
PERSON = {"LastName": "Zyxwv", "FirstName": "Ada", "MobilePhone": "(415) 555-0001"}


class Composer(Marketer):
    """A marketer with people to write to."""

    def add_person(self, sobject: str, **fields: Any) -> str:
        company = {"Company": "Harbor"} if sobject == "Lead" else {}
        return self.add_record(sobject, **(PERSON | company | fields))

    def sheet(self, record: str) -> str:
        return self.page("sms/compose/", record=record)

    def send(self, record: str, text: str, number: str = PHONE, **fields: Any) -> str:
        """Fill in the page of a record and press Send; what is said then."""
        form = {"number": number, "text": text, "key": str(uuid.uuid4()), "act": "send"}
        return self.post(f"sms/compose/?record={record}", **(form | fields))

    def opt_out(self, words: str = "STOP") -> None:
        with workspace_scope(self.workspace):
            source = OptOutEvent.Source.KEYWORD
            consent.opt_out(PHONE, source, evidence={"text": words, "keyword": words})

    def hear(self, text: str, **fields: Any) -> Message:
        """What a handset wrote has come in."""
        values: dict[str, Any] = {
            "direction": Message.Direction.INBOUND,
            "origin": Message.Origin.HANDSET,
            "state": MessageStatus.RECEIVED,
            "phone_e164": PHONE,
            "text": text,
        }
        with workspace_scope(self.workspace):
            values["options_revision"] = active_options().number
        return make_message(self.gateway, **(values | fields))


@pytest.fixture
def composer(salesforce_org: SalesforceOrg, sms_gateways: SmsGateways) -> Composer:
    return Composer(salesforce_org, sms_gateways)


@pytest.mark.feature("MIT-25", "MIT-26")
@pytest.mark.parametrize("sobject", ["Lead", "Contact"])
def test_the_button_that_an_admin_deploys_opens_the_composer_with_the_record(
    composer: Composer, sobject: str
) -> None:
    admin = Client()
    admin.force_login(make_member(composer.workspace).user)
    downloads = f"/w/{composer.workspace.slug}/salesforce/connection/downloads"
    package = admin.get(f"{downloads}/sms-buttons/").content
    token = composer.org.act("issue-tokens", username="admin@acme.test")["access_token"]
    assert deploy(composer.org.url, token, package)["status"] == "Succeeded"

    button = zipfile.ZipFile(io.BytesIO(package)).read(f"objects/{sobject}.object").decode()
    [address] = re.findall(r"<url>(.+)</url>", button)
    record = composer.add_person(sobject)
    target = urlsplit(address.replace(f"{{!{sobject}.Id}}", record))
    assert "Ada Zyxwv" in one_line(composer.client.get(f"{target.path}?{target.query}"))


@pytest.mark.feature("MIT-25", "MIT-37", "MIT-41")
@pytest.mark.parametrize("sobject", ["Lead", "Contact"])
def test_the_address_behind_a_button_opens_the_record_and_sends_to_its_mobile_number(
    composer: Composer, sobject: str
) -> None:
    record = composer.add_person(sobject, Phone="+14155550009")
    page = composer.sheet(record)
    assert "Ada Zyxwv" in page
    assert re.search(rf'value="{re.escape(PHONE)}"[^>]*checked', page), "the mobile is chosen"
    assert quoted(f"{SENDER}: The workspace's default.") in page

    composer.send(record, "Hi {{FirstName|there}}")
    [sent] = composer.hand_over()
    assert (sent["handset"], sent["text"]) == (PHONE, "Hi Ada")
    [message] = composer.messages()
    assert (message.person_sobject, message.person_record_id) == (sobject, record)


@pytest.mark.feature("MIT-25", "MIT-41")
def test_a_person_account_is_one_recipient_and_a_company_is_none(composer: Composer) -> None:
    [account] = composer.org.records("Account", LastName="Soler")
    page = composer.sheet(account["Id"])
    assert "Inés Soler" in page
    assert "Inés Soler, Inés Soler" not in page
    assert "Inés" in composer.send(account["Id"], "Hola {{FirstName}}", number="+34910550120")
    [message] = composer.messages()
    assert (message.person_sobject, message.text) == ("Contact", "Hola Inés")
    assert message.person_record_id == account["PersonContactId"]

    company = composer.add_record("Account", Name="Harbor")
    assert "This account is a company" in composer.sheet(company)


@pytest.mark.feature("MIT-38", "MIT-41")
def test_only_templates_of_the_record_s_kind_are_offered_and_can_be_sent(
    composer: Composer,
) -> None:
    composer.add_template("lead", "Hi {{FirstName}} of {{Company}}", name="For leads")
    composer.add_template("contact", "Hi {{FirstName}}", name="For contacts")
    for_leads, _for_contacts = composer.templates()
    lead, contact = composer.add_person("Lead"), composer.add_person("Contact")
    assert "For contacts" not in composer.sheet(lead)
    assert "For leads" not in composer.sheet(contact)

    chosen = composer.send(lead, "", act="choose", template=str(for_leads.pk))
    assert "{{Company}}" in chosen
    assert composer.messages() == []
    composer.send(lead, for_leads.text, template=str(for_leads.pk))
    foreign = composer.send(contact, "Hi", template=str(for_leads.pk))
    assert "not one of the available choices" in foreign
    [message] = composer.messages()
    assert message.text == "Hi Ada of Harbor"
    assert (message.template_id, message.template_version) == (for_leads.pk, 1)


@pytest.mark.feature("MIT-36", "MIT-39", "MIT-40")
@pytest.mark.parametrize(
    ("name", "text", "shown", "told", "segments"),
    [
        ("Ada", "Hi {{FirstName}}", "13 / 160 [1] 1", "1 message sent to Ada Zyxwv.", 1),
        ("Ada", "x" * 161, "161 / 160 [2] 2", "2 messages sent to Ada Zyxwv.", 2),
        # The estimate is one message; the name is in no GSM alphabet, and the text becomes two.
        ("Zoë", "{{FirstName}} " + "x" * 70, "81 / 160 [1] 1", "2 messages sent to Zoë", 2),
    ],
)
def test_the_counter_estimates_and_the_message_says_how_many_were_sent(
    composer: Composer, name: str, text: str, shown: str, told: str, segments: int
) -> None:
    record = composer.add_person("Contact", FirstName=name)
    assert "0 / 160 [0] 0" in composer.sheet(record)
    assert f">{shown}<" in composer.send(record, text, act="choose")
    assert told in composer.send(record, text)
    [message] = composer.messages()
    assert message.segments == segments


@pytest.mark.feature("MIT-47")
def test_the_figures_read_characters_limit_messages_and_total(composer: Composer) -> None:
    record = composer.add_person("Contact")
    page = composer.send(record, "x" * 172, act="choose")
    assert ">172 / 160 [2] 2<" in page
    assert "characters / limit of one message [number of messages] total" in page


@pytest.mark.feature("MIT-60")
def test_the_page_is_closed_for_who_opted_out_and_says_since_when_and_why(
    composer: Composer,
) -> None:
    record = composer.add_person("Contact", Phone="+14155550009")
    composer.opt_out("Stop. Thank you")
    page = composer.sheet(record)
    assert "This person gets no texts since" in page
    assert "Keyword, “Stop. Thank you”" in page
    assert "<fieldset disabled>" in page

    assert "Evidence" not in page, "it belongs to SMS admins"
    admin = Client()
    admin.force_login(make_member(composer.workspace, roles=("sms_admin",)).user)
    seen = one_line(admin.get(f"/w/{composer.workspace.slug}/sms/compose/?to=%2B{PHONE[1:]}"))
    [evidence] = re.findall(r'href="([^"]+)">Evidence', seen)
    assert "Stop. Thank you" in one_line(admin.get(evidence))

    assert "opted out on" in composer.send(record, "Hello")
    assert "<fieldset disabled>" in composer.page("sms/compose/", to=PHONE)
    assert "<fieldset disabled>" in composer.page("sms/conversations/thread/", number=PHONE)
    assert composer.messages() == []
    assert "<fieldset >" in composer.page("sms/compose/", record=record, number="+14155550009")


def test_a_record_without_a_mobile_is_closed_only_once_every_number_opted_out(
    composer: Composer,
) -> None:
    one = composer.add_person("Contact", MobilePhone="", Phone=PHONE)
    two = composer.add_person("Contact", MobilePhone="", Phone=PHONE, HomePhone="+14155550009")
    composer.opt_out()
    assert "This person gets no texts since" in composer.sheet(one)
    assert "This person gets no texts since" not in composer.sheet(two)


def test_pressing_send_twice_sends_once(composer: Composer) -> None:
    record, key = composer.add_person("Contact"), str(uuid.uuid4())
    for _press in range(2):
        assert "1 message sent" in composer.send(record, "Hello", key=key)
    again = composer.send(record, "Something else", key=key)
    assert "This page has sent a text already" in again
    assert len(composer.hand_over()) == 1

    [fresh] = re.findall(r'name="key" value="([0-9a-f-]+)"', again)
    composer.send(record, "Something else", key=fresh)
    assert [one["text"] for one in composer.hand_over()] == ["Hello", "Something else"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "This field is required."),
        ("  ", "There is no text to send."),
        ("Hi {{Title}}", "Nothing stands in Title for this person."),
        ("Hi {{Nonsense}}", "Nothing stands in Nonsense for this person."),
        ("Hi {{FirstName", "double braces open and close one field"),
        ("x" * 1531, "at most 10 are sent"),
    ],
)
def test_a_text_that_cannot_be_sent_comes_back_with_the_reason(
    composer: Composer, text: str, reason: str
) -> None:
    record = composer.add_person("Contact")
    page = composer.send(record, text)
    assert reason in page
    assert quoted(text.strip()) in page, "what was typed is still there"
    assert composer.messages() == []


def test_a_record_without_a_mobile_number_offers_the_others_and_chooses_none(
    composer: Composer,
) -> None:
    record = composer.add_person("Contact", MobilePhone="call me!", Phone="+14155550009")
    page = composer.sheet(record)
    assert "The record has no mobile number. Choose one that takes texts." in page
    assert "This field is required." in composer.send(record, "Hi", number="")
    assert "not one of the available choices" in composer.send(record, "Hi", number="+14155550002")
    composer.send(record, "Hi", number="+14155550009")
    assert [one["handset"] for one in composer.hand_over()] == ["+14155550009"]
    nobody = composer.add_person("Lead", MobilePhone="60123")
    assert "no number that can be written to" in composer.sheet(nobody)


def test_a_field_that_is_hidden_later_closes_no_page(composer: Composer) -> None:
    composer.read_fields()
    record = composer.add_person("Contact", HomePhone="+14155550009")
    assert "(415) 555-0009" in composer.sheet(record)
    composer.org.act(
        "restrict-field", username="sync@acme.test", sobject="Contact", field="HomePhone"
    )
    page = composer.sheet(record)
    assert "(415) 555-0001" in page
    assert "(415) 555-0009" not in page


def test_people_are_found_by_name_or_number_and_salesforce_may_be_away(
    composer: Composer,
) -> None:
    record = composer.add_person("Lead")
    assert f"?record={record}" in composer.page("sms/compose/", q="Zyx")
    assert "No lead or contact begins like that" in composer.page("sms/compose/", q="Qqqq")
    assert "(415) 555-0001" in composer.page("sms/compose/", q=PHONE)
    assert "not a phone number" in composer.page("sms/compose/", to="garbage")
    assert "this is another record" in composer.page("sms/compose/", record="500000000000001")

    composer.org.fault("/query", "status", status=503, times=9)
    assert "You can still write to a number." in composer.page("sms/compose/", record=record)
    assert "1 message sent" in composer.post(
        f"sms/compose/?to=%2B{PHONE[1:]}",
        number=PHONE, text="Hi", key=str(uuid.uuid4()), act="send",
    )  # fmt: skip


def test_a_thread_shows_both_sides_and_an_answer_goes_under_the_same_record(
    composer: Composer,
) -> None:
    record = composer.add_person("Contact")
    composer.send(record, "Is Tuesday fine?")
    composer.hear("Yes, after <b>ten</b>")
    listed = composer.page("sms/conversations/")
    assert "1 unread" in listed
    assert quoted("Yes, after <b>ten</b>") in listed

    thread = composer.page("sms/conversations/thread/", number=PHONE)
    assert thread.index("Is Tuesday fine?") < thread.index("Yes, after")
    told = composer.post(
        "sms/conversations/reply/", number=PHONE, text="See you", key=str(uuid.uuid4())
    )
    assert "1 message sent to Ada Zyxwv." in told
    assert "unread" not in composer.page("sms/conversations/")
    reply = composer.messages()[-1]
    assert (reply.person_record_id, str(reply.sender)) == (record, SENDER)
    assert "no text to send" in composer.post(
        "sms/conversations/reply/", number=PHONE, text=" ", key=str(uuid.uuid4())
    )


@pytest.mark.feature("MIT-28")
@pytest.mark.parametrize("sobject", ["Lead", "Contact"])
def test_texts_both_ways_stand_among_the_record_s_activities(
    composer: Composer, sobject: str
) -> None:
    with workspace_scope(composer.workspace):
        active = active_options()
        values = {**active.values, "activity_history": True}
        publish_revision(values, based_on=active.number, actor=None)
    record = composer.add_person(sobject)
    composer.send(record, "Is Tuesday fine?")
    composer.hand_over()
    composer.hear("Yes, after ten", person_sobject=sobject, person_record_id=record)
    Message.unscoped.update(plan_due_at=timezone.now())
    file_due_messages()
    deliver_crm_writes(composer.salesforce.pk)

    page = composer.org.read_page(f"{composer.org.url}/lightning/r/{sobject}/{record}/view")
    tasks = composer.org.records("Task", WhoId=record)
    assert len(tasks) == 2
    assert all(task["Subject"] in page for task in tasks)


def test_what_was_read_is_not_new_any_more_and_later_texts_still_are(composer: Composer) -> None:
    seen = composer.hear("First")
    composer.hear("Second")
    composer.post("sms/conversations/read/", number=PHONE, up_to=str(seen.pk))
    assert "1 unread" in composer.page("sms/conversations/")
    composer.post("sms/conversations/read/", number=PHONE, up_to=str(seen.pk + 1))
    assert "unread" not in composer.page("sms/conversations/")


def test_a_thread_announces_what_is_new_and_moves_nothing(composer: Composer) -> None:
    composer.hear("First")
    page = composer.page("sms/conversations/thread/", number=PHONE)
    [again] = re.findall(r'id="thread" hx-get="([^"]+)"', page)
    again = again.replace("&amp;", "&")
    assert composer.client.get(again).status_code == 204
    composer.hear("Second")
    news = composer.client.get(again).content.decode()
    assert "1 new" in news
    assert "Second" not in news
