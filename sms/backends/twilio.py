"""Twilio's Programmable Messaging, version 2010-04-01 (sms.md 2.1 to 2.6)."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import requests
from django.conf import settings
from django.utils import timezone

from integrations.errors import (
    CredentialsRejected,
    EventNotUnderstood,
    NeedsAttention,
    OutcomeUnknown,
    PatchbayError,
    RateLimited,
    Unavailable,
)
from integrations.http import outgoing_session
from integrations.models import Connection
from sms.backends.answers import DEADLINE_SECONDS, raise_for_transport, read_object
from sms.backends.base import (
    Accepted,
    Callback,
    InboundText,
    OutboundText,
    ReportData,
    SignsCallbacks,
    TextRefused,
    digest_of,
)
from sms.backends.twilio_codes import CODES, Act
from sms.backends.twilio_signature import SETTINGS_HEADER, SIGNATURE_HEADER, is_signed, sign
from sms.callbacks import callback_address
from sms.signing_keys import live_tokens, signing_keys
from sms.statuses import MessageStatus

_VERSION = "2010-04-01"
#: Its words (sms.md 2.2); others are kept and change nothing.
STATES: Mapping[str, MessageStatus] = {
    "accepted": MessageStatus.ACCEPTED,
    "scheduled": MessageStatus.ACCEPTED,
    "queued": MessageStatus.ACCEPTED,
    "sending": MessageStatus.SENT,
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.DELIVERED,
    "undelivered": MessageStatus.UNDELIVERED,
    "partially_delivered": MessageStatus.UNDELIVERED,
    "failed": MessageStatus.REJECTED,
    "canceled": MessageStatus.CANCELLED,
}
#: What is kept of a message that was asked about.
_TOLD = ("sid", "status", "error_code", "error_message", "num_segments", "date_updated")
#: Texts that are one of these words and nothing else are answered by Twilio itself (sms.md 2.5).
_ANSWERED_BY_TWILIO = frozenset(
    {
        "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout",
        "start", "yes", "unstop", "help", "info",
    }
)  # fmt: skip


class TwilioGateway(SignsCallbacks):
    """One Twilio account. Credentials: ``account_sid`` and ``product_key``, the Auth Token.

    Optional: ``messaging_service_sid``, and what else proves callbacks (`sms.signing_keys`).
    """

    key: ClassVar[str] = "twilio"
    label: ClassVar[str] = "Twilio"
    kept_headers = (SIGNATURE_HEADER, SETTINGS_HEADER, "i-twilio-idempotency-token")
    #: One message, one id, one set of reports, however many parts it has.
    reports_each_part = False

    def __init__(self, connection: Connection) -> None:
        credentials = connection.credentials
        self._account_sid = str(credentials.get("account_sid", ""))
        self._auth_token = str(credentials.get("product_key", ""))
        self._live_tokens = live_tokens(credentials, now=timezone.now())
        self._signing_keys = signing_keys(credentials)
        self._service_sid = str(credentials.get("messaging_service_sid", ""))
        self._report_address = callback_address(connection, "report")
        self._session = outgoing_session(deadline_seconds=DEADLINE_SECONDS)
        self._session.auth = (self._account_sid, self._auth_token)

    def close(self) -> None:
        self._session.close()

    def check(self) -> None:
        """Read the account, which changes nothing."""
        response = self._session.get(self._address(""))
        raise_for_transport(response, self.label)
        account = read_object(response)
        if response.status_code >= 400 or account.get("sid") != self._account_sid:
            raise CredentialsRejected("Twilio does not know this account.", "NO_ACCOUNT")
        if account.get("status", "active") != "active":
            raise NeedsAttention("Twilio has suspended or closed this account.", "NOT_ACTIVE")

    def send(self, text: OutboundText) -> Accepted:
        form = {
            "To": text.to_e164,
            "From": text.sender,
            "Body": text.text,
            "StatusCallback": f"{self._report_address}?{urlencode({'reference': text.reference})}",
        }
        if self._service_sid:
            form["MessagingServiceSid"] = self._service_sid
        response = self._session.post(self._address("/Messages"), data=form)
        answer = read_object(response)
        if response.status_code >= 400:
            _raise_for(response, answer)
        identity = str(answer.get("sid") or "")
        if not identity:
            raise OutcomeUnknown("Twilio took the text and named no id.", "NO_ID")
        # No callback is ever made for the first status: it is taken from here.
        state = STATES.get(str(answer.get("status")), MessageStatus.ACCEPTED)
        return Accepted(identity, state=state)

    def _address(self, rest: str) -> str:
        account = f"{settings.TWILIO_URL}/{_VERSION}/Accounts/{self._account_sid}"
        return f"{account}{rest}.json"

    def is_authentic(self, callback: Callback) -> bool:
        return is_signed(callback, tokens=self._live_tokens, signing_keys=self._signing_keys)

    def without_secrets(self, callback: Callback) -> Callback:
        """A signature opens nothing but this very callback again."""
        return callback

    def example_report(self, identity: str) -> Callback:
        fields = {"MessageSid": identity, "MessageStatus": "queued"}
        signed = {name: [value] for name, value in fields.items()}
        return Callback(
            method="POST",
            url=self._report_address,
            content_type="application/x-www-form-urlencoded",
            body=urlencode(fields),
            headers={SIGNATURE_HEADER: sign(self._report_address, signed, self._auth_token)},
        )

    def parse_reports(self, callback: Callback) -> list[ReportData]:
        fields = _read_fields(callback)
        identity = fields.get("MessageSid") or fields.get("SmsSid") or ""
        word = fields.get("MessageStatus") or fields.get("SmsStatus") or ""
        if not identity or not word:
            raise EventNotUnderstood("MessageSid or MessageStatus is missing.")
        reference = parse_qs(urlsplit(callback.url).query).get("reference", [""])[-1]
        code = fields.get("ErrorCode") or ""
        key = digest_of(identity, word, code, reference)
        return [_report(word, code, key, identity, reference=reference, raw=fields)]

    def report_of(self, provider_message_id: str) -> ReportData | None:
        """Read the message there (sms.md 2.1)."""
        response = self._session.get(self._address(f"/Messages/{provider_message_id}"))
        answer = read_object(response)
        if response.status_code == 404:
            return None
        if response.status_code >= 400:
            _raise_for(response, answer)
        # Without its text and numbers, which are kept once already.
        told = {name: answer.get(name) for name in _TOLD}
        word, code = str(told["status"] or ""), str(told["error_code"] or "")
        key = digest_of("asked", provider_message_id, word, code)
        return _report(word, code, key, provider_message_id, raw={"asked": True, **told})

    def parse_inbound(self, callback: Callback) -> InboundText:
        fields = _read_fields(callback)
        identity, phone = fields.get("MessageSid") or fields.get("SmsSid"), fields.get("From")
        if not identity or not phone:
            raise EventNotUnderstood("MessageSid or From is missing.")
        text, media = fields.get("Body", ""), fields.get("NumMedia", "0")
        return InboundText(
            provider_message_id=identity,
            phone=phone,
            our_number=fields.get("To", ""),
            text=text,
            attachment_count=int(media) if media.isdecimal() else 0,
            is_answered_by_gateway=bool(fields.get("OptOutType"))
            or text.strip().casefold() in _ANSWERED_BY_TWILIO,
        )

    def acknowledgement(self) -> tuple[str, str]:
        return "text/xml", '<?xml version="1.0" encoding="UTF-8"?><Response/>'


def _report(
    word: str,
    code: str,
    dedupe_key: str,
    identity: str,
    *,
    reference: str = "",
    raw: Mapping[str, object],
) -> ReportData:
    rule = CODES.get(code)
    return ReportData(
        dedupe_key=dedupe_key,
        provider_status=word,
        state=STATES.get(word.casefold()),
        reference=reference,
        provider_message_id=identity,
        error_code=code,
        reason=str(rule.words) if rule else "",
        means=rule.means if rule else "",
        raw=raw,
    )


def _raise_for(response: requests.Response, answer: Mapping[str, Any]) -> None:
    """Raise what a refusal means: by Twilio's own code where it is known, else by the status."""
    code = str(answer.get("code") or "")
    rule = CODES.get(code)
    if rule is None:
        raise_for_transport(response, TwilioGateway.label)
        raise TextRefused(
            f"Twilio refused the text: {answer.get('message') or code}.",
            code or str(response.status_code),
            http_status=response.status_code,
        )
    status, words = response.status_code, str(rule.words)
    error: PatchbayError
    if rule.act is Act.SLOW_DOWN:
        error = RateLimited(words, code, http_status=status)
    elif rule.act is Act.LATER:
        error = Unavailable(words, code, http_status=status)
    elif rule.act is Act.MEND_KEY:
        error = CredentialsRejected(words, code, http_status=status)
    elif rule.act is Act.MEND:
        error = NeedsAttention(words, code, http_status=status)
    else:
        error = TextRefused(words, code, means=rule.means, http_status=status)
    raise error


def _read_fields(callback: Callback) -> dict[str, str]:
    if "json" in callback.content_type:
        try:
            data = json.loads(callback.body or "{}")
        except (ValueError, RecursionError) as error:
            raise EventNotUnderstood(f"The body is not JSON: {error}") from error
        if not isinstance(data, dict):
            raise EventNotUnderstood("The body holds no JSON object.")
        return {name: str(value) for name, value in data.items() if value is not None}
    source = callback.body if callback.method == "POST" else urlsplit(callback.url).query
    return dict(parse_qsl(source, keep_blank_values=True))
