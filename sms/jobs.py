"""The jobs of text messages."""

import structlog

from integrations.claims import by_now
from integrations.errors import PatchbayError
from integrations.models import Connection
from integrations.plan_runs import plan_each
from integrations.queueing import enqueue
from integrations.tenancy import workspace_scope
from sms import merge_fields, mirror, submitting
from sms.asking import ask_about_silent
from sms.backends import gateway_of
from sms.campaigns.work import take_step
from sms.filing import file_message, postpone
from sms.flag_scan import scan_flags
from sms.messaging import wake
from sms.models import Message, OptOut

log = structlog.get_logger()


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


def ask_about_silent_texts(connection_id: int) -> None:
    """Ask one gateway about texts of which it says nothing final."""
    connection = Connection.unscoped.get(pk=connection_id)
    if not connection.is_usable:
        return
    with workspace_scope(connection.workspace_id), gateway_of(connection) as gateway:
        ask_about_silent(connection, gateway)


def file_due_messages() -> None:
    """Plan the records of messages whose time has come, oldest first."""
    plan_each(Message.unscoped.filter(plan_due_at__lte=by_now()), file_message, postpone)


def read_merge_fields(connection_id: int) -> None:
    """Ask one org which fields templates may use."""
    connection = Connection.unscoped.get(pk=connection_id)
    with workspace_scope(connection.workspace_id):
        if not connection.is_usable:
            return
        try:
            merge_fields.read_fields(connection)
        except PatchbayError as error:
            # What was known stays; whoever opens a template next asks again.
            log.warning("merge_fields_not_read", connection=connection.pk, code=error.code)


def wake_due_opt_outs() -> None:
    """The tick of opt-outs: have Salesforce brought in step with numbers that changed."""
    if OptOut.unscoped.filter(plan_due_at__lte=by_now()).exists():
        enqueue("background", "sms.jobs.mirror_due_opt_outs")


def mirror_due_opt_outs() -> None:
    """Bring the records of opted-out numbers in step, oldest first."""
    plan_each(
        OptOut.unscoped.filter(plan_due_at__lte=by_now()), mirror.mirror_opt_out, mirror.postpone
    )


def scan_opt_out_flags(connection_id: int) -> None:
    """Read on what people marked in the org of one Sync User."""
    connection = Connection.unscoped.select_related("workspace").get(pk=connection_id)
    with workspace_scope(connection.workspace_id):
        scan_flags(connection)


def work_on_campaign(campaign_id: int) -> None:
    """Read members, work texts out, or make messages, as far as the campaign has come."""
    take_step(campaign_id)
