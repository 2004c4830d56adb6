"""The console's pages. Importing this package registers them (``IntegrationsConfig.ready``)."""

from integrations.admin import (
    activity_log,
    audit,
    home,
    intake,
    invitations,
    members,
    my_recording,
    my_salesforce,
    options_history,
    options_page,
    phone_systems,
    role_recording,
    salesforce_connection,
    salesforce_downloads,
    salesforce_people,
    salesforce_preflight,
)

__all__ = [
    "activity_log",
    "audit",
    "home",
    "intake",
    "invitations",
    "members",
    "my_recording",
    "my_salesforce",
    "options_history",
    "options_page",
    "phone_systems",
    "role_recording",
    "salesforce_connection",
    "salesforce_downloads",
    "salesforce_people",
    "salesforce_preflight",
]
