"""The kinds of activity that can be recorded in Salesforce (MIX-15, MIX-16, MIX-23). Pure.

One list for role settings, personal choices, plans and the activity log. Rows keep the value as
text, and readers meet values of later releases: they show them and never fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal


class ActivityKind(StrEnum):
    """What happened; the values are stored for ever."""

    CALL = "call"
    MESSAGE_SENT = "message_sent"
    MESSAGE_DELIVERED = "message_delivered"
    MESSAGE_RECEIVED = "message_received"
    MESSAGE_REPLIED = "message_replied"
    MESSAGE_OPENED = "message_opened"
    LINK_CLICKED = "link_clicked"
    FILE_DOWNLOADED = "file_downloaded"
    MEETING_CONFIRMED = "meeting_confirmed"


ActivityType = Literal["Task", "Event"]

#: Which Salesforce object records it (MIX-24): a total mapping.
SOBJECT_OF: Mapping[ActivityKind, ActivityType] = {
    kind: "Event" if kind is ActivityKind.MEETING_CONFIRMED else "Task" for kind in ActivityKind
}
