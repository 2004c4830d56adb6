"""The jobs of calls."""

from calls.filing import file_call, postpone
from calls.models import Call
from integrations.claims import by_now
from integrations.queueing import enqueue
from integrations.tenancy import workspace_scope

_BATCH = 200


def file_due_calls() -> None:
    """Plan every call whose time has come, oldest first."""
    due = Call.unscoped.filter(plan_due_at__lte=by_now()).order_by("plan_due_at")
    for call_id, workspace_id in due.values_list("pk", "workspace_id")[:_BATCH]:
        with workspace_scope(workspace_id):
            try:
                file_call(call_id)
            except Exception as error:  # noqa: BLE001 - one call must not hold up the others
                postpone(call_id, error)


def wake_due_calls() -> None:
    """The tick of calls: wake a worker when a call has come due."""
    if Call.unscoped.filter(plan_due_at__lte=by_now()).exists():
        enqueue("calls", "calls.jobs.file_due_calls")
