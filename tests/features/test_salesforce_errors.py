"""What becomes of a record that Salesforce refuses, for every reason that Patchbay knows."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from integrations.jobs import deliver_crm_writes
from integrations.models import CrmWrite, DrainLease, WriteState
from integrations.salesforce.errors import ERROR_RULES, advice_for
from integrations.simulators.salesforce.error_catalogue import ERRORS
from integrations.tenancy import workspace_scope
from tests.features.company import AGENT, Company
from tests.outbox_cases import planned_task, record

#: What follows from each error, other than that a person must look at the record.
FOLLOWS: dict[WriteState, set[str]] = {
    WriteState.RETRYING: {
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "BATCH_PROCESSING_HALTED",
        "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE",
        "INVALID_QUERY_LOCATOR",
        "LIMIT_EXCEEDED",
        "PROCESSING_HALTED",
        "QUERY_TIMEOUT",
        "REQUEST_LIMIT_EXCEEDED",
        "SERVER_UNAVAILABLE",
        "TXN_SECURITY_APEX_ERROR",
        "TXN_SECURITY_METERING_ERROR",
        "TXN_SECURITY_RUNTIME_ERROR",
        "UNABLE_TO_LOCK_ROW",
        # The Task goes out again without what was refused (RULES C6).
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "ENTITY_IS_DELETED",
        "INACTIVE_OWNER_OR_USER",
        "INVALID_CROSS_REFERENCE_KEY",
        "TRANSFER_REQUIRES_READ",
    },
    # Salesforce began the transaction: nothing is sent again before it was asked for (RULES C2).
    WriteState.UNKNOWN: {"UNKNOWN_EXCEPTION", "REQUEST_RUNNING_TOO_LONG"},
    # The connection is broken, and everything waits for it.
    WriteState.HELD: {"INVALID_SESSION_ID"},
}
#: Where Salesforce does not say which version, Patchbay does.
OUR_WORDS = {"UNSUPPORTED_API_VERSION": "Salesforce has retired API version 51.0."}
BY_ITSELF = {
    WriteState.RETRYING: "Patchbay tries again by itself.",
    WriteState.UNKNOWN: "Patchbay asks Salesforce whether the record is there",
    WriteState.HELD: "is written once the connection works again",
    WriteState.NEEDS_ATTENTION: "Patchbay does not try again by itself",
}


class Clerk:
    """Files one Task after another and reads what the console says about each."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.contact_id = company.find("Contact", Name="Ana Ito")["Id"]
        self.owner_id = company.user(AGENT)["Id"]
        self.browser = Client()
        self.browser.force_login(company.hire(roles=("admin",)).user)

    def file(self, code: str, **refusal: str) -> CrmWrite:
        """A Task about a contact, which Salesforce refuses with this error."""
        org = self.company.org
        org.act("allow")
        if code in ERRORS and not ERRORS[code].on_record:
            org.act("fail-requests", code=code)
        else:
            org.act("refuse", sobject="Task", code=code, **refusal)
        tomorrow = timezone.now() + timedelta(days=1)
        CrmWrite.unscoped.update(next_attempt_at=tomorrow)  # one at a time
        with workspace_scope(self.company.workspace):
            task = planned_task(f"{code}:task", OwnerId=self.owner_id, WhoId=self.contact_id)
            subject = CrmWrite.unscoped.count() + 1
            [write] = record(self.company.connection, task, subject=subject)
        DrainLease.unscoped.update(drained_at=None)
        deliver_crm_writes(self.company.connection.pk)
        write.refresh_from_db()
        return write

    def read(self, write: CrmWrite) -> str:
        """The words of its page in the activity log."""
        slug = self.company.workspace.slug
        page = self.browser.get(f"/w/{slug}/integrations/crmwrite/{write.pk}/change/")
        assert page.status_code == 200
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


@pytest.mark.feature("MIX-27", "PLUS-09")
def test_each_error_has_its_consequence_and_says_so_with_cause_and_remedy(
    company: Company,
) -> None:
    assert set(ERRORS) == set(ERROR_RULES)
    clerk = Clerk(company)
    breaks_the_connection = FOLLOWS[WriteState.HELD]
    states: dict[str, str] = {}
    for code in (*sorted(set(ERRORS) - breaks_the_connection), *breaks_the_connection):
        write = clerk.file(code)
        states[code] = write.state
        text = clerk.read(write)
        assert OUR_WORDS.get(code, ERRORS[code].message) in text, code
        assert BY_ITSELF[WriteState(write.state)] in text, code
        if write.state in (WriteState.RETRYING, WriteState.NEEDS_ATTENTION):
            assert advice_for(code, ERRORS[code].message) in text, code

    person_looks = set(ERRORS) - set().union(*FOLLOWS.values())
    expected = {code: state for state, codes in FOLLOWS.items() for code in codes}
    assert states == expected | dict.fromkeys(person_looks, WriteState.NEEDS_ATTENTION)


@pytest.mark.feature("MIX-27", "PLUS-09")
def test_an_error_that_nobody_knows_is_shown_in_salesforces_own_words(company: Company) -> None:
    clerk = Clerk(company)
    write = clerk.file("NEW_IN_THE_NEXT_RELEASE", message="The flux “Ñ” is <not> aligned.")

    assert write.state == WriteState.NEEDS_ATTENTION
    text = clerk.read(write)
    assert "The flux “Ñ” is <not> aligned." in text
    assert BY_ITSELF[WriteState.NEEDS_ATTENTION] in text


@pytest.mark.feature("CTM-16")
def test_a_validation_rule_is_quoted_on_the_call_and_in_the_log(
    company: Company,
) -> None:
    company.org.act(
        "add-validation-rule",
        sobject="Task",
        when="CallType = 'Inbound' AND Type = null",
        message="Every call needs a type.",
        field="Type",
    )
    call = company.take("+14155550101")

    [write] = CrmWrite.unscoped.all()
    assert write.state == WriteState.NEEDS_ATTENTION
    assert company.tasks() == []
    for page in (company.page_of(call), company.page(f"integrations/crmwrite/{write.pk}/change/")):
        assert "Every call needs a type." in page
