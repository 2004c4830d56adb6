"""The unique external-id field on Task, where an org has it: no record can stand there twice (C2).

The preflight finds it (``Connection.has_key_field``), and creates then carry their key in it, so
that Salesforce itself refuses a second copy, also one that was sent before a lost answer arrived.
"""

from collections.abc import Sequence
from typing import Any

from integrations.models import Connection, CrmWrite
from integrations.salesforce.answers import RecordResult
from integrations.salesforce.errors import Verdict, classify
from integrations.salesforce.rights import KEY_FIELD

#: After so many refusals a person should look: the record is there, but cannot be found.
_MOST_REFUSALS = 5


def key_column(connection: Connection, write: CrmWrite) -> dict[str, Any]:
    """What a new record carries besides; nothing where the org lacks the field."""
    return {KEY_FIELD: write.wire_key} if connection.has_key_field else {}


def says_it_stands(failure: RecordResult, attempt_number: int) -> bool:
    """Whether Salesforce refused a copy of a record that it has already."""
    is_duplicate = classify(failure.error_code, failure.error_message) is Verdict.DUPLICATE_VALUE
    is_ours = KEY_FIELD in failure.error_fields or KEY_FIELD in failure.error_message
    return is_duplicate and is_ours and attempt_number < _MOST_REFUSALS


def gave_up_field(
    connection: Connection | None, code: str, message: str, fields: Sequence[str] = ()
) -> bool:
    """Whether it was the field itself that was refused: it was removed or hidden meanwhile.

    Records then go without it, until the next preflight finds it again.
    """
    is_named = KEY_FIELD in fields or KEY_FIELD in message
    if connection is None or not is_named or classify(code, message) is Verdict.DUPLICATE_VALUE:
        return False
    return bool(
        Connection.unscoped.filter(pk=connection.pk, has_key_field=True).update(has_key_field=False)
    )
