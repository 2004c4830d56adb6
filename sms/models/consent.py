"""Who must not be written to, since when, and what proves it (RULES D2, D3)."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.tenancy import WorkspaceOwned


class OptOutKeyword(WorkspaceOwned):
    """A word that opts out whoever answers with it; compared folded (`sms.keywords.fold`)."""

    word = models.CharField(_("word"), max_length=40)
    folded = models.CharField(max_length=80, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("word",)
        verbose_name = _("opt-out keyword")
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "folded"),
                name="opt_out_keyword_unique",
                violation_error_message=_("This word is in the list already."),
            ),
        ]

    def __str__(self) -> str:
        return self.word


class OptOut(WorkspaceOwned):
    """Whether one number may be written to: the truth that every send asks (RULES D2).

    A row exists once the number has ever opted out; ``is_active`` says whether it is so now. It is
    derived from the number's `OptOutEvent` rows, newest last, and can be rebuilt from them.
    """

    phone_e164 = models.CharField(_("number"), max_length=20)
    is_active = models.BooleanField(default=True)
    since = models.DateTimeField(default=timezone.now)
    plan_due_at = models.DateTimeField(
        null=True, help_text="When to bring Salesforce in step with it."
    )

    class Meta:
        ordering = ("-since", "-id")
        verbose_name = _("opt-out")
        constraints = [
            models.UniqueConstraint(fields=("workspace", "phone_e164"), name="opt_out_unique"),
        ]
        indexes = [
            models.Index(
                fields=("workspace", "-since", "-id"),
                condition=models.Q(is_active=True),
                name="opt_out_newest",
            ),
            models.Index(
                fields=("plan_due_at",),
                condition=models.Q(plan_due_at__isnull=False),
                name="opt_out_plan_due",
            ),
        ]

    def __str__(self) -> str:
        return self.phone_e164


class SuppressedNumber(WorkspaceOwned):
    """A number that had opted out when its person was erased: known again, but not readable (C8).

    The row goes when the number opts in again; an `OptOut` of a later opt-out may stand beside it.
    """

    pseudonym = models.CharField(max_length=64, help_text="See integrations.pseudonyms.")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=("workspace", "pseudonym"), name="suppressed_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym[:12]


class OptOutEvent(WorkspaceOwned):
    """One thing that opted a number out or in again, with its proof. Only ever added."""

    class Kind(models.TextChoices):
        OPTED_OUT = "opted_out", _("Opted out")
        OPTED_IN = "opted_in", _("May be written to again")
        #: Decides nothing by itself; a later change is judged by it.
        FLAG_SEEN = "flag_seen", _("Flag seen in Salesforce")

    class Source(models.TextChoices):
        KEYWORD = "keyword", _("Keyword")
        SUGGESTION = "suggestion", _("Suggestion, decided by a person")
        MEMBER = "member", _("A member")
        SALESFORCE = "salesforce", _("Salesforce")
        GATEWAY = "gateway", _("The gateway's own block")
        API = "api", _("API")

    phone_e164 = models.CharField(max_length=20)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    source = models.CharField(max_length=12, choices=Source.choices)
    occurred_at = models.DateTimeField(default=timezone.now)
    message = models.ForeignKey(
        "sms.Message", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    evidence = models.JSONField(
        default=dict, help_text="The words, the record and its last editor, the gateway's code."
    )

    class Meta:
        ordering = ("occurred_at", "id")
        indexes = [
            models.Index(
                fields=("workspace", "phone_e164", "occurred_at"), name="opt_out_event_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phone_e164} {self.kind}"


class OptOutSuggestion(WorkspaceOwned):
    """A text that may have meant stop; marketing to the number waits until a person decides."""

    class Decision(models.TextChoices):
        OPTED_OUT = "opted_out", _("Opted out")
        DISMISSED = "dismissed", _("Meant something else")

    message = models.OneToOneField(
        "sms.Message", on_delete=models.CASCADE, related_name="opt_out_suggestion"
    )
    phone_e164 = models.CharField(_("number"), max_length=20)
    keyword = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ("created_at", "id")
        verbose_name = _("opt-out suggestion")
        indexes = [
            models.Index(
                fields=("workspace", "phone_e164"),
                condition=models.Q(decision=""),
                name="opt_out_suggestion_open",
            ),
        ]

    def __str__(self) -> str:
        return self.phone_e164
