"""The preflight: what a connection's Salesforce user may do, proven and kept with its time.

It runs in the background when an org or a person was connected, when somebody asks, and once a
day. The pages show the last report, and that a new one is under way.
"""

import uuid

import structlog
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.claims import by_now, claim_batch, update_claimed
from integrations.errors import OutcomeUnknown, PatchbayError
from integrations.models import Connection, Membership, Preflight
from integrations.notices import open_notice, resolve_notices
from integrations.options import active_options
from integrations.queueing import enqueue
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.evidence import read_evidence
from integrations.salesforce.proofs import Evidence, PreflightReport, judge
from integrations.salesforce.rights import OBJECTS, Scope, list_needs, needs_of_activity_history

log = structlog.get_logger()

#: Covers a dozen requests, each with its deadline, in an org that answers slowly.
LEASE_SECONDS = 600
_NOTICE = "salesforce_rights"


def preflight(connection: Connection, *, rehearses: bool = False) -> PreflightReport:
    """Ask the org now; a dozen requests. Raises what the client raises.

    Runs in the workspace's scope, for a Sync User and for a personal connection alike.
    ``rehearses`` has a Task created and undone in one request.
    """
    has_links = Membership.objects.exclude(salesforce_user_id="").exists()
    is_personal = connection.membership_id is not None
    sobjects = (*OBJECTS, *(("User",) if has_links and not is_personal else ()))
    client = SalesforceClient(connection, feature="preflight")
    evidence = read_evidence(client, sobjects, rehearses=rehearses and not is_personal)
    return _report(_scope(evidence, has_links=has_links, is_personal=is_personal), evidence)


def _scope(evidence: Evidence, *, has_links: bool, is_personal: bool) -> Scope:
    options = active_options().values
    account = evidence.objects.get("Account")
    return Scope(
        activity_history=bool(options["activity_history"]),
        legacy=bool(options.get("legacy")),
        has_links=has_links,
        is_personal=is_personal,
        has_person_accounts=account is not None and "IsPersonAccount" in account.fields,
    )


def _report(scope: Scope, evidence: Evidence) -> PreflightReport:
    needs = list_needs(scope)
    has_activities = any(need.is_for_activity_history for need in needs)
    later = () if has_activities else needs_of_activity_history(scope)
    return PreflightReport(
        findings=judge(needs, evidence),
        later=judge(later, evidence),
        checked_at=timezone.now(),
        has_key_field=evidence.has_key_field,
        has_start_field=evidence.has_start_field,
        task_parents=evidence.task_parents,
    )


def find_preflight(connection: Connection) -> Preflight | None:
    """The row of a connection of the workspace in scope; None before the first was asked for."""
    return Preflight.objects.filter(connection=connection).first()


def report_of(row: Preflight | None) -> PreflightReport | None:
    """The last report that came to an end."""
    return PreflightReport.from_json(row.report) if row and row.report else None


def request_preflight(connection: Connection, *, rehearses: bool = False) -> None:
    """Have it run soon; nothing happens while one is running."""
    row, is_new = Preflight.objects.get_or_create(
        connection=connection,
        defaults={"workspace_id": connection.workspace_id, "rehearses": rehearses},
    )
    if not is_new:
        now = timezone.now()
        Preflight.objects.filter(pk=row.pk).exclude(state=Preflight.State.CLAIMED).update(
            state=Preflight.State.WAITING,
            rehearses=rehearses,
            requested_at=now,
            next_attempt_at=now,
        )
    wake(connection.pk)


def wake(connection_id: int) -> None:
    """Ask a worker for a waiting preflight once the current transaction commits."""
    enqueue("background", "integrations.jobs.run_preflight", connection_id)


def run_waiting(connection: Connection) -> PreflightReport | None:
    """Carry out the waiting preflight of a connection; None where there was none to do."""
    waiting = _due().filter(connection=connection)
    claim = claim_batch(
        waiting, to_state=Preflight.State.CLAIMED, limit=1, lease_seconds=LEASE_SECONDS
    )
    return _run(connection, claim.rows[0], claim.token) if claim.rows else None


def _run(connection: Connection, row: Preflight, token: uuid.UUID) -> PreflightReport | None:
    ended = {"claim_token": None, "lease_expires_at": None}
    try:
        report = preflight(connection, rehearses=row.rehearses)
    except (PatchbayError, OutcomeUnknown) as error:
        log.warning("preflight_failed", connection=connection.pk, code=error.code)
        update_claimed(row, token, state=Preflight.State.FAILED, error=error.message[:300], **ended)
        return None
    stored = update_claimed(
        row,
        token,
        state=Preflight.State.DONE,
        report=report.to_json(),
        checked_at=report.checked_at,
        error="",
        **ended,
    )
    if stored:
        Connection.objects.filter(pk=connection.pk).update(
            has_key_field=report.has_key_field,
            has_start_field=report.has_start_field,
            task_parents=list(report.task_parents) or None,
        )
    if stored and connection.membership_id is None:
        _tell(connection, report)
    return report


def _tell(connection: Connection, report: PreflightReport) -> None:
    """One open notice while something is missing, taken back once nothing is."""
    about = {"kind": _NOTICE, "subject_key": f"preflight:{connection.pk}"}
    if report.passes:
        resolve_notices(connection.workspace_id, **about)
        return
    first = report.missing[0]
    open_notice(
        connection.workspace_id,
        **about,
        title=_("The Salesforce user lacks permissions"),
        body=_("%(text)s Salesforce → Connection → Preflight lists what is missing.")
        % {"text": first.text},
    )


def _due() -> "QuerySet[Preflight]":
    return Preflight.unscoped.filter(state=Preflight.State.WAITING, next_attempt_at__lte=by_now())


def connections_due() -> list[int]:
    """Connections with a waiting preflight, for the tick."""
    return list(_due().order_by().values_list("connection_id", flat=True)[:50])


def release_expired() -> int:
    """Give back what a dead worker left; asking twice is harmless."""
    return Preflight.unscoped.filter(
        state=Preflight.State.CLAIMED, lease_expires_at__lt=Now()
    ).update(state=Preflight.State.WAITING, claim_token=None, lease_expires_at=None)
