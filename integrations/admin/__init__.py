"""The console's pages. Importing this package registers them (``IntegrationsConfig.ready``)."""

from integrations.admin import home

__all__ = ["home"]
