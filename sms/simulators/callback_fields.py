"""What each gateway's callbacks say, field by field (sms.md 1.5, 1.6, 2.4, 2.5). Pure."""

from __future__ import annotations

from .texts import Text

#: Our words in theirs: status and error code.
_MITTO_WORDS = {
    "sent": ("Sent", ""),
    "delivered": ("Delivered", ""),
    "undelivered": ("Failure", "27"),
    "expired": ("Expired", "4"),
    "blocked": ("Rejected", "13"),
}
TWILIO_WORDS = {
    "sent": ("sent", ""),
    "delivered": ("delivered", ""),
    "undelivered": ("undelivered", "30005"),
    "expired": ("undelivered", "30003"),
    "blocked": ("failed", "21610"),
}


def report_fields(
    text: Text, state: str, identity: str, *, account_sid: str, is_unknown: bool = False
) -> dict[str, str]:
    """A report of the part ``identity``. States without a word of theirs go out as they are.

    ``is_unknown`` makes it one of a text that the receiver cannot know.
    """
    words = _MITTO_WORDS if text.gateway == "mitto" else TWILIO_WORDS
    status, code = words.get(state, (state, ""))
    if text.gateway == "mitto":
        fields = {
            "id": identity,
            "status": status,
            "errorCode": code or "0",
            "to": text.handset.removeprefix("+"),
            "from": text.our_number.removeprefix("+"),
        }
        return fields if is_unknown else fields | {"reference": text.reference}
    prefixed = f"SM{identity}" if is_unknown else identity
    fields = {
        "MessageSid": prefixed,
        "SmsSid": prefixed,
        "MessageStatus": status,
        "SmsStatus": status,
        "AccountSid": account_sid,
        "To": text.handset,
        "From": text.our_number,
        "ApiVersion": "2010-04-01",
    }
    return fields | ({"ErrorCode": code} if code else {})


def inbound_fields(text: Text, *, account_sid: str, media: str = "0") -> dict[str, str]:
    """A text from a handset."""
    if text.gateway == "mitto":
        return {
            "id": text.id,
            "from": text.handset.removeprefix("+"),
            "to": text.our_number.removeprefix("+"),
            "text": text.text,
            "timestamp": text.at,
        }
    return {
        "MessageSid": text.id,
        "SmsSid": text.id,
        "SmsMessageSid": text.id,
        "AccountSid": account_sid,
        "From": text.handset,
        "To": text.our_number,
        "Body": text.text,
        "NumMedia": media,
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
