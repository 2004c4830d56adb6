"""The console's pages about calls. ``CallsConfig.ready`` registers them by importing this."""

from calls.admin import (
    history,
    layout_exchange,
    panel_code,
    review_page,
    softphone_layouts,
    softphone_users,
    tracked_numbers,
    trial_page,
)

__all__ = [
    "history",
    "layout_exchange",
    "panel_code",
    "review_page",
    "softphone_layouts",
    "softphone_users",
    "tracked_numbers",
    "trial_page",
]
