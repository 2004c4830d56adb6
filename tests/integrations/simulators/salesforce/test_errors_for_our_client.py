"""Every error that our client tells apart, in its real shape, and what the client makes of it.

The table is the reference's catalogue (5.2). Errors on records come back as results, which
`classify` judges; errors on requests become exceptions, which differ between reading and writing.
"""

import pytest
import requests

from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    PatchbayError,
    RateLimited,
    Unavailable,
)
from integrations.salesforce.client import SalesforceClient, to_record
from integrations.salesforce.errors import ERROR_RULES, Verdict, classify
from integrations.simulators.salesforce.error_catalogue import ERRORS
from tests.factories import make_workspace
from tests.harness.salesforce import SalesforceOrg
from tests.integrations.simulators.org_client import OrgClient

ON_RECORDS = {
    "PROCESSING_HALTED": Verdict.RETRY,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Verdict.RETRY,
    "UNABLE_TO_LOCK_ROW": Verdict.RETRY,
    "STORAGE_LIMIT_EXCEEDED": Verdict.CONFIGURATION,
    "ENTITY_IS_LOCKED": Verdict.ATTENTION,
    "INACTIVE_OWNER_OR_USER": Verdict.INACTIVE_OWNER,
    "TRANSFER_REQUIRES_READ": Verdict.INACTIVE_OWNER,
    "INVALID_CROSS_REFERENCE_KEY": Verdict.TARGET_GONE,
    "ENTITY_IS_DELETED": Verdict.TARGET_GONE,
    "CANNOT_UPDATE_CONVERTED_LEAD": Verdict.CONVERTED_LEAD,
    "DUPLICATE_VALUE": Verdict.DUPLICATE_VALUE,
    "INSUFFICIENT_ACCESS_OR_READONLY": Verdict.INSUFFICIENT_ACCESS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Verdict.INSUFFICIENT_ACCESS,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": Verdict.ATTENTION,
    "CANNOT_EXECUTE_FLOW_TRIGGER": Verdict.ATTENTION,
    "APEX_ERROR": Verdict.ATTENTION,
    "SELF_REFERENCE_FROM_TRIGGER": Verdict.ATTENTION,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": Verdict.ATTENTION,
    "FIELD_FILTER_VALIDATION_EXCEPTION": Verdict.ATTENTION,
    "FIELD_INTEGRITY_EXCEPTION": Verdict.ATTENTION,
    "REQUIRED_FIELD_MISSING": Verdict.ATTENTION,
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": Verdict.ATTENTION,
    "DUPLICATES_DETECTED": Verdict.ATTENTION,
    "DUPLICATE_EXTERNAL_ID": Verdict.ATTENTION,
    "INVALID_EMAIL_ADDRESS": Verdict.ATTENTION,
    "INVALID_TYPE_FOR_OPERATION": Verdict.ATTENTION,
    "NUMBER_OUTSIDE_VALID_RANGE": Verdict.ATTENTION,
    "INVALID_FIELD": Verdict.ATTENTION,
    "INVALID_FIELD_FOR_INSERT_UPDATE": Verdict.ATTENTION,
    "UNAVAILABLE_RECORDTYPE_EXCEPTION": Verdict.ATTENTION,
    "STRING_TOO_LONG": Verdict.ATTENTION,
    "MALFORMED_ID": Verdict.ATTENTION,
}

Raised = type[PatchbayError]
ON_REQUESTS: dict[str, tuple[Raised, Raised]] = {
    # code: while reading, while writing
    "INVALID_SESSION_ID": (CredentialsRejected, CredentialsRejected),
    "INVALID_AUTH_HEADER": (NeedsAttention, NeedsAttention),
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": (NeedsAttention, NeedsAttention),
    "LOGIN_DURING_RESTRICTED_DOMAIN": (NeedsAttention, NeedsAttention),
    "LOGIN_DURING_RESTRICTED_TIME": (NeedsAttention, NeedsAttention),
    "API_DISABLED_FOR_ORG": (NeedsAttention, NeedsAttention),
    "API_CURRENTLY_DISABLED": (NeedsAttention, NeedsAttention),
    "FUNCTIONALITY_NOT_ENABLED": (NeedsAttention, NeedsAttention),
    "INSUFFICIENT_ACCESS": (NeedsAttention, NeedsAttention),
    "TXN_SECURITY_NO_ACCESS": (NeedsAttention, NeedsAttention),
    "ORG_LOCKED": (NeedsAttention, NeedsAttention),
    "TRIAL_EXPIRED": (NeedsAttention, NeedsAttention),
    "UNSUPPORTED_API_VERSION": (NeedsAttention, NeedsAttention),
    "INVALID_TYPE": (NeedsAttention, NeedsAttention),
    "NOT_FOUND": (NeedsAttention, NeedsAttention),
    "MALFORMED_QUERY": (NeedsAttention, NeedsAttention),
    "MALFORMED_SEARCH": (NeedsAttention, NeedsAttention),
    "INVALID_SEARCH": (NeedsAttention, NeedsAttention),
    "INVALID_ID_FIELD": (NeedsAttention, NeedsAttention),
    "INVALID_QUERY_FILTER_OPERATOR": (NeedsAttention, NeedsAttention),
    "QUERY_TOO_COMPLICATED": (NeedsAttention, NeedsAttention),
    "OPERATION_TOO_LARGE": (NeedsAttention, NeedsAttention),
    "ILLEGAL_QUERY_PARAMETER_VALUE": (NeedsAttention, NeedsAttention),
    "INVALID_BATCH_SIZE": (NeedsAttention, NeedsAttention),
    "INVALID_REPLICATION_DATE": (NeedsAttention, NeedsAttention),
    "INVALID_QUERY_LOCATOR": (Unavailable, Unavailable),
    "JSON_PARSER_ERROR": (NeedsAttention, NeedsAttention),
    "EXCEEDED_ID_LIMIT": (NeedsAttention, NeedsAttention),
    "METHOD_NOT_ALLOWED": (NeedsAttention, NeedsAttention),
    "REQUEST_LIMIT_EXCEEDED": (RateLimited, RateLimited),
    "LIMIT_EXCEEDED": (RateLimited, RateLimited),
    "SERVER_UNAVAILABLE": (Unavailable, Unavailable),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": (Unavailable, Unavailable),
    "TXN_SECURITY_METERING_ERROR": (Unavailable, Unavailable),
    "TXN_SECURITY_APEX_ERROR": (Unavailable, Unavailable),
    "TXN_SECURITY_RUNTIME_ERROR": (Unavailable, Unavailable),
    "BATCH_PROCESSING_HALTED": (Unavailable, Unavailable),
    "QUERY_TIMEOUT": (Unavailable, Unavailable),
    # A transaction that began and broke may have been kept.
    "UNKNOWN_EXCEPTION": (Unavailable, OutcomeUnknown),
    "REQUEST_RUNNING_TOO_LONG": (Unavailable, OutcomeUnknown),
}


@pytest.fixture
def client(salesforce_org: SalesforceOrg) -> SalesforceClient:
    return SalesforceClient(salesforce_org.connect(make_workspace()), feature="tests")


def test_the_tables_hold_every_error_that_the_client_knows() -> None:
    assert set(ON_RECORDS) | set(ON_REQUESTS) == set(ERROR_RULES) == set(ERRORS)
    assert set(ON_RECORDS) == {code for code, known in ERRORS.items() if known.on_record}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "verdict"), ON_RECORDS.items())
def test_an_error_on_a_record(
    client: SalesforceClient, salesforce_org: SalesforceOrg, code: str, verdict: Verdict
) -> None:
    salesforce_org.act("refuse", sobject="Task", code=code, times=1)
    records = [to_record("Task", {"Subject": f"Call {number}"}) for number in range(2)]
    refused, accepted = client.create_records(records)
    assert (refused.success, refused.record_id, refused.error_code) == (False, None, code)
    assert refused.error_fields == ERRORS[code].fields
    assert classify(refused.error_code, refused.error_message) is verdict
    assert accepted.success


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("code", "raised"), ON_REQUESTS.items())
def test_an_error_on_a_request(
    client: SalesforceClient,
    salesforce_org: SalesforceOrg,
    code: str,
    raised: tuple[Raised, Raised],
) -> None:
    salesforce_org.act("fail-requests", code=code)
    reading, writing = raised
    with pytest.raises(reading) as read:
        client.query("SELECT Id FROM Task")
    assert (type(read.value), read.value.code) == (reading, code)
    if reading is CredentialsRejected:
        return  # after which the connection is parked
    with pytest.raises(writing) as written:
        client.create_records([to_record("Task", {"Subject": "Call"})])
    assert (type(written.value), written.value.code) == (writing, code)
    assert salesforce_org.records("Task", Subject="Call", IsClosed="false") == []


@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_refused_once_is_renewed(
    client: SalesforceClient, salesforce_org: SalesforceOrg
) -> None:
    salesforce_org.act("fail-requests", code="INVALID_SESSION_ID", times=1)
    assert client.query("SELECT Id FROM Organization")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("code", "message", "status", "raised"),
    [
        (
            "INVALID_SESSION_ID",
            "This session is not valid for use with the REST API",
            401,
            NeedsAttention,
        ),
        ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", 403, Unavailable),
        ("NOBODY_KNOWS_THIS", "new in the next release", 400, NeedsAttention),
    ],
)
def test_the_message_decides_where_one_code_means_several_things(
    client: SalesforceClient,
    salesforce_org: SalesforceOrg,
    code: str,
    message: str,
    status: int,
    raised: Raised,
) -> None:
    salesforce_org.act("fail-requests", code=code, message=message, status=status)
    with pytest.raises(raised) as caught:
        client.query("SELECT Id FROM Task")
    assert type(caught.value) is raised


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_the_shapes_are_those_of_the_reference(org: OrgClient, code: str) -> None:
    known = ERRORS[code]
    action = {"sobject": "Task"} if known.on_record else {}
    org.act("refuse" if known.on_record else "fail-requests", code=code, **action)
    answer: requests.Response = org.create("Task", Subject="Shape")
    expected: dict[str, object] = {"message": known.message, "errorCode": code}
    if known.on_record:
        expected["fields"] = list(known.fields)
    assert (answer.status_code, answer.json()) == (known.status, [expected])
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"
