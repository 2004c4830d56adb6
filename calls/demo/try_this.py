"""The steps of the demo that are about a call: let it ring, answer it, see what became of it."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from calls.filing import SUBJECT_KIND
from calls.models import CallState
from calls.selectors import list_visible_calls
from calls.trial import MADE
from integrations.attention import page_link
from integrations.demo.environment import current_place
from integrations.demo.people import ACME
from integrations.demo.try_this import CALLER_NAME, CALLER_NUMBER, is_in_the_office
from integrations.home import Goal, HomeSection, Step
from integrations.models import AuditEntry, CrmWrite, Membership, WriteState
from integrations.phones import format_national
from integrations.policy import can
from integrations.roles import Capability

#: Rung for visitors who have no telephone of their own.
_ANY_EXTENSION = "201"


def describe_try_calls(membership: Membership) -> HomeSection:
    """Calls by telephone, in the workspace that the simulated phone system reports to, for those
    who may see them; and a made-up one, for every admin."""
    return HomeSection(steps=[*_telephone(membership), *_test_call(membership)])


def _telephone(membership: Membership) -> Iterator[Step]:
    if not (can(membership, Capability.VIEW_OWN_CALLS) and is_in_the_office(membership)):
        return
    calls = list_visible_calls(membership).filter(external_e164=CALLER_NUMBER)
    newest = calls.order_by("-started_at").first()
    phones = current_place().simulator_url("phone system")
    written = CrmWrite.objects.filter(
        phone_e164=CALLER_NUMBER, subject_kind=SUBJECT_KIND, state=WriteState.DONE
    )
    yield Step(
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
    )
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("Answer, talk, hang up"),
        is_done=calls.filter(state=CallState.ENDED, answered_at__isnull=False).exists(),
        hint=_("With the buttons beside the call, on the same page."),
        link=phones,
        link_text=_("Phone system"),
        is_outside=True,
        order=20,
    )
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("See the record that Salesforce has of it, and why it is filed there"),
        is_done=written.filter(subject_id__in=calls.values("pk")).exists(),
        hint=_("It is written seconds after the call has ended. The call's page tells all."),
        link=page_link("calls_call_change", newest.pk) if newest else "",
        link_text=_("The call"),
        stays_linked=True,
        order=30,
    )


def _test_call(membership: Membership) -> Iterator[Step]:
    if not can(membership, Capability.MANAGE_PHONE_SYSTEMS):
        return
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("Make up a call, and see what it would leave in Salesforce"),
        is_done=AuditEntry.objects.filter(action=MADE, actor=membership.user).exists(),
        hint=_(
            "Type a number, and turn a switch of the options round to see what it changes. With a "
            "phone system and Salesforce connected, then run the call for real."
        ),
        link=page_link("test_call"),
        link_text=_("Test a call"),
        order=35,
    )
