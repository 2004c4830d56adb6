"""Who uses the composer inside Salesforce (MIT-27).

No cookie arrives in a frame of another site (RULES F10). A window of the console, in which a member
is signed in, gives the frame a signed token, and each request of the frame carries it. It ends
after four hours, with the membership, and with the member's password.
"""

from datetime import timedelta

from django.core import signing
from django.db.models import Prefetch
from django.utils.crypto import constant_time_compare

from integrations.audit import record
from integrations.models import Membership, RoleGrant, Workspace

#: Shorter than a panel's, because it cannot be ended singly.
TOKEN_LIFETIME = timedelta(hours=4)
_SALT = "sms.embedding"


def issue_token(membership: Membership) -> str:
    """Let the frame that opened a member's window act as this member; audited."""
    record(membership.user, "sms_composer.opened_in_salesforce")
    return signing.dumps(
        {"membership": membership.pk, "session": membership.user.get_session_auth_hash()},
        salt=_SALT,
    )


def find_member(token: str, workspace: Workspace) -> Membership | None:
    """Whose token it is, while it holds; None for anything else."""
    try:
        claims = signing.loads(token, salt=_SALT, max_age=TOKEN_LIFETIME)
    except signing.BadSignature:
        return None
    membership = (
        Membership.unscoped.active()
        .filter(pk=claims["membership"], workspace=workspace, user__is_active=True)
        .select_related("workspace", "user")
        .prefetch_related(Prefetch("role_grants", RoleGrant.unscoped.all()))
        .first()
    )
    if membership is None:
        return None
    is_same = constant_time_compare(claims["session"], membership.user.get_session_auth_hash())
    return membership if is_same else None
