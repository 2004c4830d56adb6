"""The call record: when it is written, what it says, and whose it is."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from integrations.models import CrmWriteAttempt
from integrations.simulators.salesforce import seed
from tests.factories import make_member
from tests.features.company import LONDON_AGENT, SECOND_AGENT, Company
from tests.features.salesforce_admin import Admin

#: What a call record might be called instead; "activity" is the log's word for any write.
OTHER_WORDS = r"(activity|phone|interaction) record|(call|log) entry|call (activity|task|note)s?\b"


@pytest.mark.feature("CRC-54")
def test_what_is_written_about_a_call_is_a_call_record_everywhere(company: Company) -> None:
    assert "call record" in company.page("integrations/crmwrite/"), "where there is none yet"
    home = company.page()
    menu = set(re.findall(rf'href="/w/{company.workspace.slug}/([^"?#]+)"', home))
    assert {"calls/call/", "integrations/crmwrite/"} <= menu
    call_page = company.page_of(company.take(seed.TWO_CONTACTS_NUMBER))
    assert "Call record" in call_page
    for page in (call_page, *(company.page(address) for address in sorted(menu))):
        assert not re.search(OTHER_WORDS, page, re.IGNORECASE)


@pytest.mark.feature("CRC-55", "CRC-89")
def test_a_call_record_is_a_completed_activity_of_the_record_that_called(
    company: Company,
) -> None:
    company.take(seed.ONE_CONTACT_NUMBER)
    ana = company.find("Contact", Name=seed.ONE_CONTACT_NAME)["Id"]
    [task] = company.query(
        "SELECT Id, WhoId, Status, IsClosed, TaskSubtype, CallType FROM Task"
        f" WHERE WhoId = '{ana}' AND CallObject LIKE 'pb-%'"
    )
    assert (task["Status"], task["IsClosed"]) == ("Completed", True)
    assert (task["TaskSubtype"], task["CallType"]) == ("Call", "Inbound")


@pytest.mark.feature("CRC-56")
def test_a_record_appears_when_somebody_hangs_up_and_not_before(company: Company) -> None:
    call = company.call(seed.ONE_CONTACT_NUMBER)
    for kind, second in (("ringing", 0), ("answered", 5), ("held", 20), ("resumed", 30)):
        call.send(kind, second)
        company.work(call)
        assert company.tasks() == []
    call.send("ended", 65, answered_at=5, ended_at=65)
    assert company.record(call)["CallDurationInSeconds"] == 60


@pytest.mark.feature("CRC-56", "CRC-64")
def test_a_record_appears_at_a_transfer_while_the_call_goes_on(company: Company) -> None:
    company.hire_user("202", SECOND_AGENT)
    call = company.call(seed.ONE_CONTACT_NUMBER)
    call.send("answered", 5, answered_at=5)
    call.send("transferred", 35, answered_at=5, transfer={"kind": "blind", "to_leg_key": "leg-2"})
    call.send("ended", 35, answered_at=5, ended_at=35, end_cause="transferred")
    call.send("ringing", 35, leg="leg-2", extension="202")
    assert company.record(call)["CallDurationInSeconds"] == 30
    call.send("answered", 40, leg="leg-2", extension="202", answered_at=40)
    assert company.record(call)["CallDurationInSeconds"] == 30
    call.send("ended", 90, leg="leg-2", extension="202", answered_at=40, ended_at=90)
    company.work(call)
    assert [task["CallDurationInSeconds"] for task in company.tasks()] == [30, 50]


@pytest.mark.feature("CRC-73")
def test_the_record_belongs_to_the_user_who_talked(company: Company) -> None:
    company.hire_user("202", SECOND_AGENT)
    company.take(seed.ONE_CONTACT_NUMBER, extension="202")
    assert company.task()["OwnerId"] == company.user(SECOND_AGENT)["Id"]


@pytest.mark.feature("CRC-73")
@pytest.mark.parametrize("extension", ["202", "299"])
def test_without_a_linked_user_the_sync_user_stands_in_and_the_call_says_so(
    company: Company, extension: str
) -> None:
    """202 is a member without a link, 299 nobody's."""
    company.hire("202")
    call = company.take(seed.ONE_CONTACT_NUMBER, extension=extension)
    assert company.task()["OwnerId"] == company.connection.salesforce_user_id
    page = company.page_of(call)
    assert "the record goes to the default owner" in page
    assert "flagged" in page


@pytest.mark.feature("CRC-73")
def test_a_workspace_may_name_who_owns_what_nobody_else_does(company: Company) -> None:
    company.choose(default_owner=company.user(LONDON_AGENT)["Id"])
    company.take(seed.ONE_CONTACT_NUMBER, extension="299")
    assert company.task()["OwnerId"] == company.user(LONDON_AGENT)["Id"]


SUBJECT_12H = "Outbound Call at 1:09:36 PM Greenwich Mean Time to 07814256404 (David Teague)"


@pytest.mark.feature("CRC-74", "K-14", "K-15")
@pytest.mark.parametrize(
    ("options", "subject"),
    [
        ({"timezone_in_subject": True, "subject_format": "12h/zone name"}, SUBJECT_12H),
        (
            {"timezone_in_subject": True},
            "Outbound Call at 13:09:36 Europe/London to 07814256404 (David Teague)",
        ),
        ({}, "Outbound Call at 13:09:36 to 07814256404 (David Teague)"),
    ],
)
def test_direction_time_number_and_name_make_the_line_of_the_record(
    company: Company, options: dict[str, object], subject: str
) -> None:
    company.choose(**options)
    company.link(company.agent, LONDON_AGENT)
    company.add_record(
        "Contact", FirstName="David", LastName="Teague", MobilePhone="+44 7814 256404"
    )
    call = company.call(
        "+447814256404",
        direction="outbound",
        started_at=datetime(2026, 1, 15, 13, 9, 36, tzinfo=UTC),
    )
    call.play(external_raw="07814256404")
    task = company.record(call)
    assert task["Subject"] == subject
    assert task["Description"].splitlines()[0] == subject


@pytest.mark.feature("CRC-74", "K-15")
def test_where_no_zone_is_known_the_line_goes_without(company: Company) -> None:
    company.choose(timezone_in_subject=True)
    company.hire("202")
    call = company.call(
        seed.ONE_CONTACT_NUMBER, started_at=datetime(2026, 1, 15, 13, 9, 36, tzinfo=UTC)
    )
    call.play(extension="202")
    assert company.record(call)["Subject"] == (
        "Inbound Call at 13:09:36 from +14155550101 (Ana Ito)"
    )


@pytest.mark.feature("K-14")
def test_a_very_long_name_is_cut_and_the_number_is_not(company: Company) -> None:
    company.add_record("Account", Name="A" * 255, Phone="+14155550155")
    company.take("+14155550155")
    subject = company.task()["Subject"]
    assert len(subject) == 255
    assert "+14155550155 (AAAA" in subject
    assert subject.endswith("…)")


@pytest.mark.feature("CRC-75")
@pytest.mark.parametrize(
    ("extension", "midnight"),
    [
        # The midnight that ends 28 February where the user is.
        ("201", datetime(2026, 3, 1, 8, 0, tzinfo=UTC)),  # Los Angeles
        ("202", datetime(2026, 2, 28, 23, 0, tzinfo=UTC)),  # Madrid
    ],
)
def test_the_date_is_the_day_of_the_call_where_its_user_is(
    company: Company, extension: str, midnight: datetime
) -> None:
    company.hire_user("202", SECOND_AGENT)
    for seconds in (-1, 0):
        call = company.call(
            seed.ONE_CONTACT_NUMBER, started_at=midnight + timedelta(seconds=seconds)
        )
        call.play(extension=extension)
        company.work(call)
    days = [task["ActivityDate"] for task in company.tasks()]
    assert days == ["2026-02-28", "2026-03-01"]


@pytest.mark.feature("CRC-87")
def test_priority_is_left_to_salesforce(company: Company) -> None:
    company.take(seed.ONE_CONTACT_NUMBER)
    assert "Priority" not in CrmWriteAttempt.unscoped.get().request
    assert company.task()["Priority"] == "Normal"


@pytest.mark.feature("CRC-88", "CRC-89")
def test_the_status_is_the_orgs_own_word_for_closed(company: Company) -> None:
    company.org.act("rename-status", **{"from": "Completed", "to": "Erledigt"})
    Admin(company.org, make_member(company.workspace)).connect(rest="replace/")
    company.take(seed.ONE_CONTACT_NUMBER)
    task = company.task()
    assert task["Status"] == "Erledigt"
    assert task["IsClosed"] is True
    assert task["CompletedDateTime"]


@pytest.mark.feature("CRC-93")
def test_every_record_has_the_length_in_seconds(company: Company) -> None:
    company.take(seed.ONE_CONTACT_NUMBER, talk_seconds=83)
    missed = company.call(seed.ONE_LEAD_NUMBER)
    missed.send("ringing", 0)
    missed.send("ended", 20, ended_at=20, end_cause="no_answer")
    company.work(missed)
    assert [task["CallDurationInSeconds"] for task in company.tasks()] == [83, 0]
    assert "1:23" in company.page("calls/call/")
