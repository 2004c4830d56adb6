"""What the activity log shows of the calls that its lines are about."""

from collections.abc import Collection, Mapping

from django.urls import reverse

from calls.models import Call
from calls.selectors import list_visible_calls
from integrations.models import Membership
from integrations.registry import ActivitySubject


def describe_calls_of_log(
    membership: Membership, call_ids: Collection[int]
) -> Mapping[int, ActivitySubject]:
    """The person of each call, and its page for members who may open that."""
    openable = set(
        list_visible_calls(membership).filter(pk__in=call_ids).values_list("pk", flat=True)
    )
    calls = Call.objects.filter(pk__in=call_ids).only(
        "pk", "contact_name", "caller_name", "account_name", "erased_at"
    )
    return {
        call.pk: ActivitySubject(
            person=call.person,
            link=reverse("admin:calls_call_change", args=(call.pk,)) if call.pk in openable else "",
        )
        for call in calls
    }
