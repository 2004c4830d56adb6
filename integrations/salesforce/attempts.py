"""An approval under way: kept in the browser's session until Salesforce sends the person back.

The ``state`` is bound to session, user, workspace and purpose (RULES F11), is used once, and
expires: several failures at Salesforce never come back to us (salesforce.md 1.6).
"""

import secrets
import time
from dataclasses import asdict, dataclass

from django.http import HttpRequest

SESSION_KEY = "salesforce_attempts"
ATTEMPT_SECONDS = 15 * 60
#: Tabs that may connect at the same time.
_MOST_AT_ONCE = 5

#: Purposes: what the approval will be used for.
SYNC_USER = "sync_user"
PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One approval under way. ``replaces`` says that the person confirmed a replacement."""

    state: str
    user_id: int
    workspace_id: int
    purpose: str
    replaces: bool
    code_verifier: str
    login_url: str
    started_at: float  # Unix time

    @property
    def is_fresh(self) -> bool:
        return 0 <= time.time() - self.started_at < ATTEMPT_SECONDS


def new_state() -> str:
    """An unguessable ``state`` (256 bits)."""
    return secrets.token_urlsafe(32)


def keep_attempt(request: HttpRequest, attempt: Attempt) -> None:
    """Remember an attempt in the visitor's session."""
    others = [known for known in _attempts(request) if known.is_fresh][-_MOST_AT_ONCE + 1 :]
    request.session[SESSION_KEY] = [asdict(known) for known in (*others, attempt)]


def take_attempt(request: HttpRequest, state: str) -> Attempt | None:
    """The fresh attempt of this visitor with this ``state``; it can be taken only once."""
    known = _attempts(request)
    found = next(
        (one for one in known if secrets.compare_digest(one.state.encode(), state.encode())), None
    )
    if found is None:
        return None
    request.session[SESSION_KEY] = [asdict(one) for one in known if one is not found]
    return found if found.is_fresh and found.user_id == request.user.pk else None


def _attempts(request: HttpRequest) -> list[Attempt]:
    return [Attempt(**values) for values in request.session.get(SESSION_KEY, [])]
