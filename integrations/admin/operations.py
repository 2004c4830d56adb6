"""The operators' site under /ops/: queues and health, no workspace data (RULES F2)."""

from unfold.sites import UnfoldAdminSite


class OperationsSite(UnfoldAdminSite):
    """For staff of the installation."""
