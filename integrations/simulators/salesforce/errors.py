"""What Salesforce says no with: one exception, two shapes on the wire.

Plain REST says `errorCode`, collections say `statusCode` (reference 5.1). Request-level errors
have no `fields` key at all, record-level ones have it even when it is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class SalesforceError(Exception):
    """An answer that is not a success.

    `fields` None means: no `fields` key. `more` are further keys of the plain REST body.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        fields: Sequence[str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
        self.more = more or {}

    def to_rest(self) -> list[dict[str, Any]]:
        """The body of a plain REST error."""
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return [{**body, **self.more}]

    def to_item(self) -> dict[str, Any]:
        """One entry of `errors` in a collections answer."""
        return {
            "statusCode": self.code,
            "message": self.message,
            "fields": list(self.fields or ()),
        }


def not_found(message: str = "The requested resource does not exist") -> SalesforceError:
    """404 for an address that leads nowhere."""
    return SalesforceError("NOT_FOUND", message, status=404)


def entity_is_deleted() -> SalesforceError:
    """404 for a record in the recycle bin."""
    return SalesforceError("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=())


def unknown_record() -> SalesforceError:
    """404 of PATCH and DELETE where GET says NOT_FOUND (reference 3.2)."""
    return SalesforceError(
        "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404, fields=()
    )


def unsupported_object(name: str) -> SalesforceError:
    """400 for an object that the org does not have."""
    return SalesforceError(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, "
        "be sure to append the '__c' after the entity name. Please reference your WSDL or the "
        "describe call for the appropriate names.",
    )


def no_such_column(name: str, sobject: str) -> SalesforceError:
    """400 of a write that names an unknown field (SOQL words it differently)."""
    return SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")


def fields_not_allowed(names: Sequence[str]) -> SalesforceError:
    """400 for fields that exist but are not the caller's to set."""
    return SalesforceError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings "
        "of this field and verify that it is read/write for your profile or permission set.",
        fields=names,
    )


def cannot_reference_converted_lead() -> SalesforceError:
    """400 for a change to a converted lead, or a new reference to one (reference 4.5)."""
    message = "cannot reference converted lead"
    return SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", message, fields=())


def field_missing(*names: str) -> SalesforceError:
    """400 for required fields that a record would lack."""
    message = f"Required fields are missing: [{', '.join(names)}]"
    return SalesforceError("REQUIRED_FIELD_MISSING", message, fields=names)
