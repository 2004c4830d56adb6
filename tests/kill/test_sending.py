"""Single texts under fire: each number hears from us at most once, whoever dies (D8, F15).

Workers die at every named failpoint of sending, and in the middle of requests. The gateway's own
log is what counts: no number twice in it. What a dead worker leaves open is unconfirmed, at most
eight a death, and stays so: nobody but a person sends it again.

``KILL_TEXTS`` and ``KILL_DEATHS`` (at each place) make the run larger than the one of every day.
"""

import json
import os
import time
from collections import Counter

import pytest
from django.db.models import Count
from django.utils import timezone

from integrations.models import Connection
from sms.messaging import wake
from sms.models import Message, Sender
from sms.statuses import RANK, MessageStatus
from sms.submitting import MOST_SUBMITTING
from tests.factories import make_workspace
from tests.harness.figures import Tell
from tests.harness.sms_gateways import SmsGateways
from tests.kill.conftest import ProcessPool
from tests.sms.scripted_gateway import make_sender

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

TEXTS = int(os.environ.get("KILL_TEXTS", "1200"))
DEATHS = int(os.environ.get("KILL_DEATHS", "21"))
FAILPOINTS = (
    "sms.after_claim",
    "sms.after_submitting",
    "http.mid_request",
    "sms.after_answer",
    "sms.before_record",
    "sms.after_record",
)
#: Texts of one claim and batch are fewer than usual, so that every place is reached often enough.
_CLAIM = 12
_OPEN = (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SUBMITTING)


def queue_texts(sender: Sender) -> None:
    """As many texts as numbers; those that end in 1022 are accepted and never reported on."""
    Message.unscoped.bulk_create(
        Message(
            workspace=sender.workspace,
            connection=sender.connection,
            direction=Message.Direction.OUTBOUND,
            purpose=Message.Purpose.CONVERSATION,
            origin=Message.Origin.COMPOSE,
            phone_e164=f"+1{201 + number // 700}{200 + number % 700}1022",
            our_number=str(sender),
            sender=sender,
            text="Your table is ready.",
            encoding="GSM-7",
            segments=1,
            state=MessageStatus.QUEUED,
            rank=RANK[MessageStatus.QUEUED],
        )
        for number in range(TEXTS)
    )


def states(gateway: Connection) -> dict[str, int]:
    rows = Message.unscoped.filter(connection=gateway).order_by().values_list("state")
    return dict(rows.annotate(count=Count("pk")))


def wait_until_settled(gateway: Connection, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while any(states(gateway).get(state) for state in _OPEN):
        assert time.monotonic() < deadline, states(gateway)
        time.sleep(0.5)


def test_no_number_gets_a_text_twice_whenever_a_worker_dies(
    sms_gateways: SmsGateways, process_pool: ProcessPool, tell: Tell
) -> None:
    workspace = make_workspace(default_region="US")
    gateway = sms_gateways.connect(workspace, "mitto")
    sender = make_sender(gateway, "14155550170", segments_per_second=10_000)
    queue_texts(sender)
    environment = {
        "PATCHBAY_FAILPOINTS": json.dumps(
            # A request has several steps and a batch many requests.
            dict.fromkeys(FAILPOINTS, 0.3)
            | {"http.mid_request": 0.02, "sms.before_record": 0.06, "sms.after_record": 0.06}
        ),
        "PATCHBAY_FAILPOINT_DEATHS": str(DEATHS),
        "POOL_CLAIM": str(_CLAIM),
        "MITTO_URL": sms_gateways.url,
    }
    began_at = timezone.now()
    with process_pool.run(["sms-send", "sms-send", "sms-send", "sweep"], **environment):
        for _ in range(3):
            wake(gateway.pk)
        wait_until_settled(gateway, seconds=300 + TEXTS / 10)
    took = (timezone.now() - began_at).total_seconds()

    # What arrived, whether or not anybody was there to hear the answer.
    arrived = Counter(
        request["notes"]["to"]
        for request in sms_gateways.requests()
        # Without a receiver only a beginning of it arrived.
        if request["path"].startswith("/sms") and "to" in request["notes"]
    )
    deaths = process_pool.deaths()
    by_state: dict[str, set[str]] = {
        state: set(
            Message.unscoped.filter(connection=gateway, state=state).values_list(
                "phone_e164", flat=True
            )
        )
        for state in (MessageStatus.ACCEPTED, MessageStatus.UNCONFIRMED)
    }
    accepted, unconfirmed = by_state["accepted"], by_state["unconfirmed"]
    unheard = unconfirmed & set(arrived)
    tell(_table(deaths, len(accepted), len(unconfirmed), len(unheard), took))

    assert [number for number, times in arrived.items() if times > 1] == []
    assert len(accepted) + len(unconfirmed) == TEXTS, states(gateway)
    assert accepted <= set(arrived), "what counts as sent arrived"
    assert set(arrived) <= accepted | unconfirmed, "nothing arrived that counts as never sent"
    assert len(unconfirmed) <= MOST_SUBMITTING * deaths.total()
    # Only who died between the mark and the first byte leaves one that never arrived.
    before_first_byte = deaths["sms.after_submitting"] + deaths["http.mid_request"]
    assert len(unconfirmed - unheard) <= MOST_SUBMITTING * before_first_byte
    assert {name: deaths[name] for name in FAILPOINTS if deaths[name] < min(20, DEATHS)} == {}


def _table(deaths: Counter[str], accepted: int, unconfirmed: int, unheard: int, took: float) -> str:
    lines = [
        f"{TEXTS} texts in {took:.0f} s, {deaths.total()} deaths",
        f"{accepted} accepted, {unconfirmed} unconfirmed; {unheard} of these arrived",
    ]
    return "\n".join(lines + [f"died at {name:<22}{deaths[name]:>5} times" for name in FAILPOINTS])
