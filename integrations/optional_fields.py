"""Fields on Task that an org may have, as Downloads offers them, and that nobody needs.

The preflight finds them, by describe, for each connection (``Connection.has_key_field``,
``has_start_field``). With the unique external id, creates carry their key, so that Salesforce
itself refuses a second copy, also one that was sent before a lost answer arrived (RULES C2). In the
other the call's start is written, by which reports can sort (CRC-94).
"""

from collections.abc import Sequence
from typing import Any

from integrations.models import Connection, CrmWrite
from integrations.salesforce.answers import RecordResult
from integrations.salesforce.errors import Verdict, classify
from integrations.salesforce.rights import KEY_FIELD, START_FIELD

#: After so many refusals a person should look: the record is there, but cannot be found.
_MOST_REFUSALS = 5
_COLUMNS = {KEY_FIELD: "has_key_field", START_FIELD: "has_start_field"}


def key_column(connection: Connection, write: CrmWrite) -> dict[str, Any]:
    """What a new record carries besides; nothing where the org lacks the field."""
    return {KEY_FIELD: write.wire_key} if connection.has_key_field else {}


def writable(connection: Connection, write: CrmWrite) -> dict[str, Any]:
    """The payload of a write, without the start where this connection cannot write that."""
    if connection.has_start_field:
        return dict(write.payload)
    return {name: value for name, value in write.payload.items() if name != START_FIELD}


def says_it_stands(failure: RecordResult, attempt_number: int) -> bool:
    """Whether Salesforce refused a copy of a record that it has already."""
    is_duplicate = classify(failure.error_code, failure.error_message) is Verdict.DUPLICATE_VALUE
    is_ours = KEY_FIELD in failure.error_fields or KEY_FIELD in failure.error_message
    return is_duplicate and is_ours and attempt_number < _MOST_REFUSALS


def gave_up_field(
    connection: Connection | None, code: str, message: str, fields: Sequence[str] = ()
) -> bool:
    """Whether it was such a field itself that was refused: it was removed or hidden meanwhile.

    Records then go without it, until the next preflight finds it again.
    """
    if connection is None or classify(code, message) is Verdict.DUPLICATE_VALUE:
        return False
    refused = [column for name, column in _COLUMNS.items() if name in fields or name in message]
    return any(
        Connection.unscoped.filter(pk=connection.pk, **{column: True}).update(**{column: False})
        for column in refused
    )
