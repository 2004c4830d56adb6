"""A text to all members of a campaign: whom, what exactly, what it costs, and once to each."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from integrations.jobs import deliver_crm_writes
from integrations.models import CrmWrite
from integrations.options import active_options, publish_revision
from integrations.tenancy import workspace_scope
from sms.consent import opt_out
from sms.jobs import file_due_messages
from sms.messaging import NewText, TextNotTaken, queue_message
from sms.models import Message, OptOutEvent, Sender, SmsCampaign, SmsPrice
from tests.factories import make_member
from tests.features.campaigner import Campaigner
from tests.features.marketer import one_line, quoted
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def marketer(salesforce_org: SalesforceOrg, sms_gateways: SmsGateways) -> Campaigner:
    return Campaigner(salesforce_org, sms_gateways)


def add_everybody(marketer: Campaigner) -> None:
    """Six members: two get the text, and four are left out, each for a reason of their own."""
    marketer.add_member(LastName="Contact")
    marketer.add_member("Lead", LastName="Lead", FirstName="Ben", MobilePhone="(415) 555-0002")
    marketer.add_member("Lead", LastName="Twice", MobilePhone="415-555-0001")
    marketer.add_member(LastName="Without", MobilePhone="", Phone="+14155550003")
    marketer.add_member(LastName="Garbage", MobilePhone="call me")
    marketer.add_member(LastName="Optedout", MobilePhone="+14155550005")
    with workspace_scope(marketer.workspace):
        opt_out("+14155550005", OptOutEvent.Source.KEYWORD)


@pytest.mark.feature("MIT-42", "MIT-43", "MIT-44")
def test_everybody_eligible_is_written_to_once_and_the_rest_are_listed_with_the_reason(
    marketer: Campaigner,
) -> None:
    add_everybody(marketer)
    marketer.prepare()
    assert marketer.recipients() == {
        "Ada Contact": "eligible",
        "Ben Lead": "eligible",
        "Ada Twice": "duplicate",
        "Ada Without": "no_mobile",
        "Ada Garbage": "invalid",
        "Ada Optedout": "opted_out",
    }
    page = marketer.page_of()
    assert "<dt>Recipients</dt><dd>2</dd>" in page
    assert "<dt>Left out</dt><dd>4</dd>" in page
    for reason in ("No mobile number", "Not a phone number", "Number of another member"):
        assert reason in page
    listed = marketer.page(f"sms/smscampaign/{marketer.campaign.pk}/recipients/", show="left_out")
    assert "Ada Without" in listed
    assert "Ada Contact" not in listed

    assert "Launched." in marketer.launch()
    sent = {one["handset"]: one["text"] for one in marketer.send()}
    assert sent == {
        "+14155550001": "Hi Ada, the spring sale begins today.",
        "+14155550002": "Hi Ben, the spring sale begins today.",
    }
    assert marketer.work().state == "done"
    assert len(marketer.send()) == 2, "nobody hears twice"


@pytest.mark.feature("MIT-45", "MIT-46")
def test_who_opted_out_gets_nothing_however_it_is_tried(marketer: Campaigner) -> None:
    marketer.add_member(LastName="Stays")
    marketer.add_member(LastName="Leaves", MobilePhone="+14155550002")
    assert marketer.prepare().recipient_count == 2
    marketer.launch()
    with workspace_scope(marketer.workspace):
        opt_out("+14155550002", OptOutEvent.Source.KEYWORD)
    assert [one["handset"] for one in marketer.send()] == ["+14155550001"]
    assert marketer.recipients()["Ada Leaves"] == "opted_out"
    with workspace_scope(marketer.workspace), pytest.raises(TextNotTaken, match="opted out on"):
        queue_message(
            NewText(
                to="+14155550002",
                text="Forced",
                purpose=Message.Purpose.TRANSACTIONAL,
                origin=Message.Origin.API,
            )
        )


@pytest.mark.feature("MIT-47", "MIT-48", "K-17")
def test_estimate_and_exact_count_stand_side_by_side_with_who_crosses(
    marketer: Campaigner,
) -> None:
    for number, name in enumerate(("Ada", "Bartholomew-Maxi", "Cleo")):
        marketer.add_member(FirstName=name, MobilePhone=f"+1415555000{number}")
    marketer.prepare("x" * 150 + "{{FirstName}}")
    page = marketer.page_of()
    assert "160 / 160 [1] 3" in page
    assert re.search(r"every text worked out</span> <span[^>]*>4</span>", page)
    assert "1 more than estimated" in page
    assert "1 person gets more messages than estimated" in page
    crossing = marketer.page(f"sms/smscampaign/{marketer.campaign.pk}/recipients/", show="crossing")
    assert "Bartholomew-Maxi" in crossing
    assert "Cleo" not in crossing


@pytest.mark.feature("PLUS-01")
def test_preview_gateway_and_result_agree_to_the_segment_and_the_cost_is_told(
    marketer: Campaigner,
) -> None:
    for number, name in enumerate(("Ada", "Zoë", "Łucja")):
        marketer.add_member(FirstName=name, MobilePhone=f"+1415555000{number}")
    with workspace_scope(marketer.workspace):
        SmsPrice.objects.create(
            workspace=marketer.workspace, country="US", price="0.0125", currency="USD",
            valid_from="2026-01-01", source="Contract 7",
        )  # fmt: skip
    marketer.prepare("Here’s news for {{FirstName}}: " + "x" * 60)
    page = marketer.page_of()
    assert "<code>’</code> in the text, at character 5" in page
    assert "<code>Ł</code> in the fields of 1 person" in page
    assert marketer.campaign.segment_count == 6
    assert "0.08 USD" in page
    marketer.post(f"sms/smscampaign/{marketer.campaign.pk}/plain/")
    campaign = marketer.work()
    assert campaign.segment_count == 1 + 2 + 2, "ë and Ł have no plain form"

    question = marketer.page(f"sms/smscampaign/{campaign.pk}/launch/")
    assert "write to 3 people with 5 messages, which cost 0.06 USD." in question
    marketer.launch()
    sent = marketer.send()
    assert {"Here's news for Ada" in one["text"] for one in sent} == {True, False}
    assert sum(len(one["parts"]) for one in sent) == 5
    assert sum(one.segments for one in marketer.messages()) == 5


@pytest.mark.feature("PLUS-15")
def test_the_page_says_which_sender_each_country_sees_and_nothing_takes_its_place(
    marketer: Campaigner,
) -> None:
    marketer.add_member(LastName="American")
    marketer.add_member(LastName="Spaniard", MobilePhone="+34600111222")
    with workspace_scope(marketer.workspace):
        Sender.objects.update(kind=Sender.Kind.BRANDED, value="Acme")
    marketer.prepare()
    page = marketer.page_of()
    assert "Acme is a name, and names are not carried there (US)." in page
    assert "The workspace&#x27;s default." in page
    assert marketer.recipients() == {"Ada American": "no_sender", "Ada Spaniard": "eligible"}
    assert "1 message without a price (ES)" in page


def test_of_two_marketers_one_launches_and_the_other_is_told(marketer: Campaigner) -> None:
    marketer.add_member()
    marketer.prepare()
    colleague = Client()
    colleague.force_login(make_member(marketer.workspace, roles=("marketer",)).user)
    address = f"/w/{marketer.workspace.slug}/sms/smscampaign/{marketer.campaign.pk}/launch/"
    assert "Launched." in marketer.launch()
    told = one_line(colleague.post(address, {"people": 1, "segments": 1}, follow=True))
    assert quoted("already. It goes out once.") in told
    assert len(marketer.send()) == 1


def test_pause_resume_and_cancel_from_the_page(marketer: Campaigner) -> None:
    marketer.add_member()
    marketer.prepare()
    marketer.launch()
    assert "The campaign is paused." in marketer.act("pause")
    assert marketer.send() == []
    assert "The campaign goes on." in marketer.act("resume")
    assert len(marketer.send()) == 1
    assert "The campaign is cancelled." in marketer.act("cancel")
    assert "Cancelled" in marketer.page("sms/smscampaign/")


def test_a_campaign_for_later_says_so_and_waits(marketer: Campaigner) -> None:
    marketer.add_member()
    marketer.prepare()
    address = f"sms/smscampaign/{marketer.campaign.pk}"
    hours = {"starts_at": "2090-01-09T10:00", "opens": "18:00", "closes": "09:00", "rest": "stops"}
    page_of_hours = f"/w/{marketer.workspace.slug}/{address}/hours/"
    told = one_line(marketer.client.post(page_of_hours, hours, follow=True))
    assert "The hours must end after they begin." in told
    hours |= {"opens": "09:00", "closes": "18:00"}
    told = one_line(marketer.client.post(page_of_hours, hours, follow=True))
    assert "The hours are changed." in told
    question = marketer.page(f"{address}/launch/")
    assert "between 09:00 and 18:00 where each person is, not on Sundays." in question
    assert "What is left when the hours end is not sent any more." in question
    assert "Schedule it" in question
    marketer.launch()
    assert (marketer.campaign.state, marketer.hand_over()) == ("scheduled", [])
    marketer.act("cancel")
    assert marketer.campaign.state == "cancelled"


def test_salesforce_that_stops_in_between_is_read_on_from_there(
    marketer: Campaigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sms.campaigns.audience.PAGE", 2)
    for number in range(5):
        marketer.add_member(LastName=f"N{number}", MobilePhone=f"+1415555000{number}")
    marketer.begin()
    marketer.org.fault("/query", "status", status=503, times=1)
    assert marketer.work().state == "preparing"
    assert "Patchbay goes on by itself as soon as it can." in marketer.page_of()
    campaign = marketer.work()
    assert (campaign.state, campaign.members_read, campaign.recipient_count) == ("ready", 5, 5)


def test_reading_the_members_again_replaces_the_first_look(marketer: Campaigner) -> None:
    marketer.add_member(LastName="First")
    marketer.prepare()
    marketer.add_member("Lead", LastName="Second", MobilePhone="+14155550002")
    assert "The members are read again." in marketer.act("read_again")
    assert marketer.work().recipient_count == 2
    assert marketer.recipients() == {"Ada First": "eligible", "Ada Second": "eligible"}


def test_a_member_taken_out_in_between_gets_nothing(marketer: Campaigner) -> None:
    marketer.add_member(LastName="Stays")
    marketer.add_member("Lead", LastName="Leaves", MobilePhone="+14155550002")
    marketer.prepare()
    [member] = [
        one for one in marketer.org.records("CampaignMember", CampaignId=marketer.record)
        if one["Name"] == "Ada Leaves"
    ]  # fmt: skip
    marketer.delete_record("CampaignMember", member["Id"])
    marketer.launch()
    assert [one["handset"] for one in marketer.send()] == ["+14155550001"]
    assert marketer.recipients()["Ada Leaves"] == "removed"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ", "There is no text to send."),
        ("Hi {{Company}}", "exists on leads alone"),
        ("Hi {{FirstName", "double braces open and close one field"),
    ],
)
def test_a_text_that_cannot_go_to_all_members_begins_nothing(
    marketer: Campaigner, text: str, reason: str
) -> None:
    assert reason in marketer.begin(text)
    assert not SmsCampaign.unscoped.exists()


def test_an_empty_campaign_can_be_launched_by_nobody(marketer: Campaigner) -> None:
    marketer.prepare()
    page = marketer.page_of()
    assert "Nobody gets this text" in page
    assert "/launch/" not in page
    told = marketer.post(
        f"sms/smscampaign/{marketer.campaign.pk}/launch/", people="0", segments="0"
    )
    assert "Nobody would get this text. Nothing was launched." in told


def test_a_test_goes_to_oneself_with_the_words_of_a_recipient(marketer: Campaigner) -> None:
    marketer.add_member()
    marketer.prepare()
    address = f"sms/smscampaign/{marketer.campaign.pk}/test/"
    assert "Hi Ada, the spring sale" in marketer.page(address)
    marketer.post(address, to="+14155559999", key="k1")
    [sent] = marketer.hand_over()
    assert (sent["handset"], sent["text"]) == (
        "+14155559999",
        "Hi Ada, the spring sale begins today.",
    )
    assert marketer.campaign.state == "ready"


def test_the_file_holds_everybody_and_runs_no_formula(marketer: Campaigner) -> None:
    marketer.add_member(LastName="Without", FirstName="=1+1", MobilePhone="")
    marketer.add_member()
    marketer.prepare()
    address = f"/w/{marketer.workspace.slug}/sms/smscampaign/{marketer.campaign.pk}/recipients.csv"
    lines = marketer.client.post(address).getvalue().decode().splitlines()
    assert len(lines) == 3
    assert "'=1+1 Without" in lines[1]
    assert "No mobile number" in lines[1]
    assert "'+14155550001" in lines[2]


def test_the_confirmation_says_how_many_tasks_salesforce_will_store(marketer: Campaigner) -> None:
    marketer.add_member()
    marketer.prepare()
    address = f"sms/smscampaign/{marketer.campaign.pk}/launch/"
    assert "Salesforce stores no Tasks of it" in marketer.page(address)
    with workspace_scope(marketer.workspace):
        active = active_options()
        values = {**active.values, "activity_history": True}
        publish_revision(values, based_on=active.number, actor=None)
    assert "Salesforce stores 1 Task of it" in marketer.page(address)


@pytest.mark.parametrize(
    ("mirror", "tasks", "statuses"),
    [("each", [True, False], []), ("status", [], ["Sent", "Sent"]), ("none", [], [])],
)
def test_salesforce_keeps_of_it_what_the_options_say(
    marketer: Campaigner, mirror: str, tasks: list[bool], statuses: list[str]
) -> None:
    with workspace_scope(marketer.workspace):
        active = active_options()
        values = {**active.values, "activity_history": True, "mirror_campaign_sms": mirror}
        publish_revision(values, based_on=active.number, actor=None)
    people = [
        marketer.add_member(LastName="Contact"),
        marketer.add_member("Lead", LastName="Lead", MobilePhone="+14155550002"),
    ]
    marketer.prepare()
    marketer.launch()
    marketer.send()
    for _again in range(2):
        Message.unscoped.update(plan_due_at=timezone.now())
        file_due_messages()
        deliver_crm_writes(marketer.salesforce.pk)
    made = {one["WhoId"]: one for one in marketer.org.records("Task") if one["WhoId"] in people}
    # A contact's Task hangs on the campaign, a lead's names it in its text (D4).
    assert [made[one]["WhatId"] == marketer.record for one in people if one in made] == tasks
    assert all("Campaign: Spring Zyx" in one["Description"] for one in made.values())
    changed = [
        write.fields["Status"]
        for write in CrmWrite.unscoped.filter(sobject="CampaignMember", state="done")
    ]
    assert changed == statuses


@pytest.mark.feature("K-24")
def test_only_who_may_send_begins_or_launches_a_campaign(marketer: Campaigner) -> None:
    marketer.add_member()
    marketer.prepare()
    manager = Client()
    manager.force_login(make_member(marketer.workspace, roles=("call_manager",)).user)
    start = f"/w/{marketer.workspace.slug}/sms"
    pk = marketer.campaign.pk
    assert manager.get(f"{start}/smscampaign/{pk}/change/").status_code == 200
    for rest in (f"smscampaign/{pk}/launch/", "smscampaign/add/", f"smscampaign/{pk}/cancel/"):
        assert manager.post(f"{start}/{rest}").status_code == 403
    assert marketer.campaign.state == "ready"
