"""The jobs of calls."""

from calls.filing import file_call, postpone
from calls.models import Call
from integrations.claims import by_now
from integrations.plan_runs import plan_each
from integrations.queueing import enqueue


def file_due_calls() -> None:
    """Plan every call whose time has come, oldest first."""
    plan_each(Call.unscoped.filter(plan_due_at__lte=by_now()), file_call, postpone)


def wake_due_calls() -> None:
    """The tick of calls: wake a worker when a call has come due."""
    if Call.unscoped.filter(plan_due_at__lte=by_now()).exists():
        enqueue("calls", "calls.jobs.file_due_calls")
