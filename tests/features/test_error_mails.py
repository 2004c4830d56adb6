"""Mails about errors: one for what went wrong, to those who were chosen, and no secret in it."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from integrations import error_mails, sweeper
from integrations.jobs import deliver_crm_writes, mail_errors
from integrations.models import AuditEntry, Connection, CrmWrite, DrainLease, Notice, WriteState
from integrations.notices import open_notice, resolve_notices
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace
from tests.harness.salesforce import SalesforceOrg
from tests.outbox_cases import planned_task, record

pytestmark = pytest.mark.django_db(transaction=True)


class Office:
    """A workspace whose admin chooses at the console who gets mails."""

    def __init__(self, org: SalesforceOrg) -> None:
        self.org = org
        self.workspace = make_workspace()
        self.admin = make_member(self.workspace, ("owner",), "owner@acme.test")
        self.client = Client()
        self.client.force_login(self.admin.user)
        self.sync_user = org.connect(self.workspace)

    @property
    def url(self) -> str:
        return f"/w/{self.workspace.slug}/notices/"

    def choose(self, **changes: Any) -> Any:
        page = self.client.get(self.url)
        stored = page.context["form"].initial | {"is_on": "on", "addresses": "desk@acme.test"}
        sent = {name: value for name, value in (stored | changes).items() if value is not None}
        return self.client.post(self.url, sent, follow=True)

    def write(self, *keys: str) -> None:
        with workspace_scope(self.workspace):
            tasks = [planned_task(f"call:{key}:leg:1:task") for key in keys]
            record(self.sync_user, *tasks, subject=int(keys[0]))
        DrainLease.unscoped.update(drained_at=None)
        deliver_crm_writes(self.sync_user.pk)

    def refuse(self, message: str) -> None:
        """A rule of the company refuses every Task."""
        self.org.act("refuse", sobject="Task", message=message)

    def mails(self) -> list[Any]:
        """What leaves now, after the sweeper has looked."""
        before = len(mail.outbox)
        mail_errors(self.workspace.pk)
        return mail.outbox[before:]


@pytest.fixture
def office(salesforce_org: SalesforceOrg) -> Office:
    return Office(salesforce_org)


@pytest.mark.feature("MII-32", "MII-34")
def test_each_distinct_failure_is_one_mail_to_the_chosen_people(office: Office) -> None:
    office.choose(members=[office.admin.pk], addresses="Desk@acme.test, help@acme.test")
    office.refuse("No calls.")
    office.write("1", "2", "3")

    [sent] = office.mails()
    assert sent.recipients() == ["desk@acme.test", "help@acme.test", "owner@acme.test"]
    assert "A Task could not be written" in sent.subject
    assert "No calls." in sent.body
    assert office.url in sent.body
    office.write("4")
    assert CrmWrite.unscoped.filter(state=WriteState.NEEDS_ATTENTION).count() == 4
    assert office.mails() == []


@pytest.mark.feature("MII-32")
def test_nobody_gets_a_mail_before_it_is_switched_on(office: Office) -> None:
    open_notice(office.workspace.pk, kind="old", subject_key="a", title="Old trouble")
    assert office.mails() == []
    office.choose()
    assert office.mails() == []

    open_notice(office.workspace.pk, kind="new", subject_key="b", title="New trouble")
    [sent] = office.mails()
    assert "New trouble" in sent.subject


@pytest.mark.feature("K-21")
def test_a_broken_connection_is_one_mail_however_many_records_wait(office: Office) -> None:
    office.choose()
    office.org.act("revoke-grant", username=seed.SYNC_USERNAME)
    office.write(*(str(number) for number in range(50)))
    CrmWrite.unscoped.update(created_at=timezone.now() - 2 * sweeper.LATE_WRITE_AGE)
    sweeper.repair()

    assert Connection.unscoped.get(pk=office.sync_user.pk).state == "needs_reconnect"
    assert {one.state for one in CrmWrite.unscoped.all()} == {WriteState.HELD}
    [sent] = office.mails()
    assert "Salesforce must be connected again" in sent.subject
    assert office.mails() == []


@pytest.mark.feature("MII-33")
def test_the_gateway_and_the_phone_system_are_covered_by_the_same_choice(office: Office) -> None:
    office.choose(services=[Connection.Kind.SMS_GATEWAY])
    for kind in Connection.Kind:
        about = {"kind": "refuses", "subject_key": kind.value, "title": f"{kind.label} trouble"}
        open_notice(office.workspace.pk, **about, service=kind)

    [sent] = office.mails()
    assert "SMS gateway trouble" in sent.subject


@pytest.mark.feature("K-21")
def test_what_comes_and_goes_is_mailed_once_an_hour(office: Office) -> None:
    office.choose()
    about = {"kind": "flaps", "subject_key": "a"}
    sent = []
    for _round in range(5):
        open_notice(office.workspace.pk, **about, title="The line is down")
        sent += office.mails()
        resolve_notices(office.workspace.pk, **about)
    assert len(sent) == 1

    hour_ago = timezone.now() - error_mails.REPEAT_AFTER
    Notice.unscoped.filter(mail=Notice.Mail.SENT).update(mailed_at=hour_ago)
    [again] = office.mails()
    assert "4 times" in again.body
    assert "settled meanwhile" in again.body


@pytest.mark.feature("K-21")
def test_a_digest_collects_what_follows_the_first_error(office: Office) -> None:
    office.choose(rhythm="hourly")
    for number in range(4):
        open_notice(office.workspace.pk, kind=f"k{number}", subject_key="a", title=f"T{number}")
        assert len(office.mails()) == (number == 0)
    with workspace_scope(office.workspace):
        mailing = error_mails.find_mailing()
        mailing.next_mail_at = timezone.now()
        mailing.save()

    [digest] = office.mails()
    assert "3 errors" in digest.subject
    assert all(f"T{number}" in digest.body for number in (1, 2, 3))


def test_a_storm_of_errors_is_one_mail(office: Office) -> None:
    office.choose()
    for number in range(error_mails.MOST_SINGLE_MAILS + 1):
        open_notice(office.workspace.pk, kind="storm", subject_key=str(number), title="Storm")
    assert [one.subject for one in office.mails()] == [f"[{office.workspace.name}] 11 errors"]


def test_no_mail_holds_a_secret_or_a_second_header(office: Office) -> None:
    office.choose()
    secrets = ("whsec_cGF0Y2hiYXk=", "00Dxx0000001gPL!AQcAQH0dMHEXAMPLE", "hunter2hunter2")
    body = f"Bearer {secrets[1]} password={secrets[2]} {secrets[0]}"
    open_notice(
        office.workspace.pk, kind="k", subject_key="s", title=f"Bad\nBcc: x {secrets[0]}", body=body
    )

    [sent] = office.mails()
    assert not any(secret in f"{sent.subject}{sent.body}" for secret in secrets)
    assert "\n" not in sent.subject


def test_a_mail_server_that_is_away_loses_no_mail(office: Office, settings: Any) -> None:
    office.choose()
    open_notice(office.workspace.pk, kind="k", subject_key="s", title="Trouble")
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert office.mails() == []
    assert "could not be sent" in office.client.get(office.url).content.decode()

    settings.EMAIL_BACKEND = works
    assert office.mails() == []
    with workspace_scope(office.workspace):
        mailing = error_mails.find_mailing()
        mailing.next_mail_at = timezone.now()
        mailing.save()
    assert error_mails.workspaces_due() == [office.workspace.pk]
    assert len(office.mails()) == 1


def test_a_notice_about_refused_records_is_settled_with_the_last_of_them(office: Office) -> None:
    office.refuse("No.")
    office.write("1", "2")
    sweeper.repair()
    notice = Notice.unscoped.get(kind="write_refused")
    assert notice.resolved_at is None

    CrmWrite.unscoped.update(state=WriteState.CANCELLED)
    sweeper.repair()
    notice.refresh_from_db()
    assert notice.resolved_at is not None


@pytest.mark.feature("MII-34")
def test_the_page_names_who_is_told_and_sends_a_test_mail(office: Office) -> None:
    page = office.client.get(office.url).content.decode()
    assert "owner@acme.test" in page
    office.choose(members=[], addresses="desk@acme.test")
    answer = office.client.post(f"{office.url}test/", follow=True)

    [sent] = mail.outbox
    assert sent.recipients() == ["desk@acme.test"]
    assert "This is a test" in sent.body
    assert "on its way to desk@acme.test" in answer.content.decode()
    assert AuditEntry.unscoped.filter(action="error_mails.changed").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"addresses": "no address"}, "is no mail address"),
        ({"addresses": " ".join(f"a{n}@b.test" for n in range(21))}, "At most 20"),
        ({"services": []}, "Choose at least one"),
        ({"members": [10**9]}, "not one of the available choices"),
        ({"based_on": 7, "is_on": "on"}, "Somebody else changed the options"),
    ],
)
def test_what_cannot_be_stored_is_said(office: Office, changes: dict[str, Any], said: str) -> None:
    assert said in office.choose(**changes).content.decode()


def test_a_member_of_another_workspace_cannot_be_chosen_nor_sees_the_page(office: Office) -> None:
    stranger = make_member(make_workspace("Other"), ("owner",))
    office.choose(members=[stranger.pk])
    with workspace_scope(office.workspace):
        assert error_mails.recipients_of(error_mails.find_mailing()) == ["owner@acme.test"]
