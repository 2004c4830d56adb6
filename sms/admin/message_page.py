"""A message's own page: the text, what became of it, its record in Salesforce, and why."""

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from integrations import ledger
from integrations.admin.reasons import Explained, show_reasons
from integrations.admin.written import show_written
from integrations.models import Connection, CrmWrite, Membership, PlanRun
from integrations.planning import read_trace
from integrations.policy import can
from integrations.record_links import record_url
from integrations.roles import Capability
from sms.admin import message_cells
from sms.admin.message_cells import state_chip
from sms.admin.review_act import describe_question
from sms.filing import SUBJECT_KIND
from sms.message_history import Moment, tell_history
from sms.models import Message, OptOut
from sms.segments import Encoding
from sms.selectors import opted_out_since
from sms.unconfirmed import is_decidable

#: Plans shown; a message has one, and a new one for each late fact.
_MOST_RUNS = 10


def describe_message(membership: Membership, message: Message) -> dict[str, Any]:
    """Everything that the page of a message shows to a member who may see it."""
    region = membership.workspace.default_region
    writes = ledger.writes_about(SUBJECT_KIND, [message.pk])[message.pk]
    runs = ledger.plan_runs_about(SUBJECT_KIND, message.pk, limit=_MOST_RUNS)
    explained = [_explain(run) for run in runs]
    reports = list(message.reports.all())
    history = tell_history(message, reports)
    return {
        "message": message,
        "direction": message_cells.direction_cell(message),
        "number": message_cells.number_cell(message, region),
        "status": state_chip(message.state),
        "lacks_report": message_cells.lacks_report(message),
        **_opted_out(membership, message),
        **(describe_question(message) if can(membership, Capability.SEND_MESSAGES) else {}),
        "size": describe_size(message),
        "person_url": record_url(Connection.objects.find_sync_user(), message.person_record_id),
        "history": [(moment, _chip_of(moment)) for moment in history],
        "has_reports": bool(reports),
        "replacement": getattr(message, "replacement", None),
        "is_decidable": is_decidable(message),
        "newest": explained[0] if explained else None,
        "older": explained[1:],
        "written": show_written(membership, writes, _filed_under(message)),
    }


def _opted_out(membership: Membership, message: Message) -> dict[str, Any]:
    """The chip for a number that may not be written to, and its evidence for those who may."""
    since = opted_out_since([message.phone_e164]).get(message.phone_e164)
    if since is None:
        return {}
    may_look = can(membership, Capability.MANAGE_SMS)
    row = OptOut.objects.filter(phone_e164=message.phone_e164).first() if may_look else None
    url = reverse("admin:sms_optout_change", args=(row.pk,)) if row else ""
    return {"opted_out": message_cells.opted_out_chip(since), "opted_out_url": url}


def describe_size(message: Message) -> str:
    """How many segments it really took (MIT-51), and in which alphabet."""
    is_unicode = message.encoding == Encoding.UCS_2
    alphabet = _("Unicode") if is_unicode else _("Regular")
    return f"{message.segments} · {alphabet}" if message.encoding else str(message.segments)


def _chip_of(moment: Moment) -> SafeString | str:
    return state_chip(moment.state) if moment.state else ""


def _explain(run: PlanRun) -> Explained:
    return Explained(run, [("", show_reasons(read_trace(run.plan.get("trace"))))])


def _filed_under(message: Message) -> Any:
    def name(write: CrmWrite) -> str:
        record_id = write.fields.get("WhoId") or write.fields.get("WhatId")
        if not record_id:
            return _("under no record")
        is_known = record_id == message.person_record_id and message.person_name
        return _("under %(name)s") % {"name": message.person_name if is_known else record_id}

    return name
