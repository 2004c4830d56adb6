"""The calls app's models."""

from calls.models.calls import Call, CallLeg, CallState, Direction, LegEvent, MatchState
from calls.models.interactions import Interaction
from calls.models.tracked_numbers import TrackedNumber

__all__ = [
    "Call",
    "CallLeg",
    "CallState",
    "Direction",
    "Interaction",
    "LegEvent",
    "MatchState",
    "TrackedNumber",
]
