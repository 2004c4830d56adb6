"""A signed callback, deduplicated and committed before the answer, against a plain insert."""

import base64
import hashlib
import hmac
import itertools
import json
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from functools import partial

from integrations.models import InboundEvent
from tests.bench.interleaved import interleave
from tests.bench.load import Load, build_request, drive
from tests.bench.registry import Figure, benchmark
from tests.bench.stage import Stage
from tests.factories import SIGNING_SECRET, make_phone_system, make_workspace

_PLAIN = "tests.bench.plain.wsgi:application"
_PLAIN_ENVIRONMENT = {"DJANGO_SETTINGS_MODULE": "tests.bench.plain.settings"}
#: Deliveries a second at which latency is measured (DESIGN 9).
_CALM_RATE = 200.0

#: One call's event as a phone system sends it; about 350 bytes.
EVENT = {
    "type": "call.ringing",
    "occurred_at": "2026-11-20T10:00:00+00:00",
    "leg_key": "leg-1",
    "data": {
        "direction": "inbound",
        "external": "+14155550123",
        "external_raw": "+14155550123",
        "did": "+18005550100",
        "extension": "201",
        "started_at": "2026-11-20T10:00:00+00:00",
    },
}


@benchmark("intake", "a signed callback is checked, deduplicated, committed; its worker is woken")
def measure(stage: Stage) -> Iterable[Figure]:
    """Rates of callback, plain insert and empty view; latency at a calm rate."""
    phone_system = make_phone_system(make_workspace())
    signed = sign_events(f"/hooks/calls/{phone_system.key}/")
    body = json.dumps(EVENT).encode()
    with ExitStack() as servers:
        ours = servers.enter_context(stage.serve("config.wsgi:application"))
        plain = servers.enter_context(stage.serve(_PLAIN, **_PLAIN_ENVIRONMENT))
        bare = servers.enter_context(
            stage.serve(_PLAIN, **_PLAIN_ENVIRONMENT, PLAIN_WITHOUT_MIDDLEWARE="1")
        )
        post = partial(_rate, stage)
        rates = interleave(
            stage.rounds,
            {
                "callback": lambda: post(ours, signed, 202),
                "insert": lambda: post(plain, _repeat("/row/", body), 200),
                "bare insert": lambda: post(bare, _repeat("/row/", body), 200),
                "empty": lambda: post(plain, _repeat("/nothing/", body), 200),
            },
        )
        slowest = interleave(
            stage.rounds,
            {
                "callback": lambda: _p99(stage, ours, signed, 202),
                "insert": lambda: _p99(stage, plain, _repeat("/row/", body), 200),
            },
        )
    callback = rates["callback"]
    yield Figure("intake: callbacks to plain inserts", "/s", callback, rates["insert"])
    yield Figure(
        "intake: callbacks to inserts, no middleware", "/s", callback, rates["bare insert"]
    )
    yield Figure("intake: callbacks to an empty view", "/s", callback, rates["empty"])
    yield Figure("intake: plain inserts to an empty view", "/s", rates["insert"], rates["empty"])
    yield Figure("intake: p99 at 200/s", "ms", slowest["callback"], slowest["insert"])
    yield Figure("intake: deliveries stored", "rows", InboundEvent.unscoped.count())


def sign_events(path: str) -> Iterator[bytes]:
    """Events that never repeat, signed by the Standard Webhooks scheme."""
    key = base64.b64decode(SIGNING_SECRET.removeprefix("whsec_"))
    run = secrets.token_hex(8)
    for number in itertools.count():
        message_id, timestamp = f"{run}-{number}", str(int(time.time()))
        body = json.dumps(EVENT | {"call_key": f"{run}-{number // 3}"}).encode()
        signed = f"{message_id}.{timestamp}.".encode() + body
        signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        yield build_request(
            path,
            body,
            {
                "webhook-id": message_id,
                "webhook-timestamp": timestamp,
                "webhook-signature": f"v1,{signature}",
            },
        )


def _repeat(path: str, body: bytes) -> Iterator[bytes]:
    return itertools.repeat(build_request(path, body))


def _rate(stage: Stage, port: int, requests: Iterator[bytes], status: int) -> float:
    load = drive(port, requests, connections=stage.connections, seconds=stage.seconds)
    return load.require(status).rate


def _p99(stage: Stage, port: int, requests: Iterator[bytes], status: int) -> float:
    load: Load = drive(
        port,
        requests,
        connections=stage.connections,
        seconds=stage.seconds,
        rate=_CALM_RATE,
    )
    return load.require(status).percentile(0.99) * 1000
