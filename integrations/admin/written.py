"""The records that were written about a call or message, ready to be shown on its page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from integrations.activity import visible_writes
from integrations.admin.write_stories import WriteStory, tell_story
from integrations.ledger import standing_writes
from integrations.models import CrmWrite, CrmWriteAttempt, Membership
from integrations.record_links import record_url


@dataclass(frozen=True)
class Written:
    """One edition of a record. ``line_url`` is its line in the log, where one may read it."""

    write: CrmWrite
    story: WriteStory
    under: str
    url: str
    line_url: str
    attempts: Sequence[CrmWriteAttempt]
    stands: bool


def show_written(
    membership: Membership, writes: Sequence[CrmWrite], filed_under: Callable[[CrmWrite], str]
) -> list[Written]:
    """These writes (oldest first), the newest first; ``filed_under`` names the record of one."""
    attempts: dict[int, list[CrmWriteAttempt]] = {write.pk: [] for write in writes}
    for attempt in CrmWriteAttempt.objects.filter(write__in=attempts):
        attempts[attempt.write_id].append(attempt)
    readable = set(visible_writes(membership).filter(pk__in=attempts).values_list("pk", flat=True))
    standing = {write.pk for write in standing_writes(writes)}
    return [
        Written(
            write=write,
            story=tell_story(write),
            under=filed_under(write),
            url=record_url(write.connection, write.salesforce_record_id),
            line_url=_line_url(write) if write.pk in readable else "",
            attempts=attempts[write.pk],
            stands=write.pk in standing,
        )
        for write in reversed(writes)
    ]


def _line_url(write: CrmWrite) -> str:
    return reverse("admin:integrations_crmwrite_change", args=(write.pk,))
