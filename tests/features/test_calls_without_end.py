"""A leg that never ends: closed as unknown after hours, and corrected by an end that comes late."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.models import Call, CallLeg, CallState, LegEvent
from calls.reaper import close_unended
from integrations.simulators.salesforce import seed
from tests.deliveries import PhoneCall
from tests.features.company import Company


@pytest.fixture
def unended(company: Company) -> PhoneCall:
    """A call that was answered two days ago, after which the phone system was switched off."""
    before = timezone.now() - timedelta(days=2)
    call = company.call(seed.ONE_CONTACT_NUMBER, started_at=before)
    call.send("ringing", 0)
    call.send("answered", 5, answered_at=5)
    company.work(call)
    LegEvent.unscoped.update(recorded_at=before)
    return call


def test_a_call_of_which_nothing_is_heard_is_closed_and_written_once(
    company: Company, unended: PhoneCall
) -> None:
    assert close_unended() == 1
    call = company.work(unended)

    assert (call.state, call.outcome, CallLeg.unscoped.get().end_cause) == (
        CallState.ENDED,
        "answered",
        "no end reported",
    )
    assert company.task()["CallDurationInSeconds"] == 0
    assert "No end was reported: closed at its last event." in company.page_of(call)
    assert close_unended() == 0


def test_an_end_that_comes_late_takes_the_place_of_the_assumed_one(
    company: Company, unended: PhoneCall
) -> None:
    close_unended()
    company.work(unended)
    unended.send("answered", 5, answered_at=5)
    assert company.work(unended).state == CallState.ENDED, "a repeated event changes nothing"

    unended.send("ended", 65, answered_at=5, ended_at=65, end_cause="normal")
    company.work(unended)
    assert CallLeg.unscoped.get().end_cause == "normal"
    assert company.task()["CallDurationInSeconds"] == 60


def test_a_call_that_is_heard_of_goes_on(company: Company) -> None:
    call = company.call(seed.ONE_CONTACT_NUMBER, started_at=timezone.now() - timedelta(days=2))
    call.send("ringing", 0)
    company.work(call)

    assert close_unended() == 0
    assert Call.unscoped.get().state == CallState.RINGING
