"""Where data about people lie: every text and JSON column, classified (RULES C8).

Each app declares its tables in a module of this name or, the kernel, below; ``AppConfig.ready()``
puts them into the registry. ``docs/personal-data.md`` is printed from it, erasing a person follows
it, and a test names any column that nobody has classified.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.retention import BODY_AGE, FINDING_AGE, ROW_AGE


class DataKind(models.TextChoices):
    """What a column tells about whom."""

    TECHNICAL = "technical", _("Nothing about a person")
    MEMBER = "member", _("A member of the workspace")
    PERSON = "person", _("Somebody outside: name, number, record")
    CONTENT = "content", _("What was said, or came in raw")
    SECRET = "secret", _("A secret, sealed or hashed")


#: Kinds that erasing a person concerns.
ERASABLE = frozenset({DataKind.PERSON, DataKind.CONTENT})

WHILE_WORKSPACE = "as long as the workspace"
ROWS = f"{ROW_AGE.days} days"
BODIES = f"{ROW_AGE.days} days, texts and raw bodies {BODY_AGE.days} days"
FINDINGS = f"{FINDING_AGE.days} days"

_COLUMN_TYPES = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.GenericIPAddressField,
    models.BinaryField,
)


@dataclass(frozen=True)
class TableData:
    """What the columns of one model hold, and how long its rows are kept, in words."""

    model: str
    kept: str
    columns: Mapping[str, DataKind]

    def of_kinds(self, *kinds: DataKind) -> frozenset[str]:
        """The columns of these kinds."""
        return frozenset(name for name, kind in self.columns.items() if kind in kinds)


def table(
    model: str,
    *,
    kept: str = WHILE_WORKSPACE,
    technical: str = "",
    member: str = "",
    person: str = "",
    content: str = "",
    sealed: str = "",
) -> TableData:
    """Classify the columns of a model (``app.Model``), given as names with spaces between.

    ``sealed`` names its secrets.
    """
    names = {
        DataKind.TECHNICAL: technical,
        DataKind.MEMBER: member,
        DataKind.PERSON: person,
        DataKind.CONTENT: content,
        DataKind.SECRET: sealed,
    }
    columns = {name: kind for kind, listed in names.items() for name in listed.split()}
    if len(columns) != sum(len(listed.split()) for listed in names.values()):
        raise ValueError(f"{model}: a column stands under two kinds.")
    return TableData(model, kept, columns)


def columns_to_classify(model: type[models.Model]) -> Iterator[str]:
    """The columns of a model that could hold words; those with fixed choices cannot."""
    for field in model._meta.concrete_fields:
        if isinstance(field, _COLUMN_TYPES) and not field.choices:
            yield field.name


def models_with_data() -> Iterator[type[models.Model]]:
    """The models of the product that have a table, app by app."""
    for app in ("integrations", "calls", "sms"):
        for model in apps.get_app_config(app).get_models():
            if not model._meta.proxy:
                yield model


TABLES = (
    table("integrations.Installation", sealed="sealed_pseudonym_key"),
    table("integrations.Workspace", technical="name slug default_region time_zone subscription"),
    table("integrations.Team", technical="name"),
    table(
        "integrations.Membership",
        member="extension time_zone salesforce_user_id salesforce_username salesforce_time_zone",
    ),
    table("integrations.RoleGrant"),
    table("integrations.Invitation", technical="roles", member="email", sealed="token_digest"),
    table("integrations.ApiKey", technical="name prefix scopes", sealed="digest"),
    table(
        "integrations.ApiAnswer",
        kept=ROWS,
        technical="idempotency_key request_digest",
        content="body",
    ),
    table(
        "integrations.ReportedActivity",
        kept=BODIES,
        technical="kind waits_for matched_org_id",
        person="person_name person_email phone_e164 record_id related_to_id candidates",
        content="subject text link location",
    ),
    table(
        "integrations.Connection",
        technical="backend name key state_reason login_url instance_url api_version org_id"
        " org_name closed_task_status task_parents edition offered_versions",
        member="salesforce_user_id salesforce_username",
        sealed="sealed_credentials",
    ),
    table("integrations.DrainLease"),
    table("integrations.ApiUsage", kept=ROWS, technical="feature"),
    table(
        "integrations.AuditEntry",
        technical="action",
        member="actor_label address",
        person="target_label",
        content="before after",
    ),
    table(
        "integrations.Notice",
        kept=f"{ROWS} once settled",
        technical="kind subject_key",
        content="title body",
    ),
    table(
        "integrations.PhoneLookup",
        technical="org_id error",
        person="phone_e164 candidates preferred_record_id",
    ),
    table(
        "integrations.DirectoryContact",
        technical="org_id sobject",
        person="record_id name account_name account_id record_url",
    ),
    table("integrations.DirectoryPhone", technical="field", person="phone_e164"),
    table(
        "integrations.Erasure",
        technical="pseudonym erased swept_table waits_for",
        sealed="sealed_identity",
    ),
    table("integrations.ErrorMailing", technical="services problem", member="addresses"),
    table(
        "integrations.InboundEvent",
        kept=BODIES,
        technical="handler dedupe_key body_digest",
        content="body error traceback",
    ),
    table("integrations.IntakeCount"),
    table("integrations.PhoneCheckup", technical="sobject last_id waits_for error"),
    table(
        "integrations.CheckedPhone",
        kept=FINDINGS,
        technical="sobject field",
        person="record_id record_name raw phone_e164",
    ),
    table("integrations.OptionsRevision", technical="values comment"),
    table("integrations.PlanRun", kept=ROWS, technical="subject_kind", content="facts plan"),
    table(
        "integrations.CrmWrite",
        kept=f"{ROWS} once written or cancelled",
        technical="org_id subject_kind activity feature target_key wire_key sobject held_reason"
        " salesforce_record_id error_code",
        member="sent_as",
        person="label phone_e164 lead_key parent_key",
        content="fields payload new_lead campaign error_message error_class",
    ),
    table(
        "integrations.CrmWriteAttempt",
        kept=f"as its write, requests and answers {BODY_AGE.days} days",
        technical="error_code salesforce_record_id",
        content="request answer error_message",
    ),
    table("integrations.RoleRecording", technical="left_out"),
    table("integrations.PersonalRecording", technical="left_out"),
    table("integrations.SalesforceApp", technical="consumer_key login_url", sealed="sealed_secret"),
    table("integrations.Preflight", technical="error", member="report"),
    table(
        "integrations.ArchivedUserLink",
        technical="org_id",
        member="salesforce_user_id salesforce_username salesforce_time_zone",
    ),
    table(
        "integrations.User",
        kept="as long as the account",
        member="first_name last_name email",
        sealed="password",
    ),
)
