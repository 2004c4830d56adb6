"""The jobs of text messages."""

from integrations.claims import by_now
from integrations.models import Connection
from integrations.plan_runs import plan_each
from integrations.queueing import enqueue
from integrations.tenancy import workspace_scope
from sms import submitting
from sms.backends import gateway_of
from sms.filing import file_message, postpone
from sms.messaging import wake
from sms.models import Message


def submit_messages(connection_id: int) -> None:
    """Hand over what is due on one gateway; what is left wakes the next worker."""
    connection = Connection.unscoped.get(pk=connection_id)
    if not connection.is_usable:
        return
    with workspace_scope(connection.workspace_id), gateway_of(connection) as gateway:
        submitting.submit_due(connection, gateway)
    if submitting.eligible(connection_id).exists():
        wake(connection_id)


def wake_due_messages() -> None:
    """The tick of texts: wake workers for what is due to be sent, and to be filed."""
    for connection_id in submitting.connections_due():
        wake(connection_id)
    if Message.unscoped.filter(plan_due_at__lte=by_now()).exists():
        enqueue("sms-reports", "sms.jobs.file_due_messages")


def file_due_messages() -> None:
    """Plan the records of messages whose time has come, oldest first."""
    plan_each(Message.unscoped.filter(plan_due_at__lte=by_now()), file_message, postpone)
