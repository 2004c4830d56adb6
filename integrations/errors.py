"""What can go wrong with the outside world, named by what to do next.

The class is the decision: try again later, ask a person, or accept a refusal. ``OutcomeUnknown``
is none of the three: the request may have been carried out, so it must be asked for before it is
repeated (RULES C2). Backends and clients translate the vendor's errors into these at their edge.
"""

from integrations.redaction import redact


class PatchbayError(Exception):
    """Base of all of them. The message is for the person who can act, free of secrets.

    ``code`` is the vendor's own word (``UNABLE_TO_LOCK_ROW``) or ours, ``http_status`` the status
    of the answer where there was one.
    """

    def __init__(self, message: str, code: str = "", *, http_status: int | None = None) -> None:
        self.message = redact(message)
        self.code = code
        self.http_status = http_status
        super().__init__(self.message)


class RetryLater(PatchbayError):  # noqa: N818 - reads as what to do
    """It was not carried out, and the same request may succeed later.

    ``retry_after`` is the pause that the other side asks for, in seconds.
    """

    def __init__(
        self,
        message: str,
        code: str = "",
        *,
        http_status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code, http_status=http_status)
        self.retry_after = retry_after


class RateLimited(RetryLater):
    """The other side has had enough requests for now."""


class Unavailable(RetryLater):
    """The other side is away, busy or in maintenance."""


class NotSent(Unavailable):
    """It failed before the first byte of the request left: no name, no connection, no TLS."""


class NeedsAttention(PatchbayError):  # noqa: N818
    """The same request will fail again until a person changes something."""


class CredentialsRejected(NeedsAttention):
    """The account must be connected anew."""


class Refused(PatchbayError):  # noqa: N818
    """It was understood and is not wanted; nothing is left to do."""


class EventNotUnderstood(Refused):
    """A stored event will never be understood as it is; the message names the field and why."""


class OutcomeUnknown(PatchbayError):  # noqa: N818
    """The request left and no answer says what became of it. Never repeat it blindly."""
