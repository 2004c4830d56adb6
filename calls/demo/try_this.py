"""The steps of the demo that are about a call: let it ring, answer it, see what became of it."""

from django.utils.translation import gettext as _

from calls.filing import SUBJECT_KIND
from calls.models import CallState
from calls.selectors import list_visible_calls
from integrations.attention import page_link
from integrations.demo.environment import current_place
from integrations.demo.people import ACME
from integrations.demo.try_this import CALLER_NAME, CALLER_NUMBER, is_in_the_office
from integrations.home import Goal, HomeSection, Step
from integrations.models import CrmWrite, Membership, WriteState
from integrations.phones import format_national
from integrations.policy import can
from integrations.roles import Capability

#: Rung for visitors who have no telephone of their own.
_ANY_EXTENSION = "201"


def describe_try_calls(membership: Membership) -> HomeSection:
    """For those who may see calls, in the workspace that the simulated phone system reports to."""
    if not (can(membership, Capability.VIEW_OWN_CALLS) and is_in_the_office(membership)):
        return HomeSection()
    calls = list_visible_calls(membership).filter(external_e164=CALLER_NUMBER)
    newest = calls.order_by("-started_at").first()
    phones = current_place().simulator_url("phone system")
    written = CrmWrite.objects.filter(
        phone_e164=CALLER_NUMBER, subject_kind=SUBJECT_KIND, state=WriteState.DONE
    )
    steps = (
        Step(
            goal=Goal.TRY_THIS,
            label=_("Let %(name)s call") % {"name": CALLER_NAME},
            is_done=newest is not None,
            hint=_(
                "On the page of the simulated phone system, press Call: %(number)s rings at "
                "%(extension)s. Come back, and the call is here."
            )
            % {
                "number": format_national(CALLER_NUMBER, ACME.region),
                "extension": membership.extension or _ANY_EXTENSION,
            },
            link=phones,
            link_text=_("Phone system"),
            stays_linked=True,
            is_outside=True,
            order=10,
        ),
        Step(
            goal=Goal.TRY_THIS,
            label=_("Answer, talk, hang up"),
            is_done=calls.filter(state=CallState.ENDED, answered_at__isnull=False).exists(),
            hint=_("With the buttons beside the call, on the same page."),
            link=phones,
            link_text=_("Phone system"),
            is_outside=True,
            order=20,
        ),
        Step(
            goal=Goal.TRY_THIS,
            label=_("See the record that Salesforce has of it, and why it is filed there"),
            is_done=written.filter(subject_id__in=calls.values("pk")).exists(),
            hint=_("It is written seconds after the call has ended. The call's page tells all."),
            link=page_link("calls_call_change", newest.pk) if newest else "",
            link_text=_("The call"),
            stays_linked=True,
            order=30,
        ),
    )
    return HomeSection(steps=steps)
