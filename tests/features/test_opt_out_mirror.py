"""Opt-outs here and in Salesforce: a handset, a checkbox and everything between agree (D2)."""

import pytest
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.simulators.salesforce.seed import (
    CONTACT_ACCOUNT_LEAD_NUMBER,
    ONE_CONTACT_NAME,
    ONE_CONTACT_NUMBER,
)
from sms.flag_scan import look_after_mirrors
from sms.messaging import TextNotTaken
from sms.models import Message, OptOutEvent, OptOutMirror
from tests.features.opt_out_office import SYNC_USER, OptOutOffice
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)

ANA = ONE_CONTACT_NUMBER
SHARED = CONTACT_ACCOUNT_LEAD_NUMBER


@pytest.fixture
def office(
    salesforce_org: SalesforceOrg,
    sms_gateways: SmsGateways,
    live_server: LiveServer,
    settings: Settings,
) -> OptOutOffice:
    settings.PUBLIC_URL = live_server.url
    office = OptOutOffice(salesforce_org, sms_gateways)
    office.deploy_checkbox()
    look_after_mirrors()
    office.scan()
    return office


@pytest.mark.feature("MIT-57", "MIT-58")
def test_stop_sets_the_checkbox_and_the_next_text_is_refused(office: OptOutOffice) -> None:
    ana = office.person("Contact", Name=ONE_CONTACT_NAME)
    assert office.send(ANA).state == "accepted"
    office.answer(ANA, "STOP")
    office.keep_in_step()

    assert office.is_marked(ana)
    with pytest.raises(TextNotTaken) as refused:
        office.send(ANA)
    assert refused.value.code == TextNotTaken.OPTED_OUT
    office.scan()
    assert office.is_opted_out(ANA), "what we wrote ourselves is no news"
    assert OptOutEvent.unscoped.count() == 1


@pytest.mark.feature("PLUS-10")
def test_somebody_else_unticking_it_opts_in_and_patchbay_s_own_user_does_not(
    office: OptOutOffice,
) -> None:
    ana = office.person("Contact", Name=ONE_CONTACT_NAME)
    office.answer(ANA, "STOP")
    office.keep_in_step()
    office.mark(ana, False, username=SYNC_USER)
    office.scan()
    assert office.is_opted_out(ANA)

    office.mark(ana, True)
    office.scan()
    office.mark(ana, False)
    office.scan()
    assert not office.is_opted_out(ANA)
    proof = OptOutEvent.unscoped.order_by("id").last()
    assert proof is not None
    assert (proof.kind, proof.evidence["record_id"]) == ("opted_in", ana["Id"])
    assert proof.evidence["editor"]
    assert office.send(ANA).state == "accepted"


@pytest.mark.feature("PLUS-10")
def test_every_record_with_the_number_is_marked_and_the_last_mark_decides(
    office: OptOutOffice,
) -> None:
    office.answer(SHARED, "Stop. Thank you")
    office.keep_in_step()
    marked = [
        record
        for sobject in ("Contact", "Lead")
        for record in office.org.records(sobject)
        if record["SMS_Opt_Out__c"]
    ]
    assert {record["Id"][:3] for record in marked} == {"003", "00Q"}
    first, last = marked

    office.mark(first, False)
    office.scan()
    assert office.is_opted_out(SHARED)
    office.keep_in_step()
    assert not office.is_marked(first), "what somebody took off is not set again"
    office.mark(last, False)
    office.scan()
    assert not office.is_opted_out(SHARED)


@pytest.mark.feature("PLUS-10")
def test_a_flag_set_in_salesforce_stops_the_very_next_text(office: OptOutOffice) -> None:
    ana = office.person("Contact", Name=ONE_CONTACT_NAME)
    assert office.send(ANA).state == "accepted"
    office.mark(ana, True)

    stopped = office.send(ANA)
    assert (stopped.state, office.sent_to(ANA)) == ("skipped", 1)
    assert "opted out" in stopped.reason
    assert OptOutEvent.unscoped.get().source == OptOutEvent.Source.SALESFORCE


@pytest.mark.feature("MIT-59")
def test_who_may_be_written_to_again_is_unmarked_in_salesforce(office: OptOutOffice) -> None:
    ana = office.person("Contact", Name=ONE_CONTACT_NAME)
    office.answer(ANA, "STOP")
    office.keep_in_step()
    office.answer(ANA, "START")
    office.keep_in_step()
    assert not office.is_marked(ana)
    assert office.send(ANA).state == "accepted"
    office.answer(ANA, "STOP")
    office.keep_in_step()
    assert office.is_marked(ana), "a second stop is written like the first"


def test_salesforce_that_is_away_holds_back_marketing_alone(office: OptOutOffice) -> None:
    office.org.fault("/search", "status", status=503, times=20)
    assert office.send(ANA).state == "accepted"
    held = office.send(ANA, Message.Purpose.MARKETING)
    assert held.state == "queued"
    assert "Salesforce is away" in held.reason
    office.org.lift_faults()
    Message.unscoped.filter(pk=held.pk).update(next_attempt_at=held.created_at)
    office.send("+14155550102")
    held.refresh_from_db()
    assert held.state == "accepted"


def test_an_org_without_a_checkbox_is_left_alone(
    salesforce_org: SalesforceOrg,
    sms_gateways: SmsGateways,
    live_server: LiveServer,
    settings: Settings,
) -> None:
    settings.PUBLIC_URL = live_server.url
    office = OptOutOffice(salesforce_org, sms_gateways)
    look_after_mirrors()
    office.scan()
    assert "no SMS opt-out checkbox" in OptOutMirror.unscoped.get().waits_for
    office.answer(ANA, "STOP")
    office.keep_in_step()
    assert office.is_opted_out(ANA)
    asked = [one["path"] for one in salesforce_org.requests() if "/composite" in one["path"]]
    assert asked == []
