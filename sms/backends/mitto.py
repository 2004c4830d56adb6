"""Mitto: the ``rest`` flavour of its API (sms.md 1.1 to 1.6).

Its callbacks carry no signature and their field names are not public: a secret in the address
proves where they come from (RULES F6), and a map that each connection can change says which field
is which.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings

from integrations.errors import EventNotUnderstood, OutcomeUnknown, PatchbayError, Unavailable
from integrations.http import outgoing_session
from integrations.models import Connection
from integrations.redaction import MASK
from sms.backends.answers import DEADLINE_SECONDS, raise_for_transport, read_object
from sms.backends.base import (
    Accepted,
    Callback,
    InboundText,
    OutboundText,
    ReportData,
    TextRefused,
    digest_of,
)
from sms.callbacks import callback_address, callback_secrets
from sms.segments import Encoding, count_segments
from sms.statuses import MessageStatus

#: Our names, and what Mitto may call them: the first that is there counts, in any case.
CALLBACK_FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "messageId", "message_id", "msgid"),
    "reference": ("reference", "ref", "clientRef"),
    "status": ("status", "deliveryStatus", "delivery-state", "state", "stat", "dlr"),
    "error": ("errorCode", "error", "err", "statusCode"),
    "from": ("from", "sender", "msisdn", "source"),
    "to": ("to", "receiver", "destination", "recipient", "shortcode"),
    "text": ("text", "body", "message"),
    "time": ("timestamp", "doneDate", "receivedAt", "time"),
}
#: Its newer platform's words and those of SMPP, folded; others are kept and change nothing.
STATES: Mapping[str, MessageStatus] = {
    "pending": MessageStatus.ACCEPTED,
    "accepted": MessageStatus.ACCEPTED,
    "acceptd": MessageStatus.ACCEPTED,
    "scheduled": MessageStatus.ACCEPTED,
    "sent": MessageStatus.SENT,
    "enroute": MessageStatus.SENT,
    "buffered": MessageStatus.BUFFERED,
    "delivered": MessageStatus.DELIVERED,
    "delivrd": MessageStatus.DELIVERED,
    "failure": MessageStatus.UNDELIVERED,
    "failed": MessageStatus.UNDELIVERED,
    "undelivered": MessageStatus.UNDELIVERED,
    "undeliv": MessageStatus.UNDELIVERED,
    "deleted": MessageStatus.UNDELIVERED,
    "expired": MessageStatus.EXPIRED,
    "rejected": MessageStatus.REJECTED,
    "rejectd": MessageStatus.REJECTED,
}
#: What a response code says for good (sms.md 1.3): what it means, and in words.
_REFUSALS: Mapping[int, tuple[str, str]] = {
    2: (TextRefused.OTHER, "Mitto does not know the kind of text that it was given."),
    3: (TextRefused.CONTENT, "Mitto was given no text."),
    4: (TextRefused.CONTENT, "Mitto cannot write this text in the given alphabet."),
    5: (TextRefused.BAD_SENDER, "Mitto was given no sender."),
    6: (TextRefused.BAD_SENDER, "Mitto does not accept this sender."),
    7: (TextRefused.BAD_NUMBER, "Mitto was given no number."),
    8: (TextRefused.BAD_NUMBER, "Mitto does not accept this number."),
}
_INTERNAL_ERROR = 1


class MittoGateway:
    """One Mitto account. Credentials: ``product_key``, ``callback_secrets`` (newest first).

    Optional: ``callback_header`` (a header that carries the secret instead of the address),
    ``callback_fields`` (like `CALLBACK_FIELDS`, looked at first) and ``reports_each_part``.
    """

    key: ClassVar[str] = "mitto"
    label: ClassVar[str] = "Mitto"

    def __init__(self, connection: Connection) -> None:
        credentials = connection.credentials
        self._product_key = str(credentials.get("product_key", ""))
        self._secrets = callback_secrets(connection)
        self._header = str(credentials.get("callback_header", "")).lower()
        self._report_address = callback_address(connection, "report")
        self._fields = {
            name: (*credentials.get("callback_fields", {}).get(name, ()), *usual)
            for name, usual in CALLBACK_FIELDS.items()
        }
        self.kept_headers = [self._header] if self._header else []
        self.reports_each_part = bool(credentials.get("reports_each_part", True))
        self._session = outgoing_session(deadline_seconds=DEADLINE_SECONDS)

    def close(self) -> None:
        self._session.close()

    def check(self) -> None:
        """Have Mitto look at a text in its test mode, which neither sends nor charges.

        Whatever it says about sender and number, a response code proves that the key is good.
        """
        body = {
            "from": "Patchbay", "to": "447700900000", "text": "Patchbay", "type": "GSM",
            "test": True,
        }  # fmt: skip
        answer = self._post(body)
        if "responseCode" not in answer:
            raise Unavailable("Mitto answered something that is no answer.", "NO_ANSWER")
        if _number(answer["responseCode"]) == _INTERNAL_ERROR:
            raise Unavailable("Mitto has an internal error. Try again in a moment.", "1")

    def send(self, text: OutboundText) -> Accepted:
        answer = self._post(
            {
                "from": text.sender.removeprefix("+"),
                "to": text.to_e164.removeprefix("+"),
                "text": text.text,
                "type": "GSM" if text.encoding is Encoding.GSM_7 else "Unicode",
                "reference": text.reference,
                "callback": self._report_address,
            }
        )
        _raise_for_code(answer)
        identity = str(answer.get("id") or "")
        if not identity:
            raise OutcomeUnknown("Mitto took the text and named no id.", "NO_ID")
        parts = count_segments(text.text).segments if self.reports_each_part else 1
        return Accepted(identity, part_count=max(1, parts))

    def _post(self, body: Mapping[str, Any]) -> dict[str, Any]:
        response = self._session.post(
            f"{settings.MITTO_URL}/sms", json=body, headers={"X-Mitto-API-Key": self._product_key}
        )
        raise_for_transport(response, self.label)
        answer = read_object(response)
        if response.status_code >= 400 and "responseCode" not in answer:
            raise TextRefused(
                "Mitto did not understand the request.",
                str(response.status_code),
                http_status=response.status_code,
            )
        return answer

    def is_authentic(self, callback: Callback) -> bool:
        path = urlsplit(callback.url).path
        given = [path.rstrip("/").split("/")[-2]]
        if self._header:
            given.append(callback.headers.get(self._header, ""))
        return any(
            hmac.compare_digest(secret.encode(), word.encode())
            for secret in self._secrets
            for word in given
        )

    def without_secrets(self, callback: Callback) -> Callback:
        url = callback.url
        for secret in self._secrets:
            url = url.replace(secret, MASK)
        return replace(callback, url=url, headers={})

    def example_report(self, identity: str) -> Callback:
        fields = {self._fields["id"][0]: identity, self._fields["status"][0]: "Pending"}
        return Callback(
            method="POST",
            url=self._report_address,
            content_type="application/x-www-form-urlencoded",
            body=urlencode(fields),
        )

    def parse_reports(self, callback: Callback) -> list[ReportData]:
        return [self._read_report(fields) for fields in _read_fields(callback)]

    def _read_report(self, fields: Mapping[str, object]) -> ReportData:
        identity, reference = self._find(fields, "id"), self._find(fields, "reference")
        word = self._find(fields, "status")
        if not word or not (identity or reference):
            raise EventNotUnderstood("Neither a status nor an id stands in any known field.")
        error, time = self._find(fields, "error"), self._find(fields, "time")
        state = STATES.get(word.casefold())
        return ReportData(
            dedupe_key=digest_of(identity, reference, word, error, time),
            provider_status=word,
            state=state,
            reference=reference,
            provider_message_id=identity,
            provider_part_id=identity,
            error_code="" if error in ("0", "000") else error,
            occurred_at=_read_time(time),
            raw=fields,
        )

    def parse_inbound(self, callback: Callback) -> InboundText:
        fields = _read_fields(callback)[0]
        phone, ours = self._find(fields, "from"), self._find(fields, "to")
        if not phone:
            raise EventNotUnderstood("Whom it comes from stands in no known field.")
        return InboundText(
            provider_message_id=self._find(fields, "id"),
            phone=phone,
            our_number=ours,
            text=self._find(fields, "text"),
            sent_at=_read_time(self._find(fields, "time")),
        )

    def _find(self, fields: Mapping[str, object], name: str) -> str:
        folded = {key.casefold(): value for key, value in fields.items()}
        for candidate in self._fields[name]:
            value = folded.get(candidate.casefold())
            if value not in (None, ""):
                return str(value)
        return ""

    def acknowledgement(self) -> tuple[str, str]:
        return "text/plain", ""


def _raise_for_code(answer: Mapping[str, Any]) -> None:
    """The code decides, never the text beside it; 200 is answered for refusals too."""
    code = _number(answer.get("responseCode"))
    if code == 0:
        return
    if code is None:
        raise OutcomeUnknown("Mitto's answer cannot be read.", "NO_ANSWER")
    raise _error_of(code, str(answer.get("responseText") or ""))


def _error_of(code: int, words: str) -> PatchbayError:
    if code == _INTERNAL_ERROR:
        return Unavailable("Mitto has an internal error.", str(code))
    if code in _REFUSALS:
        means, message = _REFUSALS[code]
        return TextRefused(message, str(code), means=means)
    return TextRefused(f"Mitto refused the text: {words or code}.", str(code))


def _number(value: object) -> int | None:
    try:
        return int(str(value).strip())
    except ValueError:
        return None


def _read_fields(callback: Callback) -> list[Mapping[str, object]]:
    """The fields of a GET, a form or a JSON body; a JSON list holds several reports."""
    query = dict(parse_qsl(urlsplit(callback.url).query, keep_blank_values=True))
    if not callback.body.strip():
        return [query]
    if "json" not in callback.content_type and callback.body.lstrip()[:1] not in ("{", "["):
        return [query | dict(parse_qsl(callback.body, keep_blank_values=True))]
    try:
        data = json.loads(callback.body)
    except (ValueError, RecursionError) as error:
        raise EventNotUnderstood(f"The body is not JSON: {error}") from error
    rows = data if isinstance(data, list) else [data]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise EventNotUnderstood("The body holds no JSON object.")
    return [query | row for row in rows]


def _read_time(words: str) -> datetime | None:
    """ISO 8601 with up to seven digits behind the second; without a zone it is UTC."""
    whole, dot, rest = words.partition(".")
    digits = len(rest) - len(rest.lstrip("0123456789"))
    try:
        moment = datetime.fromisoformat(f"{whole}{dot}{rest[: min(digits, 6)]}{rest[digits:]}")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
