"""Texts handed to a gateway by four workers, against a bare loop of the same requests; and how
exactly those workers together keep a sender's rate."""

import itertools
import time
from collections.abc import Iterable, Iterator

import requests

from integrations.models import Connection
from integrations.queueing import redis_client
from sms import pace
from sms.jobs import submit_messages
from sms.models import Message, Sender
from sms.statuses import RANK, MessageStatus
from tests.bench.forked import run_forked
from tests.bench.interleaved import interleave
from tests.bench.registry import Figure, benchmark
from tests.bench.simulated_gateway import simulated_gateway
from tests.bench.stage import Stage
from tests.factories import make_workspace
from tests.harness.sms_gateways import CONFIG
from tests.sms.scripted_gateway import make_sender

WORKERS = 4
_TEXTS = 400
_RATE, _PACED_SECONDS = 200, 8.0


@benchmark("sending", "texts handed over by four workers, and the rate that they share")
def measure(stage: Stage) -> Iterable[Figure]:
    """Every text has a number of its own that is accepted and never reported on."""
    with simulated_gateway(stage) as gateways:
        gateway = gateways.connect(make_workspace(default_region="US"), "mitto")
        sender = make_sender(gateway, "14155550170", segments_per_second=30_000)
        numbers = (f"+1{201 + n // 700}{200 + n % 700}1022" for n in itertools.count())
        rates = interleave(
            stage.rounds,
            {
                "workers": lambda: _rate_of_workers(gateway, sender, numbers),
                "bare loop": lambda: _rate_of_bare_loop(gateways.url, numbers),
            },
        )
        yield Figure("sending: texts by 4 workers", "/s", rates["workers"], rates["bare loop"])
    granted, allowed = _measure_pace()
    yield Figure("sending: granted to allowed by the pace", "segments", granted, allowed)
    yield Figure("sending: segments granted beyond the pace", "segments", granted - allowed)


def _rate_of_workers(gateway: Connection, sender: Sender, numbers: Iterator[str]) -> float:
    state = MessageStatus.QUEUED
    Message.unscoped.bulk_create(
        Message(
            workspace=gateway.workspace,
            connection=gateway,
            direction=Message.Direction.OUTBOUND,
            purpose=Message.Purpose.CONVERSATION,
            origin=Message.Origin.COMPOSE,
            phone_e164=next(numbers),
            our_number=str(sender),
            sender=sender,
            text="Your table is ready.",
            encoding="GSM-7",
            segments=1,
            state=state,
            rank=RANK[state],
        )
        for _ in range(_TEXTS)
    )
    seconds = run_forked(WORKERS, lambda: submit_messages(gateway.pk))
    left = Message.unscoped.filter(connection=gateway).exclude(state=MessageStatus.ACCEPTED)
    if left.exists():
        raise RuntimeError(f"{left.count()} texts were not accepted.")
    return _TEXTS / seconds


def _rate_of_bare_loop(url: str, numbers: Iterator[str]) -> float:
    with requests.Session() as session:
        session.headers["X-Mitto-API-Key"] = CONFIG.product_key
        started = time.perf_counter()
        for _ in range(_TEXTS):
            text = {
                "from": "14155550170",
                "to": next(numbers).removeprefix("+"),
                "text": "Your table is ready.",
            }
            session.post(f"{url}/sms", json=text, timeout=30).raise_for_status()
        return _TEXTS / (time.perf_counter() - started)


def _measure_pace() -> tuple[float, float]:
    """Segments that four greedy workers were granted after the first burst, and those allowed."""
    counter = "patchbay:bench:granted"
    redis_client().delete(counter, "patchbay:pace:0")
    # The bucket begins full; what counts is what flows in after.
    while pace.take(0, segments=1, segments_per_second=_RATE) == 0:
        pass
    emptied_at = time.monotonic()
    redis_client.cache_clear()
    # The clock is the machine's, so all of them end at once however long it took to start them.
    run_forked(WORKERS, lambda: _take_greedily(counter, emptied_at + _PACED_SECONDS))
    return float(redis_client().get(counter) or 0), _RATE * _PACED_SECONDS


def _take_greedily(counter: str, ends: float) -> None:
    granted = 0
    while time.monotonic() < ends:
        wait = pace.take(0, segments=1, segments_per_second=_RATE)
        granted += wait == 0
        time.sleep(min(wait, 0.05))
    redis_client().incrby(counter, granted)
