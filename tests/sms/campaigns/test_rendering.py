"""What each recipient comes to: the text, the sender, the segments, or the one reason against."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from integrations.models import Connection, Workspace
from sms.campaigns import drafts
from sms.campaigns.drafts import CampaignNotChanged, Words
from sms.campaigns.preview import preview, texts_of
from sms.consent import opt_out, suggest
from sms.models import CampaignRecipient, OptOutEvent, Sender, SenderCountry, SmsCampaign
from sms.segments import count_segments
from tests.factories import make_member, make_salesforce_connection
from tests.sms.campaigns.campaign_rows import add_recipients, make_campaign, outcomes, prepare
from tests.sms.scripted_gateway import make_sender, receive

PHONE = "+447700900000"


def test_whoever_opted_out_or_may_have_is_left_out_with_the_reason(
    workspace: Workspace, sender: Sender
) -> None:
    campaign = make_campaign(workspace)
    add_recipients(campaign, [{}, {}, {}])
    opt_out(PHONE, OptOutEvent.Source.KEYWORD)
    suggest(receive(sender, "please do stop this", phone_e164="+447700900001"), "stop")
    prepare(campaign)
    assert outcomes(campaign) == [
        ("excluded", "opted_out", 0),
        ("excluded", "undecided", 0),
        ("eligible", "", 1),
    ]
    assert (campaign.recipient_count, campaign.excluded_count, campaign.segment_count) == (1, 2, 1)


@pytest.mark.parametrize(
    ("text", "values", "reason"),
    [
        ("Hi {{FirstName}}", {"FirstName": ""}, "empty_field"),
        ("Hi {{FirstName|there}}", {"FirstName": ""}, ""),
        ("Hi {{FirstName}}", {}, "empty_field"),
        ("{{FirstName}}", {"FirstName": "x" * 1531}, "too_long"),
        ("{{FirstName}}", {"FirstName": "x" * 1530}, ""),
    ],
)
def test_a_text_with_a_hole_or_too_many_segments_goes_to_nobody(
    workspace: Workspace, sender: Sender, text: str, values: dict[str, str], reason: str
) -> None:
    campaign = make_campaign(workspace, text)
    add_recipients(campaign, [{"values": values}])
    prepare(campaign)
    [(_state, found, _segments)] = outcomes(campaign)
    assert found == reason


def test_no_sender_takes_the_place_of_another_that_a_country_refuses(
    workspace: Workspace, connection: Connection
) -> None:
    name = make_sender(connection, "Acme", kind=Sender.Kind.BRANDED)
    number = make_sender(connection, "14155550170", is_default=False)
    campaign = make_campaign(workspace)
    people = [{}, {"phone_e164": "+14155550001", "country": "US"}]
    add_recipients(campaign, [*people, {"phone_e164": "+34600111222", "country": "ES"}])
    SenderCountry.objects.create(
        workspace=workspace, sender=name, country="ES", state=SenderCountry.State.PENDING
    )
    prepare(campaign)
    assert [reason for _state, reason, _segments in outcomes(campaign)] == [
        "", "no_sender", "no_sender",
    ]  # fmt: skip
    why = {one.country: one.choice.reason for one in preview(campaign).countries}
    assert why["US"] == "Acme is a name, and names are not carried there (US)."
    assert why["ES"] == "Acme is not registered there yet (ES)."

    SenderCountry.objects.create(
        workspace=workspace, sender=number, country="US", state="approved", is_default=True
    )
    campaign.refresh_from_db()
    SmsCampaign.objects.update(state="preparing", rendered_up_to=0)
    prepare(campaign)
    rows = CampaignRecipient.objects.order_by("pk").values_list("sender", flat=True)
    assert list(rows) == [name.pk, number.pk, None]


def test_a_sender_whose_gateway_is_switched_off_sends_nothing(
    workspace: Workspace, sender: Sender
) -> None:
    campaign = make_campaign(workspace)
    add_recipients(campaign, [{}])
    Connection.unscoped.update(state=Connection.State.DISABLED)
    prepare(campaign)
    assert outcomes(campaign) == [("excluded", "no_sender", 0)]


def test_one_quote_is_named_with_its_place_and_replaced_for_everybody(
    workspace: Workspace, sender: Sender
) -> None:
    make_salesforce_connection(workspace)
    text = "Here’s {{FirstName}} " + "x" * 100
    campaign = make_campaign(workspace, text)
    add_recipients(campaign, [{}, {"values": {"FirstName": "D’Arcy"}}])
    prepare(campaign)
    before = preview(campaign)
    [quote] = before.costly_words
    assert (quote.character, quote.position, quote.replacement) == ("’", 5, "'")
    assert (before.segments, before.unicode) == (4, 2)

    by = make_member(workspace)
    drafts.change_words(campaign, Words(text=text, is_plain=True), by=by)
    prepare(campaign)
    after = preview(campaign)
    assert (after.segments, after.unicode, after.costly_words) == (2, 0, [])
    texts = texts_of(campaign, list(CampaignRecipient.objects.order_by("pk")))
    assert [said[:14] for said in texts.values()] == ["Here's Ada xxx", "Here's D'Arcy "]


def test_a_character_of_somebodys_name_is_told_apart_from_those_of_the_text(
    workspace: Workspace, sender: Sender
) -> None:
    campaign = make_campaign(workspace)
    people = [{"values": {"FirstName": name}} for name in ("Zoë", "Łukasz", "Łucja", "Ada")]
    add_recipients(campaign, people)
    prepare(campaign)
    seen = preview(campaign)
    assert seen.costly_words == []
    assert [(one.character, one.people) for one in seen.costly_values] == [("Ł", 2), ("ë", 1)]
    assert seen.unicode == 3


def test_estimate_and_exact_stand_side_by_side(workspace: Workspace, sender: Sender) -> None:
    campaign = make_campaign(workspace, "x" * 150 + "{{FirstName}}")
    names = ["Ada", "Bartholomew-Maximilian", "Charlotte"]
    add_recipients(campaign, [{"values": {"FirstName": name}} for name in names])
    prepare(campaign)
    seen = preview(campaign)
    assert seen.estimate == "160 / 160 [1] 3"
    assert (seen.estimated_segments, seen.segments, seen.difference) == (3, 4, 1)
    assert (seen.crossing, seen.below) == (1, 0)


def test_working_the_same_out_again_changes_no_row(
    workspace: Workspace, sender: Sender, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    campaign = make_campaign(workspace)
    add_recipients(campaign, [{}] * 40)
    prepare(campaign)
    SmsCampaign.objects.update(state="preparing", rendered_up_to=0)
    with django_assert_max_num_queries(45) as captured:
        prepare(campaign)
    changed = [q["sql"] for q in captured if q["sql"].startswith('UPDATE "sms_campaignrecipient"')]
    assert changed == []


def test_new_words_are_refused_once_it_is_under_way(workspace: Workspace, sender: Sender) -> None:
    make_salesforce_connection(workspace)
    campaign = make_campaign(workspace)
    add_recipients(campaign, [{}])
    prepare(campaign)
    SmsCampaign.objects.update(state="cancelled")
    with pytest.raises(CampaignNotChanged, match="cannot be changed any more"):
        drafts.change_words(campaign, Words(text="Other words"), by=make_member(workspace))
    with pytest.raises(CampaignNotChanged, match="exists on leads alone"):
        drafts.change_words(campaign, Words(text="{{Company}}"), by=make_member(workspace))


def _people() -> Any:
    names = st.text(st.sampled_from("aZ é€’Ł😀[\n"), max_size=40)
    return st.lists(st.builds(lambda name: {"values": {"FirstName": name}}, names), max_size=12)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=_people(), is_plain=st.booleans())
def test_the_sums_are_those_of_the_texts_that_would_be_sent(
    workspace: Workspace, sender: Sender, people: list[dict[str, Any]], is_plain: bool
) -> None:
    SmsCampaign.objects.all().delete()
    campaign = make_campaign(workspace, "Ça va {{FirstName|vous}}? " * 4, is_plain=is_plain)
    add_recipients(campaign, people)
    prepare(campaign)
    seen = preview(campaign)
    texts = texts_of(campaign, list(campaign.recipients.all())).values()
    assert seen.people == campaign.recipient_count == len(people)
    assert seen.segments == campaign.segment_count
    assert seen.segments == sum(count_segments(text).segments for text in texts)
