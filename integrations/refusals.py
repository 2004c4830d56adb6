"""Notices about what was refused: one for each error class and kind of record, while any is open.

A thousand records that one rule refuses are one notice, and so one mail (MII-32, K-21).
"""

import hashlib

from django.utils.translation import gettext as _

from integrations.error_classes import error_class
from integrations.models import Connection, CrmWrite, InboundEvent, Notice, WriteState
from integrations.notices import open_notice, resolve_notices
from integrations.salesforce.remedies import remedy_for

WRITE_REFUSED = "write_refused"
EVENTS_NOT_UNDERSTOOD = "events_not_understood"


def tell_refused(write: CrmWrite, code: str, message: str) -> None:
    """Somebody has to look at this write; call it in the transaction that says so."""
    remedy = remedy_for(code, message)
    record = write.sobject
    open_notice(
        write.workspace_id,
        kind=WRITE_REFUSED,
        subject_key=_subject(record, error_class(code, message)),
        title=_("A %(record)s could not be written to Salesforce") % {"record": record},
        body=" ".join(
            part
            for part in (
                str(remedy.happened),
                _("Nothing is lost: it waits until somebody has it tried again."),
                remedy.to_do,
                _("Salesforce → What failed shows every record of this cause."),
            )
            if part
        ),
    )


def _subject(sobject: str, cause: str) -> str:
    return f"write:{sobject}:{hashlib.sha256(cause.encode()).hexdigest()[:24]}"


def settle_refused() -> int:
    """Take back notices about causes of which no record is left, for the sweeper; how many."""
    settled = 0
    told = Notice.unscoped.filter(kind=WRITE_REFUSED, resolved_at=None)
    for workspace_id in set(told.order_by().values_list("workspace_id", flat=True)):
        refused = CrmWrite.unscoped.filter(workspace=workspace_id, state=WriteState.NEEDS_ATTENTION)
        causes = refused.order_by().values_list("sobject", "error_class").distinct()
        open_now = {_subject(sobject, cause) for sobject, cause in causes}
        for notice in told.filter(workspace=workspace_id).exclude(subject_key__in=open_now):
            settled += resolve_notices(
                workspace_id, kind=WRITE_REFUSED, subject_key=notice.subject_key
            )
    return settled


def tell_failed_events() -> None:
    """A notice for each phone system or gateway whose events were not understood; for the sweeper.

    It is taken back when the last of them was understood.
    """
    failed = InboundEvent.unscoped.filter(state=InboundEvent.State.FAILED)
    failing = set(failed.order_by().values_list("connection_id", flat=True).distinct())
    told = Notice.unscoped.filter(kind=EVENTS_NOT_UNDERSTOOD, resolved_at=None)
    for connection in Connection.unscoped.filter(pk__in=failing):
        open_notice(
            connection.workspace_id,
            kind=EVENTS_NOT_UNDERSTOOD,
            subject_key=f"events:{connection.pk}",
            title=_("Events of %(name)s were not understood") % {"name": connection.name},
            body=_(
                "They are kept as they came, and nothing was done about them. Salesforce → What "
                "failed shows why, and has them understood once more."
            ),
            service=connection.kind,
        )
    still = [f"events:{pk}" for pk in failing]
    for notice in told.exclude(subject_key__in=still):
        resolve_notices(
            notice.workspace_id, kind=EVENTS_NOT_UNDERSTOOD, subject_key=notice.subject_key
        )
