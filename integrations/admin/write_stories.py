"""How a write stands, in words for people: what happened, what Patchbay does, what they can do."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.chips import Chip, chip
from integrations.models import CrmWrite, WriteState
from integrations.salesforce.remedies import LOOK_FIRST, remedy_for

_STATUS_CHIPS = {"Not Synced": Chip.WAITING, "Synced": Chip.DONE, "Errors": Chip.FAILED}
_STATE_CHIPS = {
    WriteState.PLANNED: Chip.WAITING,
    WriteState.HELD: Chip.ATTENTION,
    WriteState.CLAIMED: Chip.WORKING,
    WriteState.SENDING: Chip.WORKING,
    WriteState.UNKNOWN: Chip.WORKING,
    WriteState.RETRYING: Chip.ATTENTION,
    WriteState.NEEDS_ATTENTION: Chip.FAILED,
    WriteState.DONE: Chip.DONE,
    WriteState.CANCELLED: Chip.WAITING,
}
_SENDING_WORDS = (
    gettext_lazy("It is being sent to Salesforce."),
    gettext_lazy("The answer appears here within a minute."),
)
_STATE_WORDS = {
    WriteState.PLANNED: (
        gettext_lazy("It is ready to be written."),
        gettext_lazy("Patchbay sends it within seconds."),
    ),
    WriteState.CLAIMED: _SENDING_WORDS,
    WriteState.SENDING: _SENDING_WORDS,
    WriteState.UNKNOWN: (
        gettext_lazy("It was sent, and the answer was lost."),
        gettext_lazy(
            "Patchbay asks Salesforce whether the record is there, and sends it again only if not."
        ),
    ),
    WriteState.DONE: (gettext_lazy("The record stands in Salesforce."),),
}


@dataclass(frozen=True)
class WriteStory:
    """How a write stands; empty where there is nothing to say."""

    chip: SafeString
    happened: str
    by_itself: str = ""
    to_do: str = ""


def status_chip(write: CrmWrite) -> SafeString:
    """Not Synced, Synced or Errors (MIX-21)."""
    return chip(_STATUS_CHIPS[write.activity_status], write.activity_status)


def state_chip(write: CrmWrite) -> SafeString:
    """The finer state."""
    state = WriteState(write.state)
    return chip(_STATE_CHIPS[state], state.label)


def tell_story(write: CrmWrite) -> WriteStory:
    """A write's state in words."""
    state = WriteState(write.state)
    shown = state_chip(write)
    if state in (WriteState.NEEDS_ATTENTION, WriteState.RETRYING):
        return _tell_failure(write, shown)
    if state == WriteState.HELD:
        return WriteStory(
            shown,
            write.held_reason or _("Salesforce cannot be written to at the moment."),
            _("The record waits here and is written once the connection works again."),
            _("An admin can look at Salesforce → Connection."),
        )
    if state == WriteState.CANCELLED:
        return WriteStory(shown, write.held_reason or _("It was not needed any more."))
    return WriteStory(shown, *map(str, _STATE_WORDS[state]))


def _tell_failure(write: CrmWrite, shown: SafeString) -> WriteStory:
    remedy = remedy_for(write.error_code, write.error_message)
    if write.state == WriteState.RETRYING:
        again = _("Patchbay tries again by itself.")
        return WriteStory(
            shown, remedy.happened, f"{again} {remedy.going_on}".strip(), remedy.to_do
        )
    nothing = _("Patchbay does not try again by itself, because the answer would be the same.")
    then = "" if write.error_code in LOOK_FIRST else _("Then retry it.")
    return WriteStory(shown, remedy.happened, nothing, f"{remedy.to_do} {then}".strip())
