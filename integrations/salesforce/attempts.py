"""An approval under way: kept in the browser's session until Salesforce sends the person back.

The ``state`` is bound to session, user, workspace and purpose (RULES F11), is used once, and
expires: several failures at Salesforce never come back to us (salesforce.md 1.6).
"""

import secrets
import time
from dataclasses import asdict, dataclass

from django.http import HttpRequest

SESSION_KEY = "salesforce_attempts"
ENDED_KEY = "salesforce_attempts_ended"
ATTEMPT_SECONDS = 15 * 60
#: Clocks of several web servers may differ by this much; a start further ahead is a wrong clock.
CLOCK_SKEW_SECONDS = 60
#: Tabs that may connect at the same time, and ended attempts that are remembered.
_MOST_AT_ONCE = 5

#: Purposes: what the approval will be used for.
SYNC_USER = "sync_user"
PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One approval under way.

    ``replaces`` says that the person confirmed a replacement, ``other_org`` that it may be by
    another org and what becomes of the writes that wait for the last one; ``app_id`` is the
    workspace's own app, None for the installation's.
    """

    state: str
    user_id: int
    workspace_id: int
    purpose: str
    replaces: bool
    code_verifier: str
    login_url: str
    started_at: float  # Unix time
    app_id: int | None = None
    other_org: str = ""

    @property
    def seconds_left(self) -> float:
        """Until it ends by itself; 0 once it has."""
        return max(0.0, self.started_at + ATTEMPT_SECONDS - time.time())

    @property
    def is_from_future(self) -> bool:
        """Whether it began, as it seems, after now: a clock is wrong."""
        return self.started_at > time.time() + CLOCK_SKEW_SECONDS

    @property
    def is_fresh(self) -> bool:
        return self.seconds_left > 0 and not self.is_from_future


class AttemptRefused(Exception):  # noqa: N818 - reads as what happened
    """No attempt goes with what came back; ``code`` says why.

    ``workspace_id`` and ``purpose`` are those of the attempt, where this visitor had one.
    """

    def __init__(self, code: str, workspace_id: int | None = None, purpose: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.workspace_id = workspace_id
        self.purpose = purpose


def new_state() -> str:
    """An unguessable ``state`` (256 bits)."""
    return secrets.token_urlsafe(32)


def keep_attempt(request: HttpRequest, attempt: Attempt) -> None:
    """Remember an attempt in the visitor's session."""
    others = [known for known in _attempts(request) if known.is_fresh][-_MOST_AT_ONCE + 1 :]
    request.session[SESSION_KEY] = [asdict(known) for known in (*others, attempt)]


def take_attempt(request: HttpRequest, state: str) -> Attempt:
    """The fresh attempt of this visitor with this ``state``; it can be taken only once.

    Raises AttemptRefused: STATE_USED, STATE_EXPIRED, CLOCK_WRONG or STATE_UNKNOWN.
    """
    known = _attempts(request)
    found = next(
        (one for one in known if secrets.compare_digest(one.state.encode(), state.encode())), None
    )
    if found is None:
        raise _refused(request, state)
    request.session[SESSION_KEY] = [asdict(one) for one in known if one is not found]
    if found.user_id != request.user.pk:
        raise AttemptRefused("STATE_UNKNOWN")
    _remember_ended(request, found)
    if not found.is_fresh:
        code = "CLOCK_WRONG" if found.is_from_future else "STATE_EXPIRED"
        raise AttemptRefused(code, found.workspace_id, found.purpose)
    return found


def find_open_attempt(request: HttpRequest, workspace_id: int) -> Attempt | None:
    """The newest approval of a Sync User that this visitor began and did not come back from."""
    mine = [
        one
        for one in _attempts(request)
        if one.is_fresh and one.workspace_id == workspace_id and one.purpose == SYNC_USER
    ]
    return mine[-1] if mine else None


def drop_attempts(request: HttpRequest, workspace_id: int) -> None:
    """Give up every open approval of this visitor in a workspace: what comes back is refused."""
    kept = [one for one in _attempts(request) if one.workspace_id != workspace_id]
    request.session[SESSION_KEY] = [asdict(one) for one in kept]


def _refused(request: HttpRequest, state: str) -> AttemptRefused:
    for ended in request.session.get(ENDED_KEY, []):
        if secrets.compare_digest(str(ended["state"]).encode(), state.encode()):
            return AttemptRefused("STATE_USED", ended["workspace_id"], ended["purpose"])
    return AttemptRefused("STATE_UNKNOWN")


def _remember_ended(request: HttpRequest, attempt: Attempt) -> None:
    ended = {
        "state": attempt.state,
        "workspace_id": attempt.workspace_id,
        "purpose": attempt.purpose,
    }
    earlier = request.session.get(ENDED_KEY, [])
    request.session[ENDED_KEY] = [*earlier, ended][-_MOST_AT_ONCE:]


def _attempts(request: HttpRequest) -> list[Attempt]:
    return [Attempt(**values) for values in request.session.get(SESSION_KEY, [])]
