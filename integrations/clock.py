"""Days as people see them: the database keeps UTC, a day begins where the member is."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from integrations.models import Membership, Workspace


def zone_of(membership: Membership) -> ZoneInfo:
    """The member's own time zone, else the workspace's, else UTC."""
    return _first_known(membership.time_zone, membership.workspace.time_zone)


def workspace_zone(workspace: Workspace) -> ZoneInfo:
    """The time zone that the workspace's days are of, else UTC."""
    return _first_known(workspace.time_zone)


def _first_known(*names: str) -> ZoneInfo:
    for name in names:
        try:
            return ZoneInfo(name)
        except (ValueError, ZoneInfoNotFoundError):
            continue
    return ZoneInfo("UTC")


def start_of_today(membership: Membership) -> datetime:
    """The last midnight where the member is."""
    now = timezone.now().astimezone(zone_of(membership))
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
