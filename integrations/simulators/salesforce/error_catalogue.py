"""The errors of real orgs as they look on the wire (reference 5.2), for the switches.

Statuses that the reference gives from memory are its likelier ones; every switch takes another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_ERROR_ID = "Please include this ErrorId if you contact support: 1234567890-123456 (-1234567890)"
_ROLLED_BACK = (
    "The transaction was rolled back since another operation in the same transaction failed."
)


@dataclass(frozen=True)
class KnownError:
    """One error: its usual status and text.

    `on_record`: said of one record, with a `fields` key and in the items of collections; otherwise
    of the whole request.
    """

    status: int
    message: str
    on_record: bool = False
    fields: tuple[str, ...] = ()


def _on_record(message: str, *fields: str, status: int = 400) -> KnownError:
    return KnownError(status, message, on_record=True, fields=fields)


ERRORS: Mapping[str, KnownError] = {
    # Sessions, and what the user or the org may do at all.
    "INVALID_SESSION_ID": KnownError(401, "Session expired or invalid"),
    "INVALID_AUTH_HEADER": KnownError(401, "INVALID_HEADER_TYPE"),
    "INVALID_OPERATION_WITH_EXPIRED_PASSWORD": KnownError(
        403, "The user's password has expired, you must call SetPassword before attempting this"
    ),
    "LOGIN_DURING_RESTRICTED_DOMAIN": KnownError(403, "cannot log in from current domain"),
    "LOGIN_DURING_RESTRICTED_TIME": KnownError(403, "cannot log in during this time"),
    "API_DISABLED_FOR_ORG": KnownError(403, "The REST API is not enabled for this Organization."),
    "API_CURRENTLY_DISABLED": KnownError(403, "API is disabled for this User"),
    "FUNCTIONALITY_NOT_ENABLED": KnownError(403, "functionality not enabled"),
    "INSUFFICIENT_ACCESS": KnownError(403, "insufficient access"),
    "TXN_SECURITY_NO_ACCESS": KnownError(
        403, "The operation you requested is blocked by a security policy of your organization."
    ),
    "ORG_LOCKED": KnownError(403, "organization is locked"),
    "TRIAL_EXPIRED": KnownError(403, "trial has expired"),
    "UNSUPPORTED_API_VERSION": KnownError(410, "API version is retired"),
    "INVALID_TYPE": KnownError(400, "sObject type 'Task' is not supported."),
    # Limits and passing trouble.
    "REQUEST_LIMIT_EXCEEDED": KnownError(403, "TotalRequests Limit exceeded."),
    "LIMIT_EXCEEDED": KnownError(400, "limit exceeded"),
    "SERVER_UNAVAILABLE": KnownError(503, "server too busy"),
    "UNKNOWN_EXCEPTION": KnownError(500, f"An unexpected error occurred. {_ERROR_ID}"),
    "QUERY_TIMEOUT": KnownError(400, "Your query request was running for too long."),
    "QUERY_TOO_COMPLICATED": KnownError(400, "query is either selecting too many fields"),
    "OPERATION_TOO_LARGE": KnownError(400, "exceeded 100000 distinct ids"),
    "INVALID_QUERY_LOCATOR": KnownError(400, "invalid query locator"),
    "REQUEST_RUNNING_TOO_LONG": KnownError(
        503, "Your request was running for too long, and has been stopped."
    ),
    "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": KnownError(
        503, "We can't save your changes while the organization is in read-only mode."
    ),
    "TXN_SECURITY_METERING_ERROR": KnownError(500, "The policy took too long to evaluate."),
    "TXN_SECURITY_APEX_ERROR": KnownError(500, "The policy could not be evaluated."),
    "TXN_SECURITY_RUNTIME_ERROR": KnownError(500, "The policy could not be run."),
    "PROCESSING_HALTED": _on_record(_ROLLED_BACK),
    "BATCH_PROCESSING_HALTED": KnownError(412, "an earlier call failed"),
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": _on_record(
        "Record rolled back because not all records were valid and the request was using "
        "AllOrNone header"
    ),
    "UNABLE_TO_LOCK_ROW": _on_record(
        "unable to obtain exclusive access to this record or 1 records: 001000000000001AAA"
    ),
    "STORAGE_LIMIT_EXCEEDED": _on_record("storage limit exceeded"),
    # What a record points to, and who may touch it.
    "ENTITY_IS_LOCKED": _on_record(
        "This record is locked. If you need to edit it, contact your admin"
    ),
    "INACTIVE_OWNER_OR_USER": _on_record(
        "operation performed with inactive user [005000000000001] as owner", "OwnerId"
    ),
    "INVALID_CROSS_REFERENCE_KEY": _on_record("invalid cross reference id", "WhoId"),
    "ENTITY_IS_DELETED": _on_record("entity is deleted", "WhoId"),
    "NOT_FOUND": KnownError(404, "The requested resource does not exist"),
    "CANNOT_UPDATE_CONVERTED_LEAD": _on_record("cannot reference converted lead"),
    "DUPLICATE_VALUE": _on_record(
        "duplicate value found: Patchbay_Id__c duplicates value on record with id: 00T000000000001"
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": _on_record(
        "insufficient access rights on object id", status=403
    ),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _on_record(
        "insufficient access rights on cross-reference id: 003000000000001"
    ),
    "TRANSFER_REQUIRES_READ": _on_record("The user does not have read access to this", "OwnerId"),
    # What is in a record.
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": _on_record(
        "AcmeTaskTrigger: execution of BeforeInsert caused by: System.NullPointerException: "
        "Attempt to de-reference a null object Trigger.AcmeTaskTrigger: line 4, column 1"
    ),
    "CANNOT_EXECUTE_FLOW_TRIGGER": _on_record(
        "We can't save this record because the “Acme Task” process failed."
    ),
    "APEX_ERROR": _on_record("System.LimitException: Too many SOQL queries: 101"),
    "SELF_REFERENCE_FROM_TRIGGER": _on_record("Object is currently in trigger AcmeTaskTrigger"),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": _on_record("This record breaks a rule of the company."),
    "FIELD_FILTER_VALIDATION_EXCEPTION": _on_record(
        "Value does not exist or does not match filter criteria.", "WhatId"
    ),
    "FIELD_INTEGRITY_EXCEPTION": _on_record("field integrity exception", "WhatId"),
    "REQUIRED_FIELD_MISSING": _on_record("Required fields are missing: [Region__c]", "Region__c"),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": _on_record(
        "Call Type: bad value for restricted picklist field: Sideways", "CallType"
    ),
    "DUPLICATE_EXTERNAL_ID": _on_record(
        "Patchbay_Id__c: more than one record found for external id"
    ),
    "INVALID_EMAIL_ADDRESS": _on_record("Email: invalid email address: nobody", "Email"),
    "DUPLICATES_DETECTED": _on_record("Use one of these records?"),
    "INVALID_FIELD": _on_record("No such column 'Region__c' on sobject of type Task"),
    "INVALID_FIELD_FOR_INSERT_UPDATE": _on_record(
        "Unable to create/update fields: CallObject. Please check the security settings of this "
        "field and verify that it is read/write for your profile or permission set.",
        "CallObject",
    ),
    "UNAVAILABLE_RECORDTYPE_EXCEPTION": _on_record(
        "Unable to find default record type", "RecordTypeId"
    ),
    "NUMBER_OUTSIDE_VALID_RANGE": _on_record(
        "Call Duration: value outside of valid range on numeric field: 999999999",
        "CallDurationInSeconds",
    ),
    "INVALID_TYPE_FOR_OPERATION": _on_record("entity type cannot be inserted: Task"),
    "STRING_TOO_LONG": _on_record(
        "Subject: data value too large: Call (max length=255)", "Subject"
    ),
    "MALFORMED_ID": _on_record("Name ID: id value of incorrect type: 003", "WhoId"),
    # What we would have to have written wrong.
    "MALFORMED_QUERY": KnownError(400, "unexpected token: 'FORM'"),
    "MALFORMED_SEARCH": KnownError(
        400, "No search term found. The search term must be enclosed in braces."
    ),
    "INVALID_SEARCH": KnownError(400, "search term must be longer than one character: x"),
    "INVALID_ID_FIELD": KnownError(400, "invalid ID field: 003"),
    "INVALID_QUERY_FILTER_OPERATOR": KnownError(400, "invalid operator on id field"),
    "ILLEGAL_QUERY_PARAMETER_VALUE": KnownError(400, "defaultLimit: 5000"),
    "INVALID_BATCH_SIZE": KnownError(400, "invalid batch size: 5000"),
    "INVALID_REPLICATION_DATE": KnownError(400, "startDate before org replication enabled date"),
    "JSON_PARSER_ERROR": KnownError(400, "Unexpected character ('x') at [line:1, column:2]"),
    "EXCEEDED_ID_LIMIT": KnownError(
        400, "record limit reached. cannot submit more than 200 records into this call"
    ),
    "METHOD_NOT_ALLOWED": KnownError(405, "HTTP Method 'PUT' not allowed. Allowed are GET, POST"),
}
