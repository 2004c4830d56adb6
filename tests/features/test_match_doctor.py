"""The match doctor: every planted case is found, no clean number is reported, the budget holds."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations import match_doctor
from integrations.jobs import examine_phones, read_api_counter
from integrations.models import ApiUsage, CheckedPhone, Connection, PhoneCheckup
from integrations.salesforce import phone_pages
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.features.company import Company

#: Field, text, country of the record (the workspace is in the US).
PLANTED = {
    "no_country": [
        ("020 7946 0123", ""),
        ("(0)30 901820 12", ""),
        ("07911 123456", "United States"),
    ],
    "letters": [("1-800-555-CALL", ""), ("ask at the desk", ""), ("n/a", ""), ("unknown", "")],
    "garbage": [("0000000000", ""), ("[---]", ""), ("123", ""), ("+1 23", "")],
}
CLEAN = [
    ("+44 20 7946 0991", ""),
    ("020 7946 0992", "United Kingdom"),
    ("(415) 555-7701", ""),
    ("415.555.7702 x12", ""),
    ("Mobile 415 555 7703", ""),
    ("+44 (0)20 7946 0993", "GB"),
]


class Doctor:
    """An admin who sends the doctor through Acme's org."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.client = Client()
        self.client.force_login(make_member(company.workspace, ("admin",)).user)
        self.url = f"/w/{company.workspace.slug}/salesforce/match-doctor/"

    def add(self, text: str, country: str = "", **fields: str) -> str:
        place = {"MailingCountry": country} if country else {}
        return self.company.add_record("Contact", LastName="Case", Phone=text, **place, **fields)

    def run(self, steps: int = 20) -> None:
        self.client.post(f"{self.url}run/")
        for _step in range(steps):
            PhoneCheckup.unscoped.update(next_attempt_at=timezone.now())
            examine_phones(self.company.connection.pk)

    def found(self, *problems: str) -> set[tuple[str, str]]:
        with workspace_scope(self.company.workspace):
            rows = match_doctor.findings().values_list("problem", "record_id")
        return {(problem, record) for problem, record in rows if problem in problems}

    def page(self) -> str:
        return self.client.get(self.url).content.decode()


@pytest.fixture
def doctor(company: Company) -> Doctor:
    return Doctor(company)


@pytest.mark.feature("PLUS-12")
def test_every_planted_case_is_found_and_no_clean_number_reported(doctor: Doctor) -> None:
    planted = {
        (problem, doctor.add(text, country))
        for problem, cases in PLANTED.items()
        for text, country in cases
    }
    clean = {doctor.add(text, country) for text, country in CLEAN}
    shared = [doctor.add("+1 415 555 7799"), doctor.add("4155557799")]
    own_twice = doctor.add("+1 415 555 7798", MobilePhone="(415) 555-7798")
    doctor.run()

    assert planted <= doctor.found(*PLANTED)
    reported = {record for _problem, record in doctor.found(*PLANTED, "duplicate")}
    assert reported.isdisjoint({*clean, own_twice})
    assert {record for _problem, record in doctor.found("duplicate")} >= set(shared)
    assert not CheckedPhone.unscoped.filter(problem="").exists()
    assert "Letters in the number" in doctor.page()


@pytest.mark.feature("PLUS-12")
def test_the_file_holds_every_finding_with_cells_that_are_no_formulas(doctor: Doctor) -> None:
    record = doctor.add("=1+1")
    doctor.run()
    answer: Any = doctor.client.post(f"{doctor.url}numbers.csv")
    text = b"".join(answer.streaming_content).decode()

    assert f"garbage,Contact,{record},Case,Phone,'=1+1," in text
    assert len(text.splitlines()) == 1 + CheckedPhone.unscoped.count()


@pytest.mark.feature("PLUS-12")
def test_a_run_keeps_to_its_requests_and_goes_on_where_it_stopped(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_pages, "PAGE", 3)
    monkeypatch.setattr(match_doctor, "REQUESTS_A_DAY", 2)
    doctor.run(steps=5)
    spent = sum(ApiUsage.unscoped.filter(feature="match doctor").values_list("requests", flat=True))
    assert spent <= 3  # a step begins below the limit, and describes the object once
    assert "goes on tomorrow" in doctor.page()

    monkeypatch.setattr(match_doctor, "REQUESTS_A_DAY", 1_000)
    doctor.run()
    in_small_pages = doctor.found("duplicate", *PLANTED)
    monkeypatch.setattr(phone_pages, "PAGE", 2_000)
    doctor.run()
    assert in_small_pages == doctor.found("duplicate", *PLANTED)


@pytest.mark.feature("PLUS-12")
def test_it_waits_at_the_reserve(doctor: Doctor) -> None:
    doctor.company.org.act("set-limit", used=950, maximum=1_000)
    Connection.unscoped.update(last_used_at=None)
    read_api_counter(doctor.company.connection.pk)
    doctor.run(steps=1)
    checkup = PhoneCheckup.unscoped.get()
    assert (checkup.records_read, checkup.state) == (0, PhoneCheckup.State.WAITING)
    assert "down to the reserve" in doctor.page()


def test_an_object_that_the_user_may_not_see_is_left_out(doctor: Doctor) -> None:
    username = doctor.company.connection.salesforce_username
    doctor.company.org.act("restrict-object", username=username, sobject="Lead")
    bad = doctor.add("garbage 1")
    doctor.run()
    assert PhoneCheckup.unscoped.get().state == PhoneCheckup.State.DONE
    assert ("letters", bad) in doctor.found("letters")


def test_another_workspace_sees_nothing_of_it(doctor: Doctor) -> None:
    doctor.add("garbage 1")
    doctor.run()
    with workspace_scope(make_workspace("Other")):
        assert not match_doctor.findings().exists()
