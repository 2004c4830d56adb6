"""From the end of a call to its record, with Patchbay's processes as they run in production."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from integrations.simulators.salesforce import seed
from tests.features.company import Company
from tests.harness.figures import Tell
from tests.harness.salesforce import SalesforceOrg

COMMANDS = (["work", "calls"], ["work", "lookups"], ["work", "crm"], ["sweep", "--loop"])
#: Salesforce allows a user five grants (salesforce.md 1.9).
COMPANIES = 5
PATIENCE_SECONDS = 60.0


@contextmanager
def running_processes(environment: dict[str, str], directory: Path) -> Iterator[None]:
    """Workers and the clock, until the block ends."""
    with (directory / "output").open("ab") as output:
        processes = [
            subprocess.Popen(
                [sys.executable, "manage.py", *command],
                env=environment,
                cwd=settings.BASE_DIR,
                stdout=output,
                stderr=output,
            )
            for command in COMMANDS
        ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=20)


def wait_for_records(company: Company, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(company.tasks()) < count:
        assert time.monotonic() < deadline, f"{len(company.tasks())} of {count} records"
        time.sleep(0.05)


@pytest.mark.feature("CTM-02")
def test_a_call_is_in_salesforce_seconds_after_it_ended(
    salesforce_org: SalesforceOrg,
    process_environment: dict[str, str],
    tmp_path: Path,
    tell: Tell,
) -> None:
    companies = [Company(salesforce_org) for _ in range(COMPANIES)]
    environment = process_environment | {
        "SALESFORCE_LOGIN_URL": salesforce_org.url,
        "SALESFORCE_CLIENT_ID": settings.SALESFORCE_CLIENT_ID,
        "SALESFORCE_CLIENT_SECRET": settings.SALESFORCE_CLIENT_SECRET,
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
    }
    with running_processes(environment, tmp_path):
        # The first calls show that everything is up.
        for company in companies:
            company.call(seed.ONE_LEAD_NUMBER).play()
        wait_for_records(companies[0], COMPANIES)
        ended: dict[int, datetime] = {}
        for number, company in enumerate(companies, start=100):
            started_at = datetime.now(UTC) - timedelta(seconds=5 + number)
            call = company.call(seed.ONE_CONTACT_NUMBER, started_at=started_at)
            call.play(talk_seconds=number)
            ended[number] = datetime.now(UTC)
        wait_for_records(companies[0], 2 * COMPANIES)
    seconds = sorted(
        (datetime.fromisoformat(task["CreatedDate"]) - ended[length]).total_seconds()
        for task in companies[0].tasks()
        if (length := task["CallDurationInSeconds"]) in ended
    )
    tell("from the last event to the record: " + ", ".join(f"{one:.1f} s" for one in seconds))
    assert len(seconds) == COMPANIES
    assert all(task["WhoId"] for task in companies[0].tasks())
    assert seconds[-1] < 10
