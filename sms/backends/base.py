"""What Patchbay asks of an SMS gateway, and what a gateway's words become here.

A gateway is a class that makes requests and reads callbacks; it keeps no rows and decides nothing.
Failures are Patchbay's own (`integrations.errors`), and their class says what to do next:

- `RateLimited`, `NotSent`, `Unavailable`: certainly not accepted, the same text may be sent later;
- `NeedsAttention`, `CredentialsRejected`: nothing gets through until a person changes something;
- `TextRefused`: this text, number or sender is refused for good;
- `OutcomeUnknown`: the request left and no answer came. Never sent again by itself (RULES D8).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable

from integrations.errors import Refused
from sms.segments import Encoding
from sms.statuses import MessageStatus


@dataclass(frozen=True, slots=True)
class OutboundText:
    """One text to hand over. ``sender`` is E.164 with its plus for a number, else as registered.

    ``reference`` is ours and comes back on reports.
    """

    reference: str
    sender: str
    to_e164: str
    text: str
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway took the text. ``part_count`` is how many parts it will report on."""

    provider_message_id: str
    state: MessageStatus = MessageStatus.ACCEPTED
    part_count: int = 1


class TextRefused(Refused):
    """The gateway will not send this text. ``means`` says what that tells about whom."""

    OPTED_OUT = "opted_out"
    BAD_NUMBER = "bad_number"
    BAD_SENDER = "bad_sender"
    CONTENT = "content"
    OTHER = "other"

    def __init__(
        self, message: str, code: str = "", *, means: str = OTHER, http_status: int | None = None
    ) -> None:
        super().__init__(message, code, http_status=http_status)
        self.means = means


@dataclass(frozen=True, slots=True)
class Callback:
    """One request of a gateway to us, as it came; stored whole before it is acknowledged.

    ``url`` is the public address with its query, as the gateway saw it. ``headers`` have
    lower-case names and only those that a gateway declares in `Gateway.kept_headers`.
    """

    method: str
    url: str
    content_type: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportData:
    """One delivery report. ``state`` is None for a word that is not known: it changes nothing.

    ``dedupe_key`` is the gateway's own id of the report, or a digest of what it says. ``reason``
    is the error code in words; ``means`` as in `TextRefused`, empty where it tells of nobody.
    """

    dedupe_key: str
    provider_status: str
    state: MessageStatus | None
    reference: str = ""
    provider_message_id: str = ""
    provider_part_id: str = ""
    error_code: str = ""
    reason: str = ""
    means: str = ""
    occurred_at: datetime | None = None
    raw: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InboundText:
    """One text from a handset. ``phone`` and ``our_number`` are as the gateway wrote them."""

    provider_message_id: str
    phone: str
    our_number: str
    text: str
    attachment_count: int = 0
    sent_at: datetime | None = None
    #: The gateway has answered STOP, START or HELP by itself, so no confirmation is due.
    is_answered_by_gateway: bool = False


class SignsCallbacks:
    """A gateway that signs what it sends, so that its callback addresses need no secret."""


class Gateway(Protocol):
    """One vendor, for one connection. Made by `gateway_of`; close it after use."""

    key: ClassVar[str]
    label: ClassVar[str]

    @property
    def kept_headers(self) -> Sequence[str]:
        """Headers that a callback is authenticated or deduplicated by, in lower case."""

    @property
    def reports_each_part(self) -> bool:
        """Whether every part of a long text gets reports of its own."""

    def check(self) -> None:
        """Prove that the credentials work, without sending anything; raises what is wrong."""

    def send(self, text: OutboundText) -> Accepted:
        """Hand over one text, once. Raises as the module says."""

    def is_authentic(self, callback: Callback) -> bool:
        """Whether the callback comes from the gateway: signature or secret, in constant time."""

    def without_secrets(self, callback: Callback) -> Callback:
        """The callback as it may be stored: nothing in it opens the door to anybody else."""

    def example_report(self, identity: str) -> Callback:
        """A report about nothing, as the gateway would make it: authentic, with no effect."""

    def parse_reports(self, callback: Callback) -> list[ReportData]:
        """The reports in an authentic callback; raises EventNotUnderstood."""

    def parse_inbound(self, callback: Callback) -> InboundText:
        """The text in an authentic callback; raises EventNotUnderstood."""

    def acknowledgement(self) -> tuple[str, str]:
        """Content type and body that this gateway wants as an answer of 200."""

    def close(self) -> None:
        """Give back the connection pool."""


@runtime_checkable
class TellsOfTexts(Protocol):
    """A gateway that can be asked what became of a text that it accepted."""

    def report_of(self, provider_message_id: str) -> ReportData | None:
        """What it would report now, under a key of its own; None for a text that it does not
        know (any more). Raises as `Gateway.send` does, where nothing is ever sent."""


def digest_of(*words: object) -> str:
    """A key for things that carry none of their own: the same words give the same key."""
    return hashlib.sha256("\x1f".join(map(str, words)).encode()).hexdigest()
