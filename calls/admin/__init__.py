"""The console's pages about calls. ``CallsConfig.ready`` registers them by importing this."""

from calls.admin import history, trial_page

__all__ = ["history", "trial_page"]
