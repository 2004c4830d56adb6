"""Reading Salesforce's answers: the body of a success, or one of our errors (salesforce.md 5.1).

For a write the question is always the same: does the answer *say* that nothing was written? Then
it may be repeated or shown to a person. Where it does not say so, the outcome is unknown.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from integrations.errors import (
    CredentialsRejected,
    NeedsAttention,
    OutcomeUnknown,
    PatchbayError,
    RateLimited,
    Unavailable,
)
from integrations.salesforce.errors import Verdict, classify, says_not_done

#: Pause after the org's requests of 24 hours are used up: they come back bit by bit; seconds.
LIMIT_PAUSE_SECONDS = 900.0
_EDGE_STATUSES = frozenset({408, 420})
_VERSION = re.compile(r"/services/data/v(\d+\.\d+)")


class SessionRejected(CredentialsRejected):
    """Salesforce does not accept the access token; a newer one may do."""


@dataclass(frozen=True, slots=True)
class RecordResult:
    """The answer to one record of a collection; ``record_id`` is None for a failed create.

    ``similar`` are the ids that a duplicate rule named.
    """

    record_id: str | None
    success: bool
    error_code: str = ""
    error_message: str = ""
    error_fields: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()


def read_answer(response: requests.Response, *, is_write: bool) -> Any:
    """The parsed body of a success (None without one); raises one of our errors otherwise."""
    body = _parse(response)
    if response.ok:
        if body is None and response.content:
            raise _unclear(response, "an answer that is not JSON", is_write=is_write)
        return body
    raise _to_error(response, body, is_write=is_write)


def listed(answer: Any, name: str) -> list[Any]:
    """The list that a reading answer holds under ``name``; raises Unavailable without one."""
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, list):
        raise Unavailable(f"Salesforce's answer has no {name}.", "ODD_ANSWER")
    return value


def read_results(answer: Any, *, count: int) -> list[RecordResult]:
    """The results of a collections request, one for each of its ``count`` records in order.

    Raises OutcomeUnknown where the answer does not tell what became of each.
    """
    if not isinstance(answer, list) or len(answer) != count:
        raise OutcomeUnknown("Salesforce's answer does not fit the request.", "ODD_ANSWER")
    return [_to_result(item) for item in answer]


def read_rehearsal(answer: Any) -> RecordResult:
    """The verdict on the first of two parts that were rolled back together (salesforce.md 3.7).

    Raises OutcomeUnknown where the answer does not say that nothing was kept.
    """
    parts = answer.get("compositeResponse") if isinstance(answer, Mapping) else None
    if not isinstance(parts, list) or len(parts) != 2 or not all(map(_is_refused, parts)):
        raise OutcomeUnknown("Salesforce does not say that it undid the rehearsal.", "ODD_ANSWER")
    code, message = _code_and_message(parts[0].get("body"))
    return RecordResult(None, code == "PROCESSING_HALTED", code, message)


def read_pair(answer: Any) -> tuple[str, RecordResult]:
    """The id of the first of two records that are made together, and the result of the second.

    Raises OutcomeUnknown where the answer does not tell what became of both.
    """
    parts = answer.get("compositeResponse") if isinstance(answer, Mapping) else None
    if not isinstance(parts, list) or len(parts) != 2:
        raise OutcomeUnknown("Salesforce's answer does not fit the request.", "ODD_ANSWER")
    if all(map(_is_refused, parts)):
        return "", _refusal_of_pair(parts)
    ids = [str((part.get("body") or {}).get("id") or "") for part in parts]
    if any(map(_is_refused, parts)) or not all(ids):
        raise OutcomeUnknown("Salesforce's answer lacks the id of a record.", "ODD_ANSWER")
    return ids[0], RecordResult(ids[1], success=True)


def _refusal_of_pair(parts: list[Any]) -> RecordResult:
    """Of both, the one that says why; the other was only rolled back with it."""
    told = [(_code_and_message(part.get("body")), part.get("body")) for part in parts]
    (code, message), body = next((one for one in told if one[0][0] != "PROCESSING_HALTED"), told[0])
    error = body[0] if isinstance(body, list) and body else {}
    fields = tuple(error.get("fields") or ())
    return RecordResult(None, False, code, message, fields, similar=_similar_records(error))


def _similar_records(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids in an answer of a duplicate rule, whose key is misspelt in older versions."""
    found = error.get("duplicateResut") or error.get("duplicateResult") or {}
    records = [
        match.get("record") or {}
        for matches in found.get("matchResults") or ()
        for match in matches.get("matchRecords") or ()
    ]
    return tuple(dict.fromkeys(str(record["Id"]) for record in records if record.get("Id")))


def _is_refused(part: Any) -> bool:
    return isinstance(part, Mapping) and int(part.get("httpStatusCode") or 0) >= 400


def _to_result(item: Any) -> RecordResult:
    if not isinstance(item, Mapping) or (item.get("success") is True and not item.get("id")):
        raise OutcomeUnknown("Salesforce's answer lacks the id of a record.", "ODD_ANSWER")
    errors = item.get("errors") or [{}]
    return RecordResult(
        record_id=item.get("id"),
        success=item.get("success") is True,
        error_code=str(errors[0].get("statusCode", "")),
        error_message=str(errors[0].get("message", "")),
        error_fields=tuple(errors[0].get("fields") or ()),
    )


def _parse(response: requests.Response) -> Any:
    try:
        return json.loads(response.content) if response.content else None
    except ValueError:
        return None


def _code_and_message(body: Any) -> tuple[str, str]:
    """Of a list of errors, the first counts; OAuth endpoints answer with an object."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, Mapping):
        return "", ""
    code = first.get("errorCode") or first.get("statusCode") or first.get("error") or ""
    return str(code), str(first.get("message") or first.get("error_description") or "")


def _to_error(response: requests.Response, body: Any, *, is_write: bool) -> PatchbayError:
    status = response.status_code
    code, message = _code_and_message(body)
    if _is_session_rejected(response, code, message):
        return SessionRejected(
            message or "Salesforce does not accept the session.", code, http_status=status
        )
    is_broken = status >= 500 or status in _EDGE_STATUSES
    if is_broken and not (is_write and says_not_done(code)):
        reason = message or "an error of the server"
        return _unclear(response, reason, is_write=is_write, code=code)
    if status == 410 or code == "UNSUPPORTED_API_VERSION":
        return _version_retired(response)
    return _by_verdict(response, code, message)


def _is_session_rejected(response: requests.Response, code: str, message: str) -> bool:
    """Not so for a missing scope, which no new token mends (salesforce.md 1.3)."""
    if code:
        return classify(code, message) is Verdict.RECONNECT
    # userinfo and identity answer 403 with a plain text (salesforce.md 1.11).
    return response.status_code == 401 or response.content[:40].strip() == b"Bad_OAuth_Token"


def _by_verdict(response: requests.Response, code: str, message: str) -> PatchbayError:
    status = response.status_code
    text = message or f"Salesforce refused with status {status}."
    code = code or f"HTTP_{status}"
    verdict = classify(code, message)
    asked_for = retry_after(response)
    if verdict is Verdict.LIMIT or status == 429:
        pause = asked_for if status == 429 else asked_for or LIMIT_PAUSE_SECONDS
        return RateLimited(text, code, http_status=status, retry_after=pause)
    if verdict is Verdict.RETRY:
        return Unavailable(text, code, http_status=status, retry_after=asked_for)
    return NeedsAttention(text, code, http_status=status)


def _unclear(
    response: requests.Response, reason: str, *, is_write: bool, code: str = ""
) -> PatchbayError:
    status = response.status_code
    text = f"Salesforce answered {status}: {reason}."
    code = code or f"HTTP_{status}"
    if is_write:
        return OutcomeUnknown(text, code, http_status=status)
    return Unavailable(text, code, http_status=status, retry_after=retry_after(response))


def _version_retired(response: requests.Response) -> NeedsAttention:
    found = _VERSION.search(response.url)
    version = found[1] if found else "in use"
    return NeedsAttention(
        f"Salesforce has retired API version {version}. Choose a newer one.",
        "UNSUPPORTED_API_VERSION",
        http_status=response.status_code,
    )


def retry_after(response: requests.Response) -> float | None:
    """The pause that the header Retry-After asks for, in seconds; dates are not used here."""
    try:
        return float(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
