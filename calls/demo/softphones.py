"""Acme's softphone users, and a second layout to compare with the default."""

from calls.layout_settings import LayoutSettings, Matches, Pop, PopKind
from calls.models import SoftphoneLayout, SoftphoneLayoutAssignment, SoftphoneUser
from calls.softphone_layouts import import_layout
from calls.softphone_users import add_users, find_candidates
from integrations.demo.people import ACME
from integrations.models import Membership, User, Workspace

#: Has the second layout.
_SECOND_AGENT = "agent2@acme.test"
_NAME = "Customers first"


def give_softphones(workspace: Workspace) -> None:
    """Once; what people change while they look around stays. Needs the workspace in scope."""
    if SoftphoneUser.objects.exists():
        return
    actor = User.objects.get(email=ACME.people[0].email)
    add_users(Membership.objects.filter(pk__in=find_candidates().values("pk")), actor=actor)
    if SoftphoneLayout.objects.filter(name=_NAME).exists():
        return
    pops = {
        **LayoutSettings().pops,
        Matches.NONE: Pop(PopKind.ENTITY, "Contact"),
        Matches.SEVERAL: Pop(PopKind.SEARCH),
    }
    layout = import_layout(_NAME, LayoutSettings(pops=pops), actor=actor)
    SoftphoneLayoutAssignment.objects.create(
        workspace=workspace,
        layout=layout,
        membership=Membership.objects.get(user__email=_SECOND_AGENT),
    )
