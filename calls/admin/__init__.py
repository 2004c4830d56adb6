"""The console's pages about calls. ``CallsConfig.ready`` registers them by importing this."""

from calls.admin import history, panel_code, review_page, tracked_numbers, trial_page

__all__ = ["history", "panel_code", "review_page", "tracked_numbers", "trial_page"]
