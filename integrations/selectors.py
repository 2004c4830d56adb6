"""The kernel's part of Home: what needs attention, records written, requests used, first steps."""

from collections.abc import Iterator

from django.db.models import Sum
from django.utils.translation import gettext as _

from integrations.attention import list_matters, page_link
from integrations.home import HomeSection, Step
from integrations.models import (
    ApiUsage,
    Connection,
    CrmWrite,
    InboundEvent,
    Membership,
    WriteState,
)
from integrations.options import active_options
from integrations.policy import can
from integrations.roles import Capability
from integrations.tallies import Tally


def describe_kernel(membership: Membership) -> HomeSection:
    """The kernel's part of Home for one member."""
    sync_user = Connection.objects.find_sync_user()
    return HomeSection(
        matters=list(list_matters(membership, sync_user)),
        tallies=list(_list_tallies(membership, sync_user)),
        steps=list(_list_steps(membership, sync_user)),
    )


def _list_tallies(membership: Membership, sync_user: Connection | None) -> Iterator[Tally]:
    if can(membership, Capability.VIEW_ALL_ACTIVITY):
        yield Tally(
            key="written",
            label=_("Written to Salesforce"),
            rows=CrmWrite.objects.filter(state=WriteState.DONE),
            at="done_at",
            audience="everyone",
            link=page_link("integrations_crmwrite_changelist", query="?status=Synced"),
        )
    if can(membership, Capability.MANAGE_SALESFORCE) and sync_user:
        detail = ""
        if sync_user.api_maximum:
            detail = _("The whole org used %(used)s of %(maximum)s in 24 hours.") % {
                "used": f"{sync_user.api_used:,}",
                "maximum": f"{sync_user.api_maximum:,}",
            }
        yield Tally(
            key="requests",
            label=_("Salesforce API requests"),
            rows=ApiUsage.objects.all(),
            at="hour",
            audience="everyone",
            amount=Sum("requests"),
            detail=detail,
        )


def _list_steps(membership: Membership, sync_user: Connection | None) -> Iterator[Step]:
    if can(membership, Capability.MANAGE_PHONE_SYSTEMS):
        yield Step(
            label=_("A phone system is connected"),
            is_done=Connection.objects.phone_systems().exists(),
            hint=_("Patchbay gives it an address and a secret, and it reports its calls there."),
            link=page_link("integrations_phonesystem_add"),
            order=10,
        )
        yield Step(
            label=_("The phone system has reported its first event"),
            is_done=InboundEvent.objects.exists(),
            hint=_("Have somebody call you: it is here a second after the first ring."),
            link=page_link("integrations_phonesystem_changelist"),
            link_text=_("Look"),
            order=40,
        )
    if can(membership, Capability.MANAGE_SALESFORCE):
        yield from _list_salesforce_steps(sync_user)


def _list_salesforce_steps(sync_user: Connection | None) -> Iterator[Step]:
    yield Step(
        label=_("Salesforce is connected"),
        is_done=sync_user is not None,
        hint=_("Salesforce asks you to sign in and to allow it; no password is kept here."),
        link=page_link("salesforce_connection"),
        asks_salesforce_admin=True,
        order=20,
    )
    yield Step(
        label=_("Call records are switched on"),
        is_done=bool(active_options()["activity_history"]),
        hint=_("Activity history stands on the page of the connection. It holds for new calls."),
        link=page_link("salesforce_connection"),
        link_text=_("Switch on"),
        order=30,
    )
    yield Step(
        label=_("The first call is recorded in Salesforce"),
        is_done=CrmWrite.objects.filter(state=WriteState.DONE, subject_kind="call").exists(),
        hint=_("That happens by itself, seconds after a call has ended."),
        order=50,
    )
