"""The steps of the demo that are about a text: send one, see it arrive, and see a STOP obeyed."""

from collections.abc import Iterator
from urllib.parse import quote

from django.utils.http import urlencode
from django.utils.translation import gettext as _

from integrations.attention import page_link
from integrations.demo.environment import current_place
from integrations.demo.people import ACME
from integrations.demo.try_this import CALLER_NAME, CALLER_NUMBER, is_in_the_office
from integrations.home import Goal, HomeSection, Step
from integrations.models import Membership
from integrations.phones import format_national
from integrations.policy import can
from integrations.roles import Capability
from sms.models import Message
from sms.selectors import list_visible_messages
from sms.statuses import MessageStatus


def describe_try_texts(membership: Membership) -> HomeSection:
    """In the workspace that the simulated gateway belongs to, for those who write texts and do not
    telephone: the others have the steps of calls."""
    return HomeSection(steps=list(_steps(membership)))


def _steps(membership: Membership) -> Iterator[Step]:
    telephones = can(membership, Capability.VIEW_OWN_CALLS)
    if telephones or not can(membership, Capability.SEND_MESSAGES):
        return
    if not is_in_the_office(membership):
        return
    texts = list_visible_messages(membership).filter(phone_e164=CALLER_NUMBER)
    sent = texts.filter(template__isnull=False, accepted_at__isnull=False)
    stops = texts.filter(direction=Message.Direction.INBOUND, state=MessageStatus.OPTOUT)
    newest = sent.order_by("-created_at").first()
    thread = page_link("sms_conversation", query=f"?{urlencode({'number': CALLER_NUMBER})}")
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("Send %(name)s a text from a template") % {"name": CALLER_NAME},
        is_done=newest is not None,
        hint=_(
            "Choose her, her number %(number)s, and a template. Its words go as they are: the "
            "preview shows them."
        )
        % {"number": format_national(CALLER_NUMBER, ACME.region)},
        link=page_link("sms_compose", query=f"?{urlencode({'q': CALLER_NAME})}"),
        link_text=_("Compose"),
        order=36,
    )
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("See it delivered"),
        is_done=sent.filter(state=MessageStatus.DELIVERED).exists(),
        hint=_("The gateway reports on it within seconds. The message’s page tells all."),
        link=page_link("sms_message_change", newest.pk) if newest else "",
        link_text=_("The message"),
        stays_linked=True,
        order=37,
    )
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("Answer STOP on her handset"),
        is_done=stops.exists(),
        hint=_("On the page of the simulated handsets, where the word stands already: press Send."),
        link=f"{current_place().simulator_url('sms')}/?handset={quote(CALLER_NUMBER)}",
        link_text=_("Her handset"),
        is_outside=True,
        order=38,
    )
    yield Step(
        goal=Goal.TRY_THIS,
        label=_("See that nothing more can be sent to her"),
        # Looking leaves no trace; what was seen does.
        is_done=stops.filter(read_at__isnull=False).exists(),
        hint=_(
            "In her conversation the box to write in is closed, with the reason and her own word "
            "above it. Her record in Salesforce is marked. Then press Mark as read."
        ),
        link=thread,
        link_text=_("Conversation"),
        stays_linked=True,
        order=39,
    )
