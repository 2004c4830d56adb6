"""Activities in the public API: report one, and read what became of it (MIX-15, MIX-23)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.activities.evidence import Evidence, read_evidence
from integrations.activities.filing import take_on
from integrations.activities.plan import REPORTED_KINDS
from integrations.activities.relation import PERSON_PREFIXES
from integrations.activity_kinds import ActivityKind
from integrations.api.idempotency import IDEMPOTENCY_KEY, answer_once
from integrations.api.problems import PROBLEMS, PROBLEMS_OF_POST
from integrations.api.records import AttemptSerializer, RecordSerializer, TraceLineSerializer
from integrations.api.views import ApiView
from integrations.api_scopes import ApiScope
from integrations.models import ApiKey, Membership, ReportedActivity, Workspace
from integrations.phones import parse_phone
from integrations.tenancy import current_workspace_id

_KINDS = ", ".join(REPORTED_KINDS)
_RECORD_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
#: Users, and activities themselves: nothing is filed under them.
_NO_TARGETS = ("005", "00T", "00U")
#: What Salesforce, too, keeps as a moment, with room for every calendar.
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_LONGEST_MEETING = timedelta(days=14)  # salesforce.md 4.3
#: Names of the API, and the columns where they are kept.
_COLUMNS = {
    "kind": "kind",
    "subject": "subject",
    "text": "text",
    "link": "link",
    "location": "location",
    "occurredAt": "occurred_at",
    "startsAt": "starts_at",
    "endsAt": "ends_at",
    "name": "person_name",
    "email": "person_email",
    "phone": "phone_e164",
    "recordId": "record_id",
    "relatedToId": "related_to_id",
    "memberEmail": "membership",
}


def _text(most: int, help_text: str) -> serializers.CharField:
    return serializers.CharField(
        max_length=most, required=False, allow_blank=True, help_text=help_text
    )


def _moment(help_text: str) -> serializers.DateTimeField:
    return serializers.DateTimeField(required=False, default_timezone=UTC, help_text=help_text)


@extend_schema_serializer(component_name="NewActivity")
class NewActivitySerializer(serializers.Serializer[ReportedActivity]):
    """What happened, and with whom: one of recordId, email and phone, or a record to relate to."""

    kind = serializers.CharField(max_length=30, help_text=f"What happened: {_KINDS}")
    subject = _text(200, "What it was about, e.g. the subject of the message")
    text = _text(30_000, "The text of the message, or notes")
    link = _text(1000, "What was clicked or downloaded")
    location = _text(255, "Where a meeting is")
    occurredAt = _moment("When it happened; now, if you do not say")  # noqa: N815
    startsAt = _moment("When a meeting begins; only a meeting has this, and needs it")  # noqa: N815
    endsAt = _moment("When a meeting ends; only a meeting has this, and needs it")  # noqa: N815
    name = _text(121, "Whom it was with, as people should read it")
    email = _text(254, "Their mail address, by which they are found in Salesforce")
    phone = _text(40, "Their number, likewise")
    recordId = _text(18, "Their record in Salesforce, if you know it")  # noqa: N815
    relatedToId = _text(18, "A record it also concerns, such as an opportunity")  # noqa: N815
    memberEmail = _text(254, "The member of the workspace whose activity it is")  # noqa: N815

    def validate_kind(self, kind: str) -> ActivityKind:
        if kind not in REPORTED_KINDS:
            raise serializers.ValidationError(f"There is no such kind. Known are {_KINDS}.")
        return ActivityKind(kind)

    def validate_email(self, email: str) -> str:
        # Whether anybody has it, Salesforce says; this is only that it can be one.
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            raise serializers.ValidationError("This is no mail address.")
        return email.lower()

    def validate_phone(self, phone: str) -> str:
        region = Workspace.objects.get(pk=current_workspace_id()).default_region
        e164 = parse_phone(phone, region).e164
        if phone and e164 is None:
            raise serializers.ValidationError("This is no phone number.")
        return e164 or ""

    def validate_recordId(self, record_id: str) -> str:  # noqa: N802
        return _checked_id(record_id)

    def validate_relatedToId(self, record_id: str) -> str:  # noqa: N802
        if record_id.startswith(PERSON_PREFIXES):
            raise serializers.ValidationError("A Contact or Lead belongs into recordId.")
        return _checked_id(record_id)

    def validate_memberEmail(self, email: str) -> Membership | None:  # noqa: N802
        if not email:
            return None
        member = Membership.objects.active().filter(user__email__iexact=email).first()
        if member is None:
            raise serializers.ValidationError("No member of this workspace has this address.")
        return member

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        faults = dict(_faulty_times(attrs))
        if not any(attrs.get(name) for name in ("recordId", "email", "phone", "relatedToId")):
            faults["recordId"] = "Say whom it was with: recordId, email, phone or relatedToId."
        if _names_two_records(attrs):
            faults["relatedToId"] = "Only the record of a person takes a second one."
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


def _names_two_records(attrs: Mapping[str, Any]) -> bool:
    record_id = str(attrs.get("recordId") or "")
    is_thing = bool(record_id) and not record_id.startswith(PERSON_PREFIXES)
    return is_thing and bool(attrs.get("relatedToId"))


def _checked_id(record_id: str) -> str:
    if record_id and not _RECORD_ID.fullmatch(record_id):
        raise serializers.ValidationError("This is no Salesforce id: it has 15 or 18 characters.")
    if record_id.startswith(_NO_TARGETS):
        raise serializers.ValidationError("Nothing can be filed under a user or an activity.")
    return record_id


def _faulty_times(attrs: Mapping[str, Any]) -> Mapping[str, str]:
    faults = {}
    for name in ("occurredAt", "startsAt", "endsAt"):
        if not _EARLIEST <= attrs.get(name, timezone.now()) < _LATEST:
            faults[name] = "This is no moment that can be meant."
    starts_at, ends_at = attrs.get("startsAt"), attrs.get("endsAt")
    if attrs["kind"] != ActivityKind.MEETING_CONFIRMED:
        faults |= {
            name: "Only a meeting has this." for name in ("startsAt", "endsAt") if name in attrs
        }
    elif starts_at is None or ends_at is None:
        faults["startsAt"] = "A meeting needs startsAt and endsAt."
    elif not starts_at <= ends_at <= starts_at + _LONGEST_MEETING:
        faults["endsAt"] = "A meeting ends after it began, at most 14 days later."
    return faults


@extend_schema_serializer(component_name="ActivityReceipt")
class ActivityReceiptSerializer(serializers.Serializer[ReportedActivity]):
    """That an activity was taken on."""

    id = serializers.IntegerField(help_text="Ask for it by this")
    state = serializers.CharField(help_text="waiting: it is kept, and planned within seconds")


@extend_schema_serializer(component_name="Activity")
class ActivitySerializer(serializers.Serializer[Evidence]):
    """A reported activity and what became of it; times are UTC."""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="As it was reported")
    subject = serializers.CharField(help_text="As it was reported")
    person = serializers.CharField(help_text="Whom it was with, as far as the report says")
    occurredAt = serializers.DateTimeField(source="occurred_at", help_text="When it happened")  # noqa: N815
    state = serializers.CharField(
        help_text="waiting, not_recorded, not_synced, synced or errors; the trace says why"
    )
    reason = serializers.CharField(help_text="What it waits for; empty if it does not wait")
    records = RecordSerializer(many=True, help_text="What is written to Salesforce for it")
    attempts = AttemptSerializer(many=True, help_text="Every request for that, the oldest first")
    trace = TraceLineSerializer(many=True, help_text="Why, one decision a line")


class ActivitiesView(ApiView):
    """Where activities are reported."""

    scopes = {"POST": ApiScope.REPORT_ACTIVITIES}

    @extend_schema(
        operation_id="reportActivity",
        summary="Report an activity",
        description="Keeps a message, a meeting or what somebody did with them, and records it in "
        "Salesforce: a meeting as an Event, everything else as a completed Task, under the person "
        "that the report names by record, mail address or number.",
        parameters=[IDEMPOTENCY_KEY],
        request=NewActivitySerializer,
        responses={201: ActivityReceiptSerializer, **PROBLEMS_OF_POST},
    )
    def post(self, request: Request) -> Response:
        return answer_once(request, lambda: _report(request))


class ActivityView(ApiView):
    """One activity with what was written for it, and why."""

    scopes = {"GET": ApiScope.READ_ACTIVITIES}

    @extend_schema(
        operation_id="getActivity",
        summary="Read an activity",
        description="A reported activity, how its record in Salesforce stands, every attempt to "
        "write it, and why it was filed as it was.",
        parameters=[
            OpenApiParameter("activity_id", int, OpenApiParameter.PATH, description="Its id")
        ],
        responses={200: ActivitySerializer, **PROBLEMS},
    )
    def get(self, request: Request, activity_id: int) -> Response:
        activity = get_object_or_404(ReportedActivity.objects.all(), pk=activity_id)
        return Response(ActivitySerializer(read_evidence(activity)).data)


def _report(request: Request) -> Response:
    new = NewActivitySerializer(data=request.data)
    new.is_valid(raise_exception=True)
    columns = {_COLUMNS[name]: value for name, value in new.validated_data.items()}
    activity = take_on(ReportedActivity(**columns, reported_by=cast(ApiKey, request.auth)))
    return Response({"id": activity.pk, "state": "waiting"}, status=201)


routes = [
    path("activities/", ActivitiesView.as_view(), name="api_activities"),
    path("activities/<int:activity_id>/", ActivityView.as_view(), name="api_activity"),
]
