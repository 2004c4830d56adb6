"""A text that several records could be about: a person chooses, and Salesforce follows."""

import re

import pytest
from django.utils import timezone

from integrations.jobs import answer_lookups, deliver_crm_writes
from integrations.models import AuditEntry, CrmWrite, DrainLease
from integrations.options import active_options, publish_revision
from integrations.tenancy import workspace_scope
from sms.jobs import file_due_messages
from sms.models import Message
from tests.features.test_sms_compose import Composer
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def composer(salesforce_org: SalesforceOrg, sms_gateways: SmsGateways) -> Composer:
    composer = Composer(salesforce_org, sms_gateways)
    with workspace_scope(composer.workspace):
        active = active_options()
        values = {**active.values, "activity_history": True}
        publish_revision(values, based_on=active.number, actor=None)
    return composer


def file(composer: Composer) -> None:
    """Workers have run, Salesforce's answer about the number included."""
    for _ in range(2):
        Message.unscoped.update(plan_due_at=timezone.now())
        file_due_messages()
        answer_lookups(composer.salesforce.pk)
    Message.unscoped.update(plan_due_at=timezone.now())
    file_due_messages()
    deliver(composer)


def deliver(composer: Composer) -> None:
    """The outbox has gone out, without the pause in which it gathers more."""
    DrainLease.unscoped.update(drained_at=None)
    deliver_crm_writes(composer.salesforce.pk)


def choose(composer: Composer, message: Message, **fields: str) -> str:
    return composer.post(f"sms/review/{message.pk}/", **fields)


def test_a_text_with_several_records_is_filed_under_the_one_that_somebody_chooses(
    composer: Composer,
) -> None:
    first = composer.add_person("Contact")
    second = composer.add_person("Contact", FirstName="Bea")
    message = composer.hear("Is it ready?")
    file(composer)
    page = composer.page(f"sms/message/{message.pk}/change/")
    assert "Several records have this number" in page
    assert {first, second} <= set(_offered(page))
    [task] = composer.org.records("Task", CallObject=_key(composer))
    assert task["WhoId"] is None

    assert "Filed under Bea Zyxwv" in choose(composer, message, record=second)
    file_due_messages()
    deliver(composer)
    [task] = composer.org.records("Task", CallObject=_key(composer))
    assert task["WhoId"] == second, "the same Task, corrected"
    message.refresh_from_db()
    assert (message.person_name, message.needs_review) == ("Bea Zyxwv", False)
    assert "Somebody else has settled" in choose(composer, message, record=first)
    assert AuditEntry.unscoped.filter(action="message.reviewed").count() == 1


def test_with_none_of_them_it_stays_under_no_record_and_asks_no_more(composer: Composer) -> None:
    composer.add_person("Contact")
    composer.add_person("Contact", FirstName="Bea")
    message = composer.hear("Is it ready?")
    file(composer)
    assert "names no contact" in choose(composer, message, record="nonsense")
    assert "stays filed under no record" in choose(composer, message, none="1")
    file(composer)
    message.refresh_from_db()
    assert not message.needs_review
    assert "Whom was it with?" not in composer.page(f"sms/message/{message.pk}/change/")


def _offered(page: str) -> list[str]:
    return re.findall(r'name="record" value="(\w+)"', page)


def _key(composer: Composer) -> str:
    return CrmWrite.unscoped.filter(sobject="Task").earliest("pk").wire_key
