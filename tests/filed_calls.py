"""Calls from the phone system's door to the record in a simulated org, without workers."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from calls.jobs import file_due_calls
from calls.models import Call
from integrations.jobs import answer_lookups, deliver_crm_writes, drain_inbox
from integrations.models import (
    Connection,
    DrainLease,
    Membership,
    OptionsRevision,
    PhoneLookup,
    Workspace,
)
from integrations.tenancy import workspace_scope
from tests.deliveries import PhoneCall
from tests.factories import give_softphone, make_member, make_phone_system, make_workspace
from tests.harness.salesforce import SalesforceOrg


class Desk:
    """A workspace with a phone system, an agent on extension 201, and an org if one is given."""

    def __init__(self, org: SalesforceOrg | None = None, **options: Any) -> None:
        self.workspace: Workspace = make_workspace()
        OptionsRevision.unscoped.create(
            workspace=self.workspace,
            number=1,
            values={"activity_history": True} | options,
            is_active=True,
        )
        self.phone_system: Connection = make_phone_system(self.workspace)
        self.sync_user: Connection | None = org.connect(self.workspace) if org else None
        self.agent = self.hire("201")

    def hire(self, extension: str = "", roles: Iterable[str] = ("call_agent",)) -> Membership:
        """One more member, who is on the list of softphone users."""
        return give_softphone(make_member(self.workspace, roles, extension=extension))

    def call(self, external: str = "+14155550101", **details: Any) -> PhoneCall:
        """A call that nothing was reported of yet."""
        return PhoneCall(self.phone_system, external=external, **details)

    def take(self, external: str = "+14155550101", **data: Any) -> Call:
        """A call of a minute that extension 201 answered, as far as Patchbay brings it."""
        call = self.call(external)
        call.play(**data)
        return self.work(call)

    def work(self, call: PhoneCall) -> Call:
        """Do what the workers do; what came of a call."""
        self.work_on_what_arrived()
        return Call.unscoped.get(connection=self.phone_system, call_key=call.key)

    def work_on_what_arrived(self) -> None:
        """Understand, ask, plan, deliver."""
        drain_inbox(self.phone_system.pk)
        if self.sync_user is not None:
            answer_lookups(self.sync_user.pk)
        self.file()

    def file(self) -> None:
        """Plan what has ended and deliver what is due, as if time had passed."""
        past = timezone.now() - timedelta(seconds=1)
        Call.unscoped.filter(plan_due_at__isnull=False).update(plan_due_at=past)
        file_due_calls()
        if self.sync_user is not None:
            DrainLease.unscoped.update(drained_at=None)
            deliver_crm_writes(self.sync_user.pk)

    def forget_numbers(self) -> None:
        """Have Salesforce asked anew for every number."""
        with workspace_scope(self.workspace):
            PhoneLookup.objects.all().delete()
