"""The calls app's models."""

from calls.models.calls import Call, CallLeg, CallState, Direction, LegEvent, MatchState
from calls.models.dialling import DialRequest
from calls.models.interactions import Interaction
from calls.models.panel import PanelEvent, PanelFeed, PanelSession
from calls.models.softphone import SoftphoneLayout, SoftphoneLayoutAssignment, SoftphoneUser
from calls.models.tracked_numbers import TrackedNumber

__all__ = [
    "Call",
    "CallLeg",
    "CallState",
    "DialRequest",
    "Direction",
    "Interaction",
    "LegEvent",
    "MatchState",
    "PanelEvent",
    "PanelFeed",
    "PanelSession",
    "SoftphoneLayout",
    "SoftphoneLayoutAssignment",
    "SoftphoneUser",
    "TrackedNumber",
]
