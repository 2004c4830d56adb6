"""Each record is written once, whatever becomes of the answers, and the log shows how (PLUS-03)."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from calls.models import Call
from integrations import settling
from integrations.models import CrmWrite, CrmWriteAttempt, Notice, WriteState
from integrations.simulators.salesforce import seed
from tests.features.company import Company
from tests.harness.salesforce import COLLECTIONS

CALLS = 30


def unfinished() -> int:
    return CrmWrite.unscoped.exclude(state=WriteState.DONE).count()


def let_time_pass(company: Company, **by: float) -> None:
    """Everything that was sent was sent that much earlier, and what waits has come due."""
    age = timedelta(**by)
    sent = CrmWrite.unscoped.filter(last_sent_at__isnull=False)
    sent.update(first_sent_at=F("first_sent_at") - age, last_sent_at=F("last_sent_at") - age)
    past = timezone.now() - timedelta(seconds=1)
    CrmWrite.unscoped.exclude(state=WriteState.DONE).update(next_attempt_at=past)
    company.file()


def assert_each_is_there_once(company: Company, calls: list[Call]) -> None:
    keys = Counter(task["CallObject"] for task in company.tasks())
    writes = CrmWrite.unscoped.all()
    assert keys == Counter(write.wire_key for write in writes)
    assert set(keys.values()) == {1}
    assert {write.subject_id for write in writes} == {call.pk for call in calls}
    by_key = {task["CallObject"]: task["Id"] for task in company.tasks()}
    assert {write.wire_key: write.salesforce_record_id for write in writes} == by_key
    assert not Notice.unscoped.filter(kind="written_twice").exists()


@pytest.mark.feature("PLUS-03")
@pytest.mark.parametrize("fault", ["before", "after", "cut", "late"])
def test_lost_answers_neither_lose_nor_double_a_record(company: Company, fault: str) -> None:
    """A third of all requests goes wrong: not carried out, carried out unheard, or late."""
    company.org.fault(COLLECTIONS, fault, share=0.33, seconds=0.05)
    calls = [company.take(seed.ONE_CONTACT_NUMBER, talk_seconds=n) for n in range(CALLS)]
    for _ in range(60):
        if unfinished():
            let_time_pass(company, seconds=120)
    assert unfinished() == 0
    assert_each_is_there_once(company, calls)
    lengths = sorted(task["CallDurationInSeconds"] for task in company.tasks())
    assert lengths == list(range(CALLS))


@pytest.mark.feature("PLUS-03")
def test_nothing_is_sent_again_before_salesforce_was_asked_and_the_time_is_up(
    company: Company,
) -> None:
    company.org.fault(COLLECTIONS, "before", times=1)
    company.take(seed.ONE_CONTACT_NUMBER)
    for _ in range(5):
        let_time_pass(company, seconds=120)
    assert company.tasks() == []
    assert len(company.org.requests("/composite/sobjects")) == 1
    asked = [request["notes"]["q"] for request in company.org.requests("/queryAll")]
    key = CrmWrite.unscoped.get().wire_key
    assert len(asked) >= 5
    assert all(key in soql for soql in asked)

    let_time_pass(company, seconds=120)
    assert len(company.org.requests("/composite/sobjects")) == 2
    assert company.task()["CallObject"] == key


@pytest.mark.feature("PLUS-03")
def test_a_record_that_somebody_deleted_meanwhile_is_not_made_again(company: Company) -> None:
    company.org.fault(COLLECTIONS, "after", times=1)
    company.org.fault("/queryAll$", "status", status=503, times=1)
    company.take(seed.ONE_CONTACT_NUMBER)
    task = company.task()
    company.org.act("delete-record", sobject="Task", id=task["Id"])
    for _ in range(10):
        let_time_pass(company, seconds=120)
    assert unfinished() == 0
    assert company.tasks() == []
    assert len(company.org.requests("/composite/sobjects")) == 1


@pytest.mark.feature("PLUS-03")
def test_a_worker_that_died_after_sending_leaves_a_record_that_is_found(company: Company) -> None:
    """Its row stays marked as sent; the sweeper says unknown, and Salesforce is asked."""
    company.take(seed.ONE_CONTACT_NUMBER)
    CrmWrite.unscoped.update(
        state=WriteState.SENDING,
        salesforce_record_id="",
        lease_expires_at=timezone.now() - timedelta(seconds=1),
    )
    assert settling.mark_abandoned() == 1
    let_time_pass(company, seconds=1)
    assert CrmWrite.unscoped.get().salesforce_record_id == company.task()["Id"]
    assert len(company.org.requests("/composite/sobjects")) == 1


@pytest.mark.feature("PLUS-03")
def test_the_log_shows_intent_attempts_answers_and_the_record(company: Company) -> None:
    company.org.fault(COLLECTIONS, "status", status=503, times=1)
    company.org.act("refuse", sobject="Task", code="UNABLE_TO_LOCK_ROW", times=1)
    company.take(seed.ONE_CONTACT_NUMBER)
    write = CrmWrite.unscoped.get()
    for _ in range(8):
        let_time_pass(company, seconds=120)
    attempts = CrmWriteAttempt.unscoped.order_by("number")
    assert [attempt.outcome for attempt in attempts] == ["unknown", "refused", "succeeded"]
    page = company.page(f"integrations/crmwrite/{write.pk}/change/")
    assert company.task()["Id"] in page
    assert "UNABLE_TO_LOCK_ROW" in page
    assert "HTTP_503" in page
    for text in ("Try 1", "Try 2", "Try 3"):
        assert text in page
    assert company.task()["Subject"].partition(" (")[0] in page
