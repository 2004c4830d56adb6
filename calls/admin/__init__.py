"""The console's pages about calls. ``CallsConfig.ready`` registers them by importing this."""

from calls.admin import history

__all__ = ["history"]
