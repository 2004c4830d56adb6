"""What a request with records in it counts as: that of which it carries most."""

from dataclasses import dataclass

import pytest

from integrations.api_budget import FEATURE_NAMES
from integrations.request_features import feature_of


@dataclass
class Write:
    """The columns of a write that are looked at."""

    feature: str
    activity: str


CALL = Write("activity_history", "call")
TEXT = Write("messages", "message_sent")
CLICK = Write("activities", "link_clicked")
MEETING = Write("activities", "meeting_confirmed")
OPT_OUT = Write("opt-outs", "")


@pytest.mark.parametrize(
    ("writes", "feature"),
    [
        ([CALL], "call records"),
        ([TEXT], "messages"),
        ([CLICK], "activities"),
        ([MEETING], "meetings"),
        ([OPT_OUT], "opt-outs"),
        ([CALL, TEXT, TEXT], "messages"),
        ([MEETING, CLICK, MEETING], "meetings"),
    ],
)
def test_a_request_counts_as_what_most_of_its_records_are(
    writes: list[Write], feature: str
) -> None:
    assert feature_of(writes) == feature
    assert feature in FEATURE_NAMES, "the budget has a name for it"
