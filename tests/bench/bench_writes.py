"""Writes a second through the outbox, against a bare client that posts the same collections."""

import itertools
import time
from collections.abc import Iterable

import requests

from integrations import delivery
from integrations.models import Connection, CrmWrite, WriteState
from integrations.tenancy import workspace_scope
from tests.bench.interleaved import interleave
from tests.bench.registry import Figure, benchmark
from tests.bench.simulated_org import simulated_org
from tests.bench.stage import Stage
from tests.factories import make_workspace
from tests.outbox_cases import planned_task, record

_BATCHES = 2
_WRITES = _BATCHES * delivery.BATCH


@benchmark("writes", "Tasks through the outbox, against the simulated org's own capacity")
def measure(stage: Stage) -> Iterable[Figure]:
    """Two full requests of 200 records each a round."""
    with simulated_org(stage) as org:
        connection = org.connect(make_workspace())
        bursts = itertools.count()
        rates = interleave(
            stage.rounds,
            {
                "outbox": lambda: _rate_of_outbox(connection, next(bursts)),
                "bare client": lambda: _rate_of_bare_client(connection, next(bursts)),
            },
        )
        sent = org.requests("/composite/sobjects")
        yield Figure("writes: records", "/s", rates["outbox"], rates["bare client"])
        bare = (stage.rounds + 1) * _BATCHES
        ours = (len(sent) - bare) / (stage.rounds + 1)
        yield Figure("writes: requests per 200 records", "requests", ours / _BATCHES)


def _rate_of_outbox(connection: Connection, burst: int) -> float:
    with workspace_scope(connection.workspace_id):
        for number in range(_WRITES):
            record(connection, planned_task(f"burst:{burst}:{number}"), subject=number)
        started = time.perf_counter()
        while delivery.deliver_batch(connection):
            pass
        seconds = time.perf_counter() - started
        left = CrmWrite.objects.exclude(state=WriteState.DONE).count()
    if left:
        raise RuntimeError(f"{left} writes were not delivered.")
    return _WRITES / seconds


def _rate_of_bare_client(connection: Connection, burst: int) -> float:
    url = f"{connection.instance_url}/services/data/v51.0/composite/sobjects"
    token = connection.credentials["access_token"]
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {token}"
        started = time.perf_counter()
        for batch in range(_BATCHES):
            records = [
                {
                    "attributes": {"type": "Task"},
                    **planned_task().fields,
                    "CallObject": f"bare-{burst}-{batch}-{number}",
                }
                for number in range(delivery.BATCH)
            ]
            answer = session.post(url, json={"allOrNone": False, "records": records}, timeout=60)
            answer.raise_for_status()
        return _WRITES / (time.perf_counter() - started)
