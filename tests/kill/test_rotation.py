"""Two hundred token rotations under fire (RULES C10, PLUS-14).

Two processes work on connections whose access tokens keep expiring; answers of the token endpoint
are lost and processes die at every step of a refresh. A replaced token that somebody knew to be
replaced is never presented, a broken connection is told once, and no write is lost.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from integrations import queueing
from integrations.connections import RECONNECT_NOTICE
from integrations.holding import release_writes
from integrations.models import Connection, CrmWrite, Notice, WriteState
from integrations.notices import resolve_notices
from integrations.tenancy import workspace_scope
from tests.factories import make_workspace
from tests.harness.figures import Tell
from tests.harness.salesforce import TOKEN, SalesforceOrg
from tests.kill.conftest import ProcessPool
from tests.kill.tokenlog import Stored, read_stored, write_stored
from tests.outbox_cases import planned_task, record

pytestmark = [pytest.mark.kill, pytest.mark.django_db(transaction=True)]

CONNECTIONS = 4
ROTATIONS = 200
FAILPOINTS = (
    "refresh.after_claim",
    "refresh.after_answer",
    "refresh.before_store",
    "refresh.after_store",
)
PROCESSES = ["crm", "crm", "sweep"]


def reconnect(org: SalesforceOrg, connection: Connection, log: Path) -> None:
    """An admin connects the Sync User again."""
    tokens = org.act("issue-tokens", username=connection.salesforce_username)
    connection.refresh_from_db()
    credentials = {name: tokens[name] for name in ("access_token", "refresh_token")}
    assert connection.replace_credentials(
        credentials,
        state=Connection.State.ACTIVE,
        state_reason="",
        refresh_sent_at=None,
        refresh_lease_expires_at=None,
        refresh_unknown_count=0,
    )
    write_stored(log, connection.pk, credentials)
    resolve_notices(
        connection.workspace_id,
        kind=RECONNECT_NOTICE,
        subject_key=f"connection:{connection.pk}",
    )
    release_writes(connection)


def mend_broken(org: SalesforceOrg, log: Path) -> Iterator[int]:
    """Reconnect every broken connection; gives the id of each."""
    for connection in Connection.unscoped.filter(state=Connection.State.NEEDS_RECONNECT):
        reconnect(org, connection, log)
        yield connection.pk


def count_rotations(org: SalesforceOrg) -> int:
    """Refreshes that Salesforce carried out."""
    return sum(
        request["carried_out"] == 200 and "refresh_token_sha256" in request["notes"]
        for request in org.requests("/services/oauth2/token")
    )


def known_replaced(org: SalesforceOrg, stored: list[Stored]) -> list[str]:
    """Refresh tokens that were presented after a newer one of their connection was stored."""
    wrong = []
    for request in org.requests("/services/oauth2/token"):
        presented = request["notes"].get("refresh_token_sha256")
        arrived = datetime.fromisoformat(request["at"]).timestamp()
        for own in stored:
            if own.digest != presented:
                continue
            newer = [
                later
                for later in stored
                if later.connection_id == own.connection_id and own.at < later.at < arrived - 0.001
            ]
            if newer:
                wrong.append(presented)
    return wrong


def test_rotation_under_fire_presents_no_dead_token_and_loses_no_write(
    salesforce_org: SalesforceOrg,
    process_pool: ProcessPool,
    tmp_path: Path,
    tell: Tell,
) -> None:
    queueing.redis_client.cache_clear()
    log = tmp_path / "tokens"
    connections = [
        salesforce_org.connect(make_workspace(f"Company {n}")) for n in range(CONNECTIONS)
    ]
    for connection in connections:
        write_stored(log, connection.pk, connection.credentials)
    environment = {
        "REDIS_URL": django_settings.REDIS_URL,
        "POOL_TOKEN_LOG": str(log),
        "POOL_FLUSH_SECONDS": "0.1",
        "SALESFORCE_DEADLINE_SECONDS": "1",
        "OUTBOX_LEASE_SECONDS": "3.5",
        "UNKNOWN_OUTCOME_WAIT_SECONDS": "5",
        "REFRESH_UNKNOWN_WAIT_SECONDS": "1",
        "SALESFORCE_LOGIN_URL": salesforce_org.url,
        "SALESFORCE_CLIENT_ID": django_settings.SALESFORCE_CLIENT_ID,
        "SALESFORCE_CLIENT_SECRET": django_settings.SALESFORCE_CLIENT_SECRET,
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
    }
    fire = {
        "PATCHBAY_FAILPOINTS": json.dumps(dict.fromkeys(FAILPOINTS, 0.06)),
        "PATCHBAY_FAILPOINT_DEATHS": "40",
    }
    salesforce_org.fault(TOKEN, "after", share=0.05)
    broken: Counter[int] = Counter()
    planned = 0
    deadline = time.monotonic() + 400
    with process_pool.run(PROCESSES, **environment, **fire):
        while (rotations := count_rotations(salesforce_org)) < ROTATIONS:
            assert time.monotonic() < deadline, f"only {rotations} rotations"
            salesforce_org.act("expire-access-tokens")
            for connection in connections:
                planned += 1
                with workspace_scope(connection.workspace_id):
                    record(connection, planned_task(f"call:{planned}"), subject=planned)
            broken.update(mend_broken(salesforce_org, log))
            time.sleep(0.2)

    salesforce_org.lift_faults()
    with process_pool.run(PROCESSES, **environment):
        unfinished = CrmWrite.unscoped.exclude(state=WriteState.DONE)
        while unfinished.exists():
            assert time.monotonic() < deadline + 120, list(unfinished.values("state")[:5])
            broken.update(mend_broken(salesforce_org, log))
            time.sleep(0.2)

    stored = read_stored(log)
    keys = Counter(task["CallObject"] for task in salesforce_org.records("Task"))
    notices = Counter(
        int(key.partition(":")[2])
        for key in Notice.unscoped.filter(kind=RECONNECT_NOTICE).values_list(
            "subject_key", flat=True
        )
    )
    deaths = process_pool.deaths()
    tell(
        f"{rotations} rotations, {len(stored)} tokens stored, {planned} writes; "
        f"broken and reconnected {sum(broken.values())} times, deaths {dict(deaths)}"
    )

    assert known_replaced(salesforce_org, stored) == []
    assert notices == broken
    ours = CrmWrite.unscoped.values_list("wire_key", flat=True)
    assert [key for key in ours if keys[key] != 1] == []
    assert len(ours) == planned
    assert min(deaths[name] for name in FAILPOINTS) > 0
    assert sum(broken.values()) > 0
