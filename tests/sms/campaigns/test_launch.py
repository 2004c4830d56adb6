"""Launching, pausing and ending: one acts, everybody else is told, and nothing leaves twice."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.errors import NotSent
from integrations.models import AuditEntry, Connection, Membership, Workspace
from sms.campaigns import launch, queueing
from sms.campaigns.drafts import CampaignNotChanged
from sms.campaigns.launch import Agreed
from sms.campaigns.work import take_step
from sms.consent import opt_out
from sms.jobs import submit_messages
from sms.models import CampaignRecipient, Message, OptOutEvent, SmsCampaign
from tests.factories import make_member
from tests.sms.campaigns.campaign_rows import add_recipients, make_campaign, outcomes, prepare
from tests.sms.scripted_gateway import ScriptedGateway

pytestmark = pytest.mark.usefixtures("sender")


@pytest.fixture(autouse=True)
def members(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Salesforce says that all are members still, but for those in this set."""
    gone: set[str] = set()
    monkeypatch.setattr(
        queueing,
        "read_member_ids",
        lambda campaign: [
            one
            for one in campaign.recipients.values_list("member_id", flat=True)
            if one not in gone
        ],
    )
    return gone


@pytest.fixture
def by(workspace: Workspace) -> Membership:
    return make_member(workspace, roles=("marketer",))


def ready(workspace: Workspace, people: int = 3, **fields: Any) -> SmsCampaign:
    campaign = make_campaign(workspace, **fields)
    add_recipients(campaign, [{}] * people)
    return prepare(campaign)


def agreed(campaign: SmsCampaign) -> Agreed:
    return Agreed(campaign.recipient_count, campaign.segment_count)


def start(campaign: SmsCampaign, by: Membership) -> None:
    """Launched, and the messages are made."""
    launch.launch(campaign, agreed(campaign), by=by)
    take_step(campaign.pk)
    campaign.refresh_from_db()


def due_again(**fields: Any) -> None:
    SmsCampaign.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1), **fields)


def test_every_recipient_gets_one_message_and_the_sums_agree(
    workspace: Workspace, connection: Connection, gateway: ScriptedGateway, by: Membership
) -> None:
    campaign = ready(workspace, people=20)
    start(campaign, by)
    submit_messages(connection.pk)
    due_again()
    take_step(campaign.pk)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.sent_count) == ("done", 20)
    numbers = [text.to_e164 for text in gateway.sent]
    assert len(numbers) == len(set(numbers)) == campaign.recipient_count
    assert sum(Message.objects.values_list("segments", flat=True)) == campaign.segment_count
    message = Message.objects.first()
    assert message is not None
    assert (message.origin, message.purpose, message.membership) == ("campaign", "marketing", by)
    assert (message.campaign_name, message.text) == ("Spring", "Hi Ada")
    assert message.campaign_recipient.campaign == campaign


def test_of_two_who_launch_one_wins_and_the_other_is_told(
    workspace: Workspace, by: Membership
) -> None:
    campaign = ready(workspace)
    same = SmsCampaign.objects.get(pk=campaign.pk)
    launch.launch(campaign, agreed(campaign), by=by)
    with pytest.raises(CampaignNotChanged, match=f"{by} launched it at .* It goes out once"):
        launch.launch(same, agreed(same), by=make_member(workspace))
    assert AuditEntry.objects.filter(action="campaign.launched").count() == 1

    other = ready(workspace)
    with pytest.raises(CampaignNotChanged, match="Another text to the members of this campaign"):
        launch.launch(other, agreed(other), by=by)


def test_only_what_was_read_on_the_confirmation_is_launched(
    workspace: Workspace, by: Membership
) -> None:
    campaign = ready(workspace)
    before = agreed(campaign)
    SmsCampaign.objects.update(segment_count=7)
    with pytest.raises(CampaignNotChanged, match="The numbers have changed"):
        launch.launch(campaign, before, by=by)
    with pytest.raises(CampaignNotChanged, match="Nobody would get this text"):
        launch.launch(campaign, Agreed(0, 0), by=by)


def test_who_left_or_opted_out_since_the_preview_is_skipped_with_the_reason(
    workspace: Workspace, by: Membership, members: set[str]
) -> None:
    campaign = ready(workspace, people=3)
    members.add(campaign.recipients.order_by("pk")[0].member_id)
    launch.launch(campaign, agreed(campaign), by=by)
    opt_out("+447700900001", OptOutEvent.Source.KEYWORD)
    take_step(campaign.pk)
    states = [(state, reason) for state, reason, _segments in outcomes(campaign)]
    assert states == [("skipped", "removed"), ("skipped", "opted_out"), ("queued", "")]
    assert Message.objects.count() == 1


def test_an_opt_out_after_that_is_heeded_by_the_last_look(
    workspace: Workspace, connection: Connection, gateway: ScriptedGateway, by: Membership
) -> None:
    start(ready(workspace), by)
    opt_out("+447700900001", OptOutEvent.Source.KEYWORD)
    submit_messages(connection.pk)
    assert [text.to_e164 for text in gateway.sent] == ["+447700900000", "+447700900002"]


def test_making_the_messages_again_makes_none(workspace: Workspace, by: Membership) -> None:
    campaign = ready(workspace)
    start(campaign, by)
    due_again(claim_token=None, lease_expires_at=None)
    take_step(campaign.pk)
    assert Message.objects.count() == 3


def test_a_paused_campaign_sends_nothing_until_it_is_resumed(
    workspace: Workspace, connection: Connection, gateway: ScriptedGateway, by: Membership
) -> None:
    campaign = ready(workspace)
    start(campaign, by)
    launch.pause(campaign, by=by)
    submit_messages(connection.pk)
    take_step(campaign.pk)
    assert gateway.sent == []

    with pytest.raises(CampaignNotChanged, match="stands at “Paused” by now"):
        launch.pause(campaign, by=by)
    launch.resume(campaign, by=by)
    submit_messages(connection.pk)
    assert len(gateway.sent) == 3


def test_what_a_worker_took_before_the_pause_does_not_escape_it(
    workspace: Workspace, connection: Connection, gateway: ScriptedGateway, by: Membership
) -> None:
    campaign = ready(workspace, people=1)
    start(campaign, by)

    gateway.script["+447700900000"] = [NotSent("no route", "NOT_SENT")]
    submit_messages(connection.pk)
    # Paused while the request was out: its failure queued the text again after that.
    SmsCampaign.objects.update(state="paused")
    Message.objects.update(next_attempt_at=timezone.now())
    submit_messages(connection.pk)
    assert len(gateway.sent) == 1, "the request that failed, and none after it"
    message = Message.objects.get()
    assert (message.state, message.reason) == ("queued", "Paused.")
    assert message.next_attempt_at == launch.NEVER


def test_a_cancelled_campaign_never_sends_the_rest(
    workspace: Workspace, connection: Connection, gateway: ScriptedGateway, by: Membership
) -> None:
    campaign = ready(workspace)
    start(campaign, by)
    launch.cancel(campaign, by=by)
    submit_messages(connection.pk)
    assert gateway.sent == []
    assert set(Message.objects.values_list("state", flat=True)) == {"cancelled"}
    for act in (launch.pause, launch.resume, launch.cancel):
        with pytest.raises(CampaignNotChanged, match="stands at “Cancelled” by now"):
            act(campaign, by=by)


def test_a_scheduled_campaign_waits_for_its_time_and_can_be_called_off(
    workspace: Workspace, by: Membership
) -> None:
    later = timezone.now() + timedelta(hours=2)
    campaign = ready(workspace, starts_at=later)
    launch.launch(campaign, agreed(campaign), by=by)
    assert not take_step(campaign.pk)
    due_again()
    SmsCampaign.objects.update(starts_at=timezone.now())
    assert take_step(campaign.pk)
    assert Message.objects.count() == 3

    other = ready(workspace, starts_at=later, campaign_record_id="701000000000002AAA")
    launch.launch(other, agreed(other), by=by)
    launch.cancel(other, by=by)
    due_again()
    assert not take_step(other.pk)


def test_a_dead_worker_is_followed_by_another_when_its_lease_ends(
    workspace: Workspace, by: Membership
) -> None:
    campaign = ready(workspace)
    launch.launch(campaign, agreed(campaign), by=by)
    hour = timedelta(hours=1)
    SmsCampaign.objects.update(lease_expires_at=timezone.now() + hour)
    assert not take_step(campaign.pk)
    SmsCampaign.objects.update(lease_expires_at=timezone.now() - hour)
    assert take_step(campaign.pk)
    assert CampaignRecipient.objects.filter(state="queued").count() == 3
