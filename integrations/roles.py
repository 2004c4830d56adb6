"""Roles, capabilities, and the one table that joins them (RULES E1).

A membership holds a *set* of roles; its capabilities are the union. Only ``integrations.policy``
reads this table; views, admin classes and jobs ask the policy.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person is in a workspace."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    SMS_ADMIN = "sms_admin", _("SMS admin")
    MARKETER = "marketer", _("Marketer")
    CALL_MANAGER = "call_manager", _("Call manager")
    CALL_AGENT = "call_agent", _("Call agent")
    MEMBER = "member", _("Member")


class Capability(models.TextChoices):
    """What a person may do. Named after the page or the act, never after a role."""

    VIEW_HOME = "view_home", _("See the home page")
    MANAGE_SALESFORCE = "manage_salesforce", _("Connect Salesforce and see its health")
    VIEW_OPTIONS = "view_options", _("Read the integration options and their history")
    CHANGE_OPTIONS = "change_options", _("Change the integration options")
    CONNECT_OWN_ACCOUNT = "connect_own_account", _("Connect one's own Salesforce account")
    VIEW_OWN_ACTIVITY = "view_own_activity", _("See one's own activity log")
    VIEW_ALL_ACTIVITY = "view_all_activity", _("See everybody's activity log")
    RETRY_WRITES = "retry_writes", _("Retry writes that need attention")
    VIEW_OWN_CALLS = "view_own_calls", _("See one's own calls")
    VIEW_TEAM_CALLS = "view_team_calls", _("See the calls of one's team")
    VIEW_ALL_CALLS = "view_all_calls", _("See all calls")
    USE_SOFTPHONE = "use_softphone", _("Use the softphone panel")
    VIEW_MESSAGES = "view_messages", _("See text messages")
    SEND_MESSAGES = "send_messages", _("Send text messages")
    MANAGE_SMS = "manage_sms", _("Set up the SMS gateway, senders, opt-out words and opt-outs")
    MANAGE_MEMBERS = "manage_members", _("Invite members and set their roles")
    MANAGE_PHONE_SYSTEMS = "manage_phone_systems", _("Set up phone systems")
    MANAGE_API_KEYS = "manage_api_keys", _("Make and revoke API keys")
    VIEW_INTAKE = "view_intake", _("See what arrived and what was refused")
    REPLAY_EVENTS = "replay_events", _("Have failed events understood once more")
    MANAGE_NOTICES = "manage_notices", _("See notices and choose who gets mails about errors")
    VIEW_AUDIT = "view_audit", _("Read the audit")
    ERASE_PEOPLE = "erase_people", _("Erase a person from the workspace")
    TRANSFER_OWNERSHIP = "transfer_ownership", _("Make somebody else an owner")


_EVERYONE = frozenset(
    {Capability.VIEW_HOME, Capability.CONNECT_OWN_ACCOUNT, Capability.VIEW_OWN_ACTIVITY}
)
_ADMIN = _EVERYONE | {
    Capability.MANAGE_SALESFORCE,
    Capability.VIEW_OPTIONS,
    Capability.CHANGE_OPTIONS,
    Capability.VIEW_ALL_ACTIVITY,
    Capability.RETRY_WRITES,
    Capability.VIEW_OWN_CALLS,
    Capability.VIEW_TEAM_CALLS,
    Capability.VIEW_ALL_CALLS,
    Capability.USE_SOFTPHONE,
    Capability.VIEW_MESSAGES,
    Capability.SEND_MESSAGES,
    Capability.MANAGE_SMS,
    Capability.MANAGE_MEMBERS,
    Capability.MANAGE_PHONE_SYSTEMS,
    Capability.MANAGE_API_KEYS,
    Capability.VIEW_INTAKE,
    Capability.REPLAY_EVENTS,
    Capability.MANAGE_NOTICES,
    Capability.VIEW_AUDIT,
    Capability.ERASE_PEOPLE,
}

ROLE_CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.OWNER: _ADMIN | {Capability.TRANSFER_OWNERSHIP},
    Role.ADMIN: _ADMIN,
    Role.SMS_ADMIN: _EVERYONE
    | {
        Capability.VIEW_OPTIONS,
        Capability.VIEW_MESSAGES,
        Capability.SEND_MESSAGES,
        Capability.MANAGE_SMS,
    },
    Role.MARKETER: _EVERYONE | {Capability.VIEW_MESSAGES, Capability.SEND_MESSAGES},
    Role.CALL_MANAGER: _EVERYONE
    | {
        Capability.VIEW_OPTIONS,
        Capability.VIEW_OWN_CALLS,
        Capability.VIEW_TEAM_CALLS,
        Capability.USE_SOFTPHONE,
        Capability.VIEW_MESSAGES,
    },
    Role.CALL_AGENT: _EVERYONE | {Capability.VIEW_OWN_CALLS, Capability.USE_SOFTPHONE},
    Role.MEMBER: _EVERYONE,
}

#: What these roles lose while data access is limited: the logs and what was sent (RULES E2).
LIMITED_ROLES = frozenset({Role.CALL_MANAGER, Role.CALL_AGENT})
LIMITED_CAPABILITIES = frozenset(
    {Capability.VIEW_OWN_CALLS, Capability.VIEW_TEAM_CALLS, Capability.VIEW_MESSAGES}
)
