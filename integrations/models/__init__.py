"""The kernel's models: tenants, people, connections, inbox, outbox, directory."""

from integrations.models.activities import ReportedActivity
from integrations.models.api import ApiAnswer, ApiKey
from integrations.models.audit import AuditEntry, Notice
from integrations.models.connections import ApiUsage, Connection, DrainLease, PhoneSystem
from integrations.models.directory import DirectoryContact, DirectoryPhone, PhoneLookup
from integrations.models.erasures import Erasure
from integrations.models.error_mails import ErrorMailing
from integrations.models.inbox import InboundEvent, IntakeCount
from integrations.models.match_doctor import CheckedPhone, PhoneCheckup
from integrations.models.options import OptionsRevision
from integrations.models.outbox import CrmWrite, CrmWriteAttempt, PlanRun, WriteState
from integrations.models.recording import PersonalRecording, RoleRecording
from integrations.models.salesforce import ArchivedUserLink, Preflight, SalesforceApp
from integrations.models.users import User
from integrations.models.workspaces import (
    Installation,
    Invitation,
    Membership,
    RoleGrant,
    Team,
    Workspace,
)

__all__ = [
    "ApiAnswer",
    "ApiKey",
    "ApiUsage",
    "ArchivedUserLink",
    "AuditEntry",
    "CheckedPhone",
    "Connection",
    "CrmWrite",
    "CrmWriteAttempt",
    "DirectoryContact",
    "DirectoryPhone",
    "DrainLease",
    "Erasure",
    "ErrorMailing",
    "InboundEvent",
    "Installation",
    "IntakeCount",
    "Invitation",
    "Membership",
    "Notice",
    "OptionsRevision",
    "PersonalRecording",
    "PhoneCheckup",
    "PhoneLookup",
    "PhoneSystem",
    "PlanRun",
    "Preflight",
    "ReportedActivity",
    "RoleGrant",
    "RoleRecording",
    "SalesforceApp",
    "Team",
    "User",
    "Workspace",
    "WriteState",
]
