"""Calls in the public API: ``GET /api/v1/calls/<id>/`` (PLUS-04 for other programs)."""

from collections.abc import Iterable

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from calls.explanation import NO_RECORD_CAUSES, no_record_cause
from calls.models import Call
from calls.selectors import list_writes, newest_traces
from integrations.api.problems import PROBLEMS
from integrations.api.records import RecordSerializer, TraceLineSerializer
from integrations.api.views import ApiView
from integrations.api_scopes import ApiScope
from integrations.planning import read_trace


@extend_schema_serializer(component_name="Call")
class CallSerializer(serializers.Serializer[Call]):
    """A call as other programs read it; times are UTC, an empty text means that it is not known."""

    id = serializers.IntegerField()
    direction = serializers.CharField(help_text="inbound, outbound or internal")
    state = serializers.CharField(help_text="ringing, answered, held or ended")
    outcome = serializers.CharField(help_text="How it ended; empty while it lasts")
    phone = serializers.CharField(
        source="external_e164", help_text="The other party in E.164; empty inside and if hidden"
    )
    person = serializers.CharField(
        source="contact_name", help_text="Whom Salesforce held the number for when they called"
    )
    startedAt = serializers.DateTimeField(source="started_at", help_text="When it began")  # noqa: N815
    needsReview = serializers.BooleanField(  # noqa: N815
        source="needs_review", help_text="Whether a person must choose the record it belongs to"
    )
    noRecordBecause = serializers.CharField(  # noqa: N815
        source="no_record_because",
        help_text=f"Why none is written: {', '.join(NO_RECORD_CAUSES.values())}; empty otherwise",
    )
    records = RecordSerializer(many=True, help_text="What is written to Salesforce for it")
    trace = TraceLineSerializer(many=True, help_text="Why, one decision a line")


class CallView(ApiView):
    """One call with what was written for it, and why."""

    scopes = {"GET": ApiScope.READ_CALLS}

    @extend_schema(
        operation_id="getCall",
        summary="Read a call",
        description="A call, the records that Patchbay writes to Salesforce for it, and why.",
        parameters=[OpenApiParameter("call_id", int, OpenApiParameter.PATH, description="Its id")],
        responses={200: CallSerializer, **PROBLEMS},
    )
    def get(self, request: Request, call_id: int) -> Response:
        call = get_object_or_404(Call.objects.all(), pk=call_id)
        shown = CallSerializer(_with_evidence([call])[0])
        return Response(shown.data)


def _with_evidence(calls: Iterable[Call]) -> list[Call]:
    """The calls, each with its ``records`` and its ``trace``."""
    shown = list(calls)
    keys = [call.pk for call in shown]
    writes, traces = list_writes(keys), newest_traces(keys)
    for call in shown:
        call.records = writes[call.pk]  # type: ignore[attr-defined]
        call.trace = trace = read_trace(traces.get(call.pk))  # type: ignore[attr-defined]
        call.no_record_because = no_record_cause(trace)  # type: ignore[attr-defined]
    return shown


routes = [path("calls/<int:call_id>/", CallView.as_view(), name="api_call")]
