"""Options that somebody may save: what they would change, cost, warn of, and do to past work.

``calls`` and ``sms`` plug in what only they can tell (``integrations.registry``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.models import CrmWriteAttempt
from integrations.options.revisions import Change, difference
from integrations.options.snapshots import Options, with_defaults
from integrations.options.specs import Text
from integrations.registry import Rehearsal, registry

_VALIDATION_DAYS = 30
_VALIDATION_CODE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@dataclass(frozen=True)
class Proposal:
    """Changes to the options in force. ``restores`` is the revision whose values come back."""

    active: Options
    changes: Sequence[Change]
    restores: int | None = None

    @property
    def values(self) -> dict[str, Any]:
        """All values as they would be."""
        return {**self.active.values, **self.asked}

    @property
    def asked(self) -> dict[str, Any]:
        """The new values alone, by key."""
        return {change.spec.key: change.after for change in self.changes}

    @property
    def consequences(self) -> list[Text]:
        """What people should have read before they switch something on (CTM-10)."""
        return [
            text for change in self.changes if change.after for text in change.spec.consequences
        ]

    @property
    def prices(self) -> list[tuple[Text, Text]]:
        """What is switched on, and what it costs in Salesforce requests."""
        return [
            (change.spec.label, change.spec.price)
            for change in self.changes
            if change.spec.price and change.after
        ]

    def warn(self) -> list[str]:
        """What an admin should know before saving; a few cheap queries."""
        warnings = [text for source in registry.option_warnings for text in source(self.values)]
        formats = {"local_numbers", "full_region_names"} & set(self.asked)
        return warnings + (list(_warn_of_validation_rules()) if formats else [])

    def rehearse(self) -> list[Rehearsal]:
        """What would have come of past work under these options (PLUS-02, PLUS-06)."""
        rehearsals = [run(self.active.values, self.values) for run in registry.option_rehearsals]
        return [rehearsal for rehearsal in rehearsals if rehearsal.examined]


def propose(active: Options, wanted: Mapping[str, Any], *, restores: int | None = None) -> Proposal:
    """A proposal that ``wanted`` holds, on top of what is in force; for a restored revision its
    values alone count, and what it does not name goes back to the default."""
    after = with_defaults(wanted) if restores is not None else {**active.values, **wanted}
    return Proposal(active, difference(active.values, after), restores)


def _warn_of_validation_rules() -> Sequence[str]:
    """Another format may meet rules that refuse it; some did lately (CTM-16)."""
    since = timezone.now() - timedelta(days=_VALIDATION_DAYS)
    refused = CrmWriteAttempt.objects.filter(error_code=_VALIDATION_CODE, sent_at__gte=since)
    count = refused.count()
    if not count:
        return (_("Validation rules in Salesforce may refuse another format; none refused a write "
                  "in the last 30 days."),)  # fmt: skip
    newest = refused.order_by("-sent_at").values_list("error_message", flat=True).first()
    return (
        ngettext(
            "A validation rule refused %(count)s write in the last 30 days, the last with "
            "“%(message)s”. Another format may meet more rules.",
            "Validation rules refused %(count)s writes in the last 30 days, the last with "
            "“%(message)s”. Another format may meet more rules.",
            count,
        )
        % {"count": count, "message": newest},
    )
