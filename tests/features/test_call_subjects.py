"""The line that names a call record, with the time where its user is (RULES A7)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.simulators.salesforce import seed
from tests.factories import make_member
from tests.features.company import LONDON_AGENT, Company
from tests.features.salesforce_admin import Admin

LONDON, HONG_KONG = "Europe/London", "Asia/Hong_Kong"


def subject_of(company: Company, e164: str, started_at: datetime, **data: Any) -> str:
    """The subject of a call of the agent's."""
    call = company.call(e164, started_at=started_at)
    call.play(**data)
    return str(company.record(call)["Subject"])


@pytest.mark.feature("CRC-25", "CRC-26", "CRC-27")
@pytest.mark.parametrize(
    ("zone", "at", "number", "known_as", "subject"),
    [
        (
            LONDON,
            datetime(2026, 1, 9, 16, 11, 36, tzinfo=UTC),
            "07814256404",
            ("Contact", {"FirstName": "Fred", "LastName": "Bloggs"}),
            "Inbound Call at 16:11:36 Europe/London from 07814256404 (Fred Bloggs)",
        ),
        (
            HONG_KONG,
            datetime(2026, 1, 9, 8, 14, 28, tzinfo=UTC),
            "01202528735",
            ("Contact", {"FirstName": "John", "LastName": "Smith"}),
            "Inbound Call at 16:14:28 Asia/Hong Kong from 01202528735 (John Smith)",
        ),
        (
            HONG_KONG,
            datetime(2026, 1, 9, 8, 14, 50, tzinfo=UTC),
            "01202528732",
            None,
            "Inbound Call at 16:14:50 Asia/Hong Kong from 01202528732 (Bournemouth)",
        ),
        (
            LONDON,
            datetime(2026, 7, 9, 15, 11, 36, tzinfo=UTC),
            "01202528733",
            ("Account", {"Name": "Quay Stores"}),
            "Inbound Call at 16:11:36 Europe/London from 01202528733 (Quay Stores)",
        ),
    ],
)
def test_the_examples_read_as_agreed(
    company: Company,
    zone: str,
    at: datetime,
    number: str,
    known_as: tuple[str, dict[str, str]] | None,
    subject: str,
) -> None:
    company.choose(timezone_in_subject=True)
    company.agent.salesforce_time_zone = zone
    company.agent.save()
    e164 = f"+44{number[1:]}"
    if known_as:
        company.add_record(known_as[0], Phone=e164, **known_as[1])

    assert subject_of(company, e164, at, external_raw=number, caller_name="Bournemouth") == subject


@pytest.mark.feature("CRC-27", "CRC-28")
def test_without_name_and_zone_both_are_left_out_silently(company: Company) -> None:
    company.choose(timezone_in_subject=True)
    company.agent.salesforce_time_zone = ""
    company.agent.save()
    at = datetime(2026, 1, 9, 16, 11, 36, tzinfo=UTC)

    subject = subject_of(company, seed.NOBODY_NUMBER, at)
    assert subject == f"Inbound Call at 16:11:36 from {seed.NOBODY_NUMBER}"
    assert company.task()["Status"] == "Completed"


@pytest.mark.feature("CRC-29")
def test_the_zone_is_read_from_the_salesforce_user_that_a_member_is_linked_with(
    company: Company,
) -> None:
    company.choose(timezone_in_subject=True)
    member = company.hire("202")
    admin = Admin(company.org, make_member(company.workspace))
    admin.client.post(
        admin.url(f"people/{member.pk}/link/"), {"user": company.user(LONDON_AGENT)["Id"]}
    )
    at = datetime(2026, 7, 9, 15, 11, 36, tzinfo=UTC)

    subject = subject_of(company, seed.NOBODY_NUMBER, at, extension="202")
    assert subject.startswith("Inbound Call at 16:11:36 Europe/London from ")
