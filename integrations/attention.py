"""What of the kernel needs a person: a broken connection, records that wait or were refused.

Home asks every few seconds while it is open, so what is counted is capped.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.activity import visible_writes
from integrations.home import Level, Matter
from integrations.models import (
    Connection,
    CrmWrite,
    InboundEvent,
    Membership,
    Notice,
    WriteState,
)
from integrations.policy import can
from integrations.refusals import EVENTS_NOT_UNDERSTOOD, WRITE_REFUSED
from integrations.roles import Capability
from integrations.salesforce.errors import advice_for
from integrations.salesforce.remedies import as_sentence

_COUNT_CAP = 1_000
#: Kinds of refusals that stand on Home one by one, the most frequent first.
_SHOWN_KINDS = 5
_SAID_BY_FACT = (WRITE_REFUSED, EVENTS_NOT_UNDERSTOOD)


def page_link(name: str, *args: object, query: str = "") -> str:
    """Where a console page is; empty while this installation has no such page."""
    try:
        return reverse(f"admin:{name}", args=args) + query
    except NoReverseMatch:
        return ""


def capped_count(rows: QuerySet[Any]) -> int:
    """How many rows, up to a thousand: beyond that the number tells a person nothing more."""
    return rows.order_by()[:_COUNT_CAP].count()


def list_matters(membership: Membership, sync_user: Connection | None) -> Iterator[Matter]:
    """The kernel's matters for one member."""
    if sync_user and sync_user.state == Connection.State.NEEDS_RECONNECT:
        yield _broken_connection(membership, sync_user)
    yield from _broken_account(membership)
    if can(membership, Capability.VIEW_OWN_ACTIVITY):
        yield from _refused_writes(membership)
    if can(membership, Capability.VIEW_ALL_ACTIVITY):
        yield from _held_writes()
    if can(membership, Capability.VIEW_INTAKE):
        yield from _failed_events()
    if can(membership, Capability.MANAGE_SALESFORCE):
        # What is about a connection, a record or an event is said above, by fact.
        for notice in Notice.objects.filter(resolved_at=None).exclude(
            Q(subject_key__startswith="connection:") | Q(kind__in=_SAID_BY_FACT)
        )[:5]:
            yield Matter(title=notice.title, detail=notice.body)


def _broken_account(membership: Membership) -> Iterator[Matter]:
    """The member's own Salesforce account, which nobody else can mend (RULES C5)."""
    broken = Connection.objects.personal_accounts().filter(
        membership=membership, state=Connection.State.NEEDS_RECONNECT
    )
    for account in broken:
        goes_on = _("The Sync User writes your records meanwhile.")
        yield Matter(
            title=_("Your Salesforce account must be connected again"),
            detail=f"{account.state_reason} {goes_on}".strip(),
            link=page_link("my_salesforce"),
            link_text=_("Connect again"),
        )


def _broken_connection(membership: Membership, sync_user: Connection) -> Matter:
    title = _("Salesforce does not let Patchbay in any more")
    waits = _("Records wait here and are written once the connection works again.")
    if not can(membership, Capability.MANAGE_SALESFORCE):
        ask = _("Ask an admin of this workspace to connect again.")
        return Matter(title=title, detail=f"{waits} {ask}", level=Level.DANGER)
    return Matter(
        title=title,
        detail=f"{sync_user.state_reason} {waits}".strip(),
        link=page_link("salesforce_connection"),
        link_text=_("Connect again"),
        level=Level.DANGER,
    )


def _refused_writes(membership: Membership) -> Iterator[Matter]:
    """By Salesforce's error code, because what mends one record mends all of its kind."""
    refused = visible_writes(membership).filter(state=WriteState.NEEDS_ATTENTION)
    told = refused.order_by().values_list("error_code", "error_message")[:_COUNT_CAP]
    counts: Counter[str] = Counter()
    messages: dict[str, str] = {}
    for code, message in told:
        counts[code] += 1
        messages[code] = message
    for code, count in counts.most_common(_SHOWN_KINDS):
        yield Matter(
            title=_could_not_be_written(count),
            detail=_why_refused(code, messages[code]),
            link=_activity_log(state__exact=WriteState.NEEDS_ATTENTION, error=code),
            link_text=_("Look"),
        )
    if rest := counts.total() - sum(count for _code, count in counts.most_common(_SHOWN_KINDS)):
        yield Matter(
            title=_could_not_be_written(rest),
            detail=_("For other reasons. The activity log says why, and what to do."),
            link=_activity_log(state__exact=WriteState.NEEDS_ATTENTION),
            link_text=_("Look"),
        )


def _could_not_be_written(count: int) -> str:
    if count >= _COUNT_CAP:
        return _("Over %(count)s records could not be written to Salesforce") % {
            "count": f"{_COUNT_CAP - 1:,}"
        }
    return ngettext(
        "%(count)s record could not be written to Salesforce",
        "%(count)s records could not be written to Salesforce",
        count,
    ) % {"count": count}


def _why_refused(code: str, message: str) -> str:
    said = message or code or _("it gave no reason.")
    why = _("Salesforce said: %(said)s") % {"said": as_sentence(said)}
    todo = advice_for(code, message) or _("The activity log says what to do.")
    return f"{why} {todo}"


def _held_writes() -> Iterator[Matter]:
    held = (
        CrmWrite.objects.filter(state=WriteState.HELD)
        .order_by("held_reason")
        .values_list("held_reason")
        .annotate(count=Count("pk"))
    )
    for reason, count in held:
        yield Matter(
            title=ngettext("%(count)s record waits", "%(count)s records wait", count)
            % {"count": count},
            detail=reason,
            link=_activity_log(state__exact=WriteState.HELD),
            link_text=_("Look"),
        )


def _activity_log(**filters: str) -> str:
    chosen = {name: value for name, value in filters.items() if value}
    return page_link("integrations_crmwrite_changelist", query=f"?{urlencode(chosen)}")


def _failed_events() -> Iterator[Matter]:
    failed = capped_count(InboundEvent.objects.filter(state=InboundEvent.State.FAILED))
    if failed:
        yield Matter(
            title=ngettext(
                "%(count)s event was not understood",
                "%(count)s events were not understood",
                failed,
            )
            % {"count": failed},
            detail=_("What arrived is kept as it was and can be understood again."),
            link=page_link("integrations_inboundevent_changelist", query="?state__exact=failed"),
            link_text=_("Look"),
        )
