"""What the kinds of activity are called (MIX-16, MIX-23): total, and never at a loss."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.activity_kinds import ActivityKind

#: In the activity log.
LOG_WORDS: Mapping[ActivityKind, Promise] = {
    ActivityKind.CALL: _("Call"),
    ActivityKind.MESSAGE_SENT: _("Sent"),
    ActivityKind.MESSAGE_DELIVERED: _("Delivered"),
    ActivityKind.MESSAGE_RECEIVED: _("Received"),
    ActivityKind.MESSAGE_REPLIED: _("Replied"),
    ActivityKind.MESSAGE_OPENED: _("Opened"),
    ActivityKind.LINK_CLICKED: _("Clicked"),
    ActivityKind.FILE_DOWNLOADED: _("Downloaded"),
    ActivityKind.MEETING_CONFIRMED: _("Meeting Confirmed"),
}
#: Where people choose what to record.
CHOICE_WORDS: Mapping[ActivityKind, Promise] = {
    ActivityKind.CALL: _("Calls"),
    ActivityKind.MESSAGE_SENT: _("Messages sent"),
    ActivityKind.MESSAGE_DELIVERED: _("Messages delivered"),
    ActivityKind.MESSAGE_RECEIVED: _("Messages received"),
    ActivityKind.MESSAGE_REPLIED: _("Replies to messages"),
    ActivityKind.MESSAGE_OPENED: _("Messages opened"),
    ActivityKind.LINK_CLICKED: _("Links clicked"),
    ActivityKind.FILE_DOWNLOADED: _("Files downloaded"),
    ActivityKind.MEETING_CONFIRMED: _("Meetings confirmed"),
}


def activity_word(value: str) -> str:
    """The log's word for a stored kind; a kind of another release is shown as it is written."""
    try:
        return str(LOG_WORDS[ActivityKind(value)])
    except ValueError:
        return value.replace("_", " ").capitalize() or "–"
