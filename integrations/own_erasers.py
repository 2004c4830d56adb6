"""The kernel's own rows about a person: reported activities, look-ups, directory, findings (C8)."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from integrations.activities.filing import SUBJECT_KIND
from integrations.erasing import blanks, delete_rows
from integrations.mentions import Identity
from integrations.models import CheckedPhone, DirectoryContact, PhoneLookup, ReportedActivity
from integrations.registry import Eraser


def about(identity: Identity, *, phone: str = "", record: str = "") -> Q:
    """Rows whose column ``phone`` holds the number, or ``record`` the id; none where unnamed."""
    if identity.phone_e164 and phone:
        return Q(**{phone: identity.phone_e164})
    if identity.record_id and record:
        return Q(**{f"{record}__startswith": identity.needle})
    return Q(pk__in=())


def _find_activities(identity: Identity) -> "QuerySet[Any]":
    named = about(identity, phone="phone_e164", record="record_id")
    return ReportedActivity.objects.filter(named, erased_at=None)


def _erase_activities(_identity: Identity, primary_keys: Collection[int]) -> None:
    ReportedActivity.objects.filter(pk__in=primary_keys).update(
        **blanks(ReportedActivity), erased_at=timezone.now(), plan_due_at=None
    )


def _find_contacts(identity: Identity) -> "QuerySet[Any]":
    named = about(identity, phone="phones__phone_e164", record="record_id")
    return DirectoryContact.objects.filter(named)


def _find_lookups(identity: Identity) -> "QuerySet[Any]":
    return PhoneLookup.objects.filter(about(identity, phone="phone_e164"))


def _find_findings(identity: Identity) -> "QuerySet[Any]":
    return CheckedPhone.objects.filter(about(identity, phone="phone_e164", record="record_id"))


ERASERS = (
    Eraser(
        ReportedActivity,
        _("reported activities"),
        _find_activities,
        _erase_activities,
        SUBJECT_KIND,
    ),
    Eraser(
        DirectoryContact,
        _("copies of Salesforce records"),
        _find_contacts,
        delete_rows(DirectoryContact),
    ),
    Eraser(PhoneLookup, _("searches for the number"), _find_lookups, delete_rows(PhoneLookup)),
    Eraser(
        CheckedPhone, _("findings of the match doctor"), _find_findings, delete_rows(CheckedPhone)
    ),
)
