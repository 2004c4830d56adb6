"""The jobs of text messages."""

from integrations.models import Connection
from integrations.tenancy import workspace_scope
from sms import submitting
from sms.backends import gateway_of
from sms.messaging import wake


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
    """The tick of texts: wake a worker for every gateway on which something is due."""
    for connection_id in submitting.connections_due():
        wake(connection_id)
