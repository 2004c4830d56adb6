"""The calls app's models."""

from calls.models.calls import Call, CallLeg, CallState, Direction, LegEvent, MatchState

__all__ = ["Call", "CallLeg", "CallState", "Direction", "LegEvent", "MatchState"]
