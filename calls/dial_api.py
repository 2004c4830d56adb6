"""``POST /api/v1/dials/``: a program tells that a member dials, and from which record (MII-30).

A click-to-dial of Salesforce, or a page that turns numbers into links, reports the click before it
has the telephone dial. The call that follows is then filed under the record that was clicked.
"""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from calls.dialling import note_dial
from calls.models import DialRequest
from integrations.api.idempotency import IDEMPOTENCY_KEY, answer_once
from integrations.api.problems import PROBLEMS_OF_POST
from integrations.api.views import ApiView
from integrations.api_scopes import ApiScope
from integrations.models import Membership
from integrations.record_links import find_record_in
from integrations.salesforce.precedence import Candidate

_SOURCES = {"click": DialRequest.Source.CLICK, "dialField": DialRequest.Source.DIAL_FIELD}


@extend_schema_serializer(component_name="NewDial")
class NewDialSerializer(serializers.Serializer[DialRequest]):
    """Who dials what, and from where."""

    memberEmail = serializers.EmailField(help_text="The member whose telephone dials")  # noqa: N815
    number = serializers.CharField(max_length=80, help_text="As it was clicked or typed")
    origin = serializers.CharField(
        max_length=20,
        required=False,
        help_text="click (if you do not say): on a number on a page; dialField: typed into a field",
    )
    record = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="Id or address of the record whose page that was; other pages count as none",
    )
    recordName = serializers.CharField(  # noqa: N815
        max_length=255, required=False, allow_blank=True, help_text="What the record is called"
    )

    def validate_origin(self, origin: str) -> str:
        if origin not in _SOURCES:
            raise serializers.ValidationError(f"Known are {' and '.join(_SOURCES)}.")
        return origin

    def validate_memberEmail(self, email: str) -> Membership:  # noqa: N802
        member = Membership.objects.active().filter(user__email__iexact=email).first()
        if member is None:
            raise serializers.ValidationError("No member of this workspace has this address.")
        return member


@extend_schema_serializer(component_name="Dial")
class DialSerializer(serializers.Serializer[DialRequest]):
    """That a dial was noted."""

    dialRequestId = serializers.UUIDField(  # noqa: N815
        help_text="A phone system that can carry it says it again as dial_request_id"
    )


class DialsView(ApiView):
    """Where dials are reported."""

    scopes = {"POST": ApiScope.REPORT_DIALS}

    @extend_schema(
        operation_id="reportDial",
        summary="Report a dial",
        description="Keeps that a member dials a number from a record's page. Patchbay does not "
        "dial; the call that the phone system reports within two minutes is filed under the "
        "record. The same number again within two seconds is the same dial.",
        parameters=[IDEMPOTENCY_KEY],
        request=NewDialSerializer,
        responses={201: DialSerializer, **PROBLEMS_OF_POST},
    )
    def post(self, request: Request) -> Response:
        return answer_once(request, lambda: _note(request))


def _note(request: Request) -> Response:
    new = NewDialSerializer(data=request.data)
    new.is_valid(raise_exception=True)
    given: dict[str, Any] = new.validated_data
    found = find_record_in(given.get("record", ""))
    record = Candidate(*found, name=given.get("recordName", "")) if found else None
    source = _SOURCES[given.get("origin", "click")]
    dial = note_dial(given["memberEmail"], given["number"], source, record)
    return Response({"dialRequestId": str(dial.key)}, status=201)


routes = [path("dials/", DialsView.as_view(), name="api_dials")]
