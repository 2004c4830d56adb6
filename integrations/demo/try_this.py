"""What to click next in the demo, for whoever is signed in; each step is ticked by fact.

The caller of these steps is one that the demo's office never hears from by itself, so that every
call, record and refusal of that number is the visitor's own doing.
"""

from collections.abc import Iterator

from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from integrations.addresses import root_url
from integrations.attention import page_link
from integrations.demo.environment import DemoPlace, current_place
from integrations.demo.people import ACME
from integrations.home import Goal, HomeSection, Step
from integrations.models import (
    Connection,
    CrmWrite,
    CrmWriteAttempt,
    Membership,
    WriteState,
)
from integrations.policy import can
from integrations.roles import Capability
from integrations.simulators.salesforce.seed import (
    ONE_CONTACT_NAME,
    ONE_CONTACT_NUMBER,
    SYNC_USERNAME,
)

CALLER_NAME, CALLER_NUMBER = ONE_CONTACT_NAME, ONE_CONTACT_NUMBER


def is_in_the_office(membership: Membership) -> bool:
    """Whether the simulated phone system reports to the member's workspace."""
    return membership.workspace.slug == ACME.slug


def describe_try_this(membership: Membership) -> HomeSection:
    """The kernel's steps; those of calls come before them (``calls.demo.try_this``)."""
    place = current_place()
    steps = [*_connect(membership), *_refuse_and_retry(membership, place), *_account(membership)]
    return HomeSection(steps=steps)


def _connect(membership: Membership) -> Iterator[Step]:
    if can(membership, Capability.MANAGE_SALESFORCE) and not is_in_the_office(membership):
        yield Step(
            goal=Goal.TRY_THIS,
            label=_("Connect this workspace to the simulated Salesforce"),
            is_done=Connection.objects.find_sync_user() is not None,
            hint=_("Press Integrate, choose %(user)s, and allow it.") % {"user": SYNC_USERNAME},
            link=page_link("salesforce_connection"),
            link_text=_("Connection"),
            order=10,
        )


def _refuse_and_retry(membership: Membership, place: DemoPlace) -> Iterator[Step]:
    if not (can(membership, Capability.RETRY_WRITES) and is_in_the_office(membership)):
        return
    own = CrmWrite.objects.filter(phone_e164=CALLER_NUMBER)
    refusals = CrmWriteAttempt.objects.filter(
        write__phone_e164=CALLER_NUMBER, outcome=CrmWriteAttempt.Outcome.REFUSED
    )
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("Let Salesforce refuse a record"),
        is_done=refusals.exists(),
        hint=_(
            "In the Setup of the simulated Salesforce, Refuse an operation: Task, create, with any "
            "code and message. Then let %(name)s call once more, answer, and hang up."
        )
        % {"name": CALLER_NAME},
        link=f"{place.simulator_url('salesforce')}/_sim/setup/rules",
        link_text=_("Setup"),
        stays_linked=True,
        is_outside=True,
        order=40,
    )
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("Read why, mend it, and retry"),
        is_done=own.filter(state=WriteState.DONE, tries__in=refusals).exists(),
        hint=_(
            "The line of the activity log says what Salesforce answered and what to do. Press "
            "Switch rules off in Setup, then Retry on the line."
        ),
        link=page_link("integrations_crmwrite_changelist", query="?status=Errors"),
        link_text=_("Activity log"),
        order=50,
    )


def _account(membership: Membership) -> Iterator[Step]:
    if can(membership, Capability.CONNECT_OWN_ACCOUNT) and is_in_the_office(membership):
        yield Step(
            goal=Goal.TRY_THIS,
            label=_("Connect a Salesforce account of your own"),
            is_done=Connection.objects.find_personal_account(membership.pk) is not None,
            hint=_(
                "Press Connect, choose %(user)s, and allow it. Then your records are written by "
                "yourself instead of the Sync User."
            )
            % {"user": membership.user.email},
            link=page_link("my_salesforce"),
            link_text=_("My account"),
            order=60,
        )
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("Sign in without a password"),
        is_done=Authenticator.objects.filter(
            user=membership.user, type=Authenticator.Type.WEBAUTHN
        ).exists(),
        hint=_("Add a passkey. The next time, your device's lock opens Patchbay."),
        link=root_url("mfa_list_webauthn"),
        link_text=_("Passkeys"),
        order=70,
    )
