"""What members dial through Patchbay, and which reported call that became (RULES B3.4, A1).

A phone system that was told our key says it again in its events. For the others a request belongs
to the first outbound call of its member to its number that begins soon after.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from calls.fold import FoldedCall, FoldedLeg
from calls.models import Call, DialRequest, Interaction
from integrations.models import Membership
from integrations.phones import parse_phone
from integrations.salesforce.precedence import Candidate

#: The same number again so soon is one dial: a double click, or a second dialler (CRC-53).
REPEAT_SECONDS = 2
#: So long a member may take from the click to the call, where the phone system carries no key.
_LATEST_CALL = timedelta(minutes=2)
#: Clocks of two machines differ, so a call may seem to begin before its click.
_CLOCK_SKEW = timedelta(seconds=10)
KEPT = timedelta(days=30)
_BATCH = 1_000


def note_dial(
    member: Membership, number: str, source: DialRequest.Source, record: Candidate | None = None
) -> DialRequest:
    """Keep that a member dials, with the record that was clicked or open.

    The same number within two seconds is the same dial: the first one is returned.
    """
    phone = parse_phone(number, member.workspace.default_region)
    e164, now = phone.e164 or "", timezone.now()
    with transaction.atomic():
        # One at a time for each member, so that a double click finds the first.
        Membership.objects.select_for_update().get(pk=member.pk)
        repeated = DialRequest.objects.filter(
            membership=member,
            number=number,
            requested_at__gt=now - timedelta(seconds=REPEAT_SECONDS),
        ).last()
        return repeated or DialRequest.objects.create(
            workspace_id=member.workspace_id,
            membership=member,
            source=source,
            number=number,
            phone_e164=e164,
            record=record.to_json() if record else None,
            requested_at=now,
        )


def claim_dial(call: Call, folded: FoldedCall, members: Mapping[str, Membership]) -> None:
    """Say how an outbound call was dialled and, if by Patchbay, from which record.

    Part of the fold; the caller saves ``call``. Doing it again changes nothing.
    """
    if folded.direction != "outbound" or call.is_internal:
        return
    if call.dial_source in DialRequest.Source.values:
        return
    request = _find_request(call, folded, members)
    if request is None:
        call.dial_source = "elsewhere" if folded.dial_request_id else "handset"
        return
    if not DialRequest.objects.filter(pk=request.pk, call=None).update(call=call):
        return
    call.dial_source = request.source
    leg = _dialling_leg(folded, members, request.membership_id)
    if request.record and leg:
        Interaction.objects.create(
            workspace_id=call.workspace_id,
            call=call,
            leg_key=leg.leg_key,
            membership_id=request.membership_id,
            kind="dialled",
            record=request.record,
            happened_at=request.requested_at,
        )


def _find_request(
    call: Call, folded: FoldedCall, members: Mapping[str, Membership]
) -> DialRequest | None:
    unclaimed = DialRequest.objects.filter(call=None)
    if folded.dial_request_id:
        key = _read_key(folded.dial_request_id)
        return unclaimed.filter(key=key).first() if key else None
    if not call.external_e164:
        return None
    dialled_since = folded.started_at - _LATEST_CALL
    return unclaimed.filter(
        membership__in=[
            member.pk
            for leg in folded.legs
            if not leg.transferred_from_leg_key and (member := members.get(leg.leg_key))
        ],
        phone_e164=call.external_e164,
        requested_at__range=(dialled_since, folded.started_at + _CLOCK_SKEW),
    ).last()


def _dialling_leg(
    folded: FoldedCall, members: Mapping[str, Membership], membership_id: int
) -> FoldedLeg | None:
    """The leg of who dialled; nobody else's call hangs on the record."""
    own = (
        leg
        for leg in folded.legs
        if leg.leg_key in members and members[leg.leg_key].pk == membership_id
    )
    return next(own, None)


def _read_key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def prune_dials() -> None:
    """Delete old requests, a thousand at most; what came of them stands with their calls."""
    old = DialRequest.unscoped.filter(requested_at__lt=timezone.now() - KEPT).order_by()
    DialRequest.unscoped.filter(pk__in=list(old.values_list("pk", flat=True)[:_BATCH])).delete()
