"""What the kernel shows on Home: connections, writes, arrivals, requests.

Home asks every few seconds while it is open, so each read is bounded: counts stop at a cap, sums
are over the rows of a day.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.clock import start_of_today
from integrations.home import Figure, HomeSection, Level, Matter, Step
from integrations.models import (
    ApiUsage,
    Connection,
    CrmWrite,
    InboundEvent,
    Membership,
    Notice,
    WriteState,
)
from integrations.policy import can
from integrations.roles import Capability

_COUNT_CAP = 1_000


def describe_kernel(membership: Membership) -> HomeSection:
    """The kernel's part of Home for one member."""
    sync_user = Connection.objects.find_sync_user()
    return HomeSection(
        matters=list(_list_matters(membership, sync_user)),
        figures=list(_list_figures(membership, sync_user)),
        steps=list(_list_steps(membership, sync_user)),
    )


def page_link(name: str, *args: object, query: str = "") -> str:
    """Where a console page is; empty while this installation has no such page."""
    try:
        return reverse(f"admin:{name}", args=args) + query
    except NoReverseMatch:
        return ""


def capped_count(rows: QuerySet[Any]) -> int:
    """How many rows, up to a thousand: beyond that the number tells a person nothing more."""
    return rows.order_by()[:_COUNT_CAP].count()


def _list_matters(membership: Membership, sync_user: Connection | None) -> Iterator[Matter]:
    if sync_user and sync_user.state == Connection.State.NEEDS_RECONNECT:
        yield _broken_connection(membership, sync_user)
    if can(membership, Capability.VIEW_ALL_ACTIVITY):
        yield from _write_matters()
    if can(membership, Capability.VIEW_INTAKE):
        yield from _event_matters()
    if can(membership, Capability.MANAGE_SALESFORCE):
        # What is about a connection is said above, by fact.
        for notice in Notice.objects.filter(resolved_at=None).exclude(
            subject_key__startswith="connection:"
        )[:5]:
            yield Matter(title=notice.title, detail=notice.body)


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


def _write_matters() -> Iterator[Matter]:
    failed = capped_count(CrmWrite.objects.filter(state=WriteState.NEEDS_ATTENTION))
    if failed:
        yield Matter(
            title=ngettext(
                "%(count)s record could not be written to Salesforce",
                "%(count)s records could not be written to Salesforce",
                failed,
            )
            % {"count": failed},
            detail=_("Salesforce refused. The activity log says why, and what to do."),
            link=page_link(
                "integrations_crmwrite_changelist", query="?state__exact=needs_attention"
            ),
            link_text=_("Look"),
        )
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
            link=_writes_in(WriteState.HELD),
            link_text=_("Look"),
        )


def _writes_in(state: WriteState) -> str:
    return page_link("integrations_crmwrite_changelist", query=f"?state__exact={state}")


def _event_matters() -> Iterator[Matter]:
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


def _list_figures(membership: Membership, sync_user: Connection | None) -> Iterator[Figure]:
    since = start_of_today(membership)
    if can(membership, Capability.VIEW_ALL_ACTIVITY):
        written = CrmWrite.objects.filter(state=WriteState.DONE, done_at__gte=since)
        yield Figure(label=_("Written to Salesforce"), value=written.count(), detail=_("records"))
    if can(membership, Capability.MANAGE_SALESFORCE) and sync_user:
        used = ApiUsage.objects.filter(hour__gte=since).aggregate(sum=Sum("requests"))["sum"] or 0
        detail = ""
        if sync_user.api_maximum:
            detail = _("The whole org used %(used)s of %(maximum)s in 24 hours.") % {
                "used": f"{sync_user.api_used:,}",
                "maximum": f"{sync_user.api_maximum:,}",
            }
        yield Figure(label=_("Salesforce API requests"), value=used, detail=detail)


def _list_steps(membership: Membership, sync_user: Connection | None) -> Iterator[Step]:
    if can(membership, Capability.MANAGE_PHONE_SYSTEMS):
        yield Step(
            label=_("A phone system is connected"),
            is_done=Connection.objects.phone_systems().exists(),
            link=page_link("integrations_phonesystem_add"),
            order=10,
        )
        yield Step(
            label=_("The phone system has reported its first event"),
            is_done=InboundEvent.objects.exists(),
            link=page_link("integrations_phonesystem_changelist"),
            order=30,
        )
    if can(membership, Capability.MANAGE_SALESFORCE):
        yield Step(
            label=_("Salesforce is connected"),
            is_done=sync_user is not None,
            link=page_link("salesforce_connection"),
            order=20,
        )
        yield Step(
            label=_("The first call is recorded in Salesforce"),
            is_done=CrmWrite.objects.filter(state=WriteState.DONE, subject_kind="call").exists(),
            order=40,
        )
