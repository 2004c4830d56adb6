"""What Twilio's error codes mean here (sms.md 2.6): at once on a request, later on a report."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sms.backends.base import TextRefused


class Act(enum.Enum):
    """What to do when the code answers a request."""

    SLOW_DOWN = enum.auto()
    LATER = enum.auto()
    MEND_KEY = enum.auto()
    MEND = enum.auto()
    GIVE_UP = enum.auto()


@dataclass(frozen=True)
class Rule:
    """``means`` as in `TextRefused`."""

    act: Act
    words: Promise
    means: str = TextRefused.OTHER


def _number(words: Promise) -> Rule:
    return Rule(Act.GIVE_UP, words, TextRefused.BAD_NUMBER)


def _sender(words: Promise) -> Rule:
    return Rule(Act.GIVE_UP, words, TextRefused.BAD_SENDER)


def _content(words: Promise) -> Rule:
    return Rule(Act.GIVE_UP, words, TextRefused.CONTENT)


def _other(words: Promise) -> Rule:
    return Rule(Act.GIVE_UP, words)


_TOO_FAST = Rule(Act.SLOW_DOWN, _("Twilio asks for fewer requests."))
_QUEUE_FULL = Rule(Act.SLOW_DOWN, _("Twilio’s queue for this sender is full."))
_NO_SERVICE = Rule(Act.MEND, _("The Messaging Service is missing or cannot be used."))
_TOO_MANY = _other(_("The carriers’ limit for this sender is reached."))
_NOT_REGISTERED = _sender(_("The sender must be registered before it may be used here."))

CODES: Mapping[str, Rule] = {
    "20003": Rule(Act.MEND_KEY, _("Twilio refused the account or its key.")),
    "20404": Rule(Act.MEND_KEY, _("Twilio does not know this account.")),
    "20429": _TOO_FAST,
    "14107": _TOO_FAST,
    "21211": _number(_("This is not a number that can be written to.")),
    "21604": _number(_("Twilio was given no number.")),
    "21614": _number(_("This number cannot receive texts.")),
    "21212": _sender(_("Twilio does not know this sender.")),
    "21603": _sender(_("Twilio was given no sender.")),
    "21606": _sender(_("This sender cannot be used for this number.")),
    "21612": _sender(_("This sender does not reach this number.")),
    "21709": _sender(_("This name may not be used with the Messaging Service.")),
    "21408": _other(_("Texts to this country are switched off at Twilio.")),
    "21602": _content(_("Twilio was given no text.")),
    "21617": _content(_("The text is longer than Twilio takes.")),
    "21609": Rule(Act.MEND, _("Twilio cannot reach Patchbay’s address for delivery reports.")),
    "21610": Rule(
        Act.GIVE_UP,
        _("The person has stopped texts from this sender at Twilio."),
        TextRefused.OPTED_OUT,
    ),
    "21611": _QUEUE_FULL,
    "21701": _NO_SERVICE,
    "21702": _NO_SERVICE,
    "21703": _NO_SERVICE,
    "21704": _NO_SERVICE,
    "21705": _NO_SERVICE,
    "30001": _QUEUE_FULL,
    "30002": Rule(Act.MEND, _("Twilio has suspended the account.")),
    "30003": _other(_("The phone could not be reached.")),
    "30004": _other(_("The carrier or the person blocks this text.")),
    "30005": _number(_("The carrier does not know this phone.")),
    "30006": _number(_("This is a landline, or its carrier cannot be reached.")),
    "30007": _content(_("The carrier took this for unwanted advertising.")),
    "30008": _other(_("The carrier gave no reason.")),
    "30017": Rule(Act.LATER, _("The carrier is congested.")),
    "30018": _NOT_REGISTERED,
    "30022": _TOO_MANY,
    "30023": _TOO_MANY,
    "30024": _NOT_REGISTERED,
    "30027": _TOO_MANY,
    "30032": _sender(_("This toll-free number is not verified yet.")),
    "30034": _sender(_("This number is not registered to a campaign.")),
}
