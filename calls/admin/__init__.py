"""The console's pages about calls. ``CallsConfig.ready`` registers them by importing this."""

from calls.admin import history, review_page, tracked_numbers, trial_page

__all__ = ["history", "review_page", "tracked_numbers", "trial_page"]
