"""Texts in the public API (MIT-49, RULES D6): ``/api/v1/messages/`` to send, one address to read.

Flat fields and one answer for every outcome, so that a Flow can take it as an action: what is not
sent for a reason that people should hear is an answer, not an error.
"""

import re
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api.idempotency import IDEMPOTENCY_KEY, LONGEST_KEY, answer_once
from integrations.api.problems import PROBLEMS, ProblemSerializer
from integrations.api.records import RecordSerializer, TraceLineSerializer
from integrations.api.views import ApiView
from integrations.api_scopes import ApiScope
from integrations.errors import OutcomeUnknown, RetryLater
from integrations.ledger import newest_traces, writes_about
from integrations.planning import read_trace
from sms.filing import SUBJECT_KIND
from sms.messaging import NewText, TextNotTaken, queue_message
from sms.models import Message
from sms.single import SingleText, prepare

#: Ten segments hold less; longer is refused before anybody counts.
_LONGEST_TEXT = 3_000
_LARGEST_ID = 2**31 - 1
_RECORD_ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")


class SalesforceAway(exceptions.APIException):
    """The record could not be read just now."""

    status_code = 503
    default_code = "salesforce_away"
    default_detail = "Salesforce does not answer, so nothing was sent. Send the same again later."


def _check_record_id(written: str) -> None:
    if not _RECORD_ID.fullmatch(written):
        raise serializers.ValidationError("This is no id of a Salesforce record.")


@extend_schema_serializer(component_name="NewMessage")
class NewMessageSerializer(serializers.Serializer[Any]):
    """A text to send. Give ``recordId`` or ``to``, and ``text`` or ``templateId``."""

    recordId = serializers.CharField(  # noqa: N815
        validators=[_check_record_id],
        required=False,
        allow_blank=True,
        help_text="A Lead or Contact in Salesforce; its mobile number is written to",
    )
    to = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=60,
        help_text="The number to write to instead, best with + and country code",
    )
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=_LONGEST_TEXT,
        help_text="What to send",
    )
    templateId = serializers.IntegerField(  # noqa: N815
        required=False,
        min_value=1,
        max_value=_LARGEST_ID,
        help_text="A template instead of a text, filled from recordId",
    )
    senderId = serializers.CharField(  # noqa: N815
        required=False,
        allow_blank=True,
        max_length=16,
        help_text="The sender that people see, as listed under SMS, Senders; else the default",
    )
    campaignId = serializers.CharField(  # noqa: N815
        validators=[_check_record_id],
        required=False,
        allow_blank=True,
        help_text="The Salesforce campaign that it is for, which makes it marketing",
    )
    idempotencyKey = serializers.CharField(  # noqa: N815
        required=False,
        allow_blank=True,
        max_length=LONGEST_KEY,
        help_text="New for every new text: a repeat with it sends nothing more",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("recordId") and not attrs.get("to"):
            raise serializers.ValidationError({"to": "Give recordId or to."})
        if bool(attrs.get("text")) == bool(attrs.get("templateId")):
            raise serializers.ValidationError({"text": "Give either text or templateId."})
        if attrs.get("templateId") and not attrs.get("recordId"):
            raise serializers.ValidationError({"recordId": "A template is filled from a record."})
        return attrs


@extend_schema_serializer(component_name="MessageOutcome")
class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of a request to send."""

    status = serializers.CharField(help_text="queued, or refused: then reason says why")
    messages = serializers.IntegerField(help_text="How many segments are charged; 0 if refused")
    messageId = serializers.IntegerField(help_text="Its id here; 0 if refused")  # noqa: N815
    reason = serializers.CharField(help_text="Why it was refused, for people; else empty")


@extend_schema_serializer(component_name="Message")
class MessageSerializer(serializers.Serializer[Message]):
    """A text as other programs read it; times are UTC, an empty text means not known."""

    id = serializers.IntegerField()
    direction = serializers.CharField(help_text="outbound or inbound")
    status = serializers.CharField(source="state", help_text="Such as queued, sent or delivered")
    reason = serializers.CharField(help_text="Why it was skipped or failed")
    phone = serializers.CharField(source="phone_e164", help_text="The other party in E.164")
    sender = serializers.CharField(source="our_number", help_text="What people see as the sender")
    text = serializers.CharField(help_text="What was written")
    messages = serializers.IntegerField(source="segments", help_text="Segments that are charged")
    recordId = serializers.CharField(  # noqa: N815
        source="person_record_id", help_text="The Lead or Contact in Salesforce"
    )
    createdAt = serializers.DateTimeField(source="created_at", help_text="When it began")  # noqa: N815
    records = RecordSerializer(many=True, help_text="What is written to Salesforce for it")
    trace = TraceLineSerializer(many=True, help_text="Why, one decision a line")


class MessagesView(ApiView):
    """Sending one text to one person."""

    scopes = {"POST": ApiScope.SEND_MESSAGES}

    @extend_schema(
        operation_id="sendSms",
        summary="Send a text message",
        description="Sends one text to a Lead, a Contact or a number. The answer says how many "
        "segments it takes, or why it is not sent: somebody who opted out is never written to.",
        parameters=[IDEMPOTENCY_KEY],
        request=NewMessageSerializer,
        responses={
            200: OutcomeSerializer,
            **PROBLEMS,
            **dict.fromkeys((400, 409, 503), ProblemSerializer),
        },
    )
    def post(self, request: Request) -> Response:
        asked = NewMessageSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        try:
            new = prepare(_read(values))
            key = values.get("idempotencyKey", "")
            return answer_once(request, lambda: _take_on(new), key=key)
        except TextNotTaken as refusal:
            # Nothing is kept of it: the same key may be used again once the reason is gone.
            return _answer("refused", reason=refusal.message)
        except (RetryLater, OutcomeUnknown) as error:
            raise SalesforceAway from error


class MessageView(ApiView):
    """One text with what was written for it, and why."""

    scopes = {"GET": ApiScope.READ_MESSAGES}

    @extend_schema(
        operation_id="getMessage",
        summary="Read a text message",
        description="A text, where it stands, its records in Salesforce, and why.",
        parameters=[
            OpenApiParameter("message_id", int, OpenApiParameter.PATH, description="Its id")
        ],
        responses={200: MessageSerializer, **PROBLEMS},
    )
    def get(self, request: Request, message_id: int) -> Response:
        message: Any = get_object_or_404(Message.objects.all(), pk=message_id)
        message.records = writes_about(SUBJECT_KIND, [message_id])[message_id]
        message.trace = read_trace(newest_traces(SUBJECT_KIND, [message_id]).get(message_id))
        return Response(MessageSerializer(message).data)


def _read(values: dict[str, Any]) -> SingleText:
    return SingleText(
        record_id=values.get("recordId", ""),
        to=values.get("to", ""),
        text=values.get("text", ""),
        template_id=values.get("templateId"),
        sender=values.get("senderId", ""),
        campaign_id=values.get("campaignId", ""),
    )


def _take_on(new: NewText) -> Response:
    message = queue_message(new)
    return _answer("queued", messages=message.segments, message_id=message.pk)


def _answer(status: str, *, messages: int = 0, message_id: int = 0, reason: str = "") -> Response:
    return Response(
        {"status": status, "messages": messages, "messageId": message_id, "reason": reason}
    )


routes = [
    path("messages/", MessagesView.as_view(), name="api_messages"),
    path("messages/<int:message_id>/", MessageView.as_view(), name="api_message"),
]
