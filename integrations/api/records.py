"""Shapes that several endpoints answer with: a record, an attempt to write it, a trace line."""

from rest_framework import serializers

from integrations.models import CrmWrite, CrmWriteAttempt
from integrations.planning import TraceLine


class RecordSerializer(serializers.Serializer[CrmWrite]):
    """A record that Patchbay writes to Salesforce."""

    type = serializers.CharField(source="sobject", help_text="Task or Event")
    salesforceId = serializers.CharField(  # noqa: N815
        source="salesforce_record_id", help_text="Its id there; empty until it is written"
    )
    status = serializers.CharField(
        source="activity_status", help_text="Not Synced, Synced or Errors, as in the activity log"
    )
    error = serializers.CharField(
        source="error_message", help_text="What Salesforce answered last, if it refused"
    )


class AttemptSerializer(serializers.Serializer[CrmWriteAttempt]):
    """One try to write a record to Salesforce."""

    number = serializers.IntegerField(help_text="1 for the first try of a record")
    sentAt = serializers.DateTimeField(source="sent_at", help_text="When it left, UTC")  # noqa: N815
    outcome = serializers.CharField(
        source="get_outcome_display", help_text="Succeeded, Refused, Answer lost and the like"
    )
    error = serializers.CharField(
        source="error_message", help_text="What Salesforce answered, if it refused"
    )


class TraceLineSerializer(serializers.Serializer[TraceLine]):
    """One decision on the way to a record."""

    rule = serializers.CharField(help_text="The number of the rule")
    text = serializers.CharField(help_text="The decision in words")
    outcome = serializers.CharField(help_text="applied, skipped, stopped, flagged or needs review")
