"""A made-up call, tried dry or for real (PLUS-05).

It is the events that a phone system would report. Dry, they go through the same fold, identity,
search, facts and planner as every call, on rows that are never saved. For real they are put into
the inbox, where everything takes its usual course; so both come to the same records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from calls import events
from calls.facts import PlanFacts
from calls.filing import build_facts
from calls.fold import fold_call
from calls.identity import find_members, identify
from calls.matching import adopt_answer, is_search_needed
from calls.models import Call, CallLeg, MatchState
from calls.plan import plan_call_writes
from calls.timeline import fill_call, leg_columns
from integrations import inbox
from integrations.audit import record
from integrations.lookups import look_up_now
from integrations.models import Connection, Membership, Workspace
from integrations.options import Options
from integrations.planning import Plan

#: What the calls of a trial are called, so that people and searches can tell them.
KEY_PREFIX = "test-"
#: Its line in the audit.
MADE = "test_call.made"
_RING_SECONDS = 5
_UNANSWERED_RING_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class TrialCall:
    """One call between an outside number and a member, as somebody imagines it.

    ``number`` is as dialled or shown; an extension makes the call an internal one. ``did`` is our
    own number, if that matters. ``talk_seconds`` is 0 for a call that nobody answers. ``ended_at``
    is an aware UTC datetime. ``key`` is the phone system's name for the call.
    """

    key: str
    direction: Literal["inbound", "outbound"]
    number: str
    member: Membership
    talk_seconds: int
    ended_at: datetime
    did: str = ""

    @property
    def started_at(self) -> datetime:
        """When it began to ring."""
        ring = _RING_SECONDS if self.talk_seconds else _UNANSWERED_RING_SECONDS
        return self.ended_at - timedelta(seconds=self.talk_seconds + ring)

    def payloads(self) -> Iterator[dict[str, Any]]:
        """The events of RULES A1 that report it, in their order."""
        answered_at = self.started_at + timedelta(seconds=_RING_SECONDS)
        yield self._payload("call.ringing", self.started_at)
        if self.talk_seconds:
            yield self._payload("call.answered", answered_at, answered_at=answered_at)
            told: dict[str, Any] = {"answered_at": answered_at, "end_cause": "normal"}
        else:
            told = {"end_cause": "no_answer"}
        yield self._payload("call.ended", self.ended_at, ended_at=self.ended_at, **told)

    def _payload(self, kind: str, at: datetime, **known: Any) -> dict[str, Any]:
        data = {
            "direction": self.direction,
            "external_raw": self.number,
            "did": self.did or None,
            "extension": self.member.extension or None,
            "user_email": self.member.user.email,
            "started_at": self.started_at,
            **known,
        }
        return {
            "type": kind,
            "occurred_at": at.isoformat(),
            "call_key": self.key,
            "leg_key": "leg-1",
            "data": {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in data.items()
            },
        }


@dataclass(frozen=True)
class Rehearsed:
    """What would come of a call: the call and its legs (no rows), the facts, and the plan.

    ``search_error`` says why Salesforce did not tell whose number it is; empty when it did or was
    not asked.
    """

    call: Call
    legs: Sequence[CallLeg]
    facts: PlanFacts
    plan: Plan
    search_error: str = ""


def with_switched(options: Options, keys: Sequence[str]) -> Options:
    """The options with these switches the other way round."""
    switched = {key: not options[key] for key in keys}
    return replace(options, values={**options.values, **switched})


def rehearse(trial: TrialCall, workspace: Workspace, options: Options) -> Rehearsed:
    """What ``trial`` would become under ``options``; nothing is stored or written.

    Salesforce may be asked whose number it is. Call inside the workspace's scope, outside of any
    transaction.
    """
    call, legs = _fold(trial, workspace, options)
    connection = Connection.objects.find_sync_user()
    error = ""
    if connection is not None and connection.org_id and is_search_needed(call, options):
        answer = look_up_now(connection, call.external_e164, cache_minutes=options["cache_minutes"])
        call.match_state, error = MatchState.PENDING, answer.error
        adopt_answer(call, answer, options)
    facts = build_facts(call, legs, options, connection, lookup_error=error)
    return Rehearsed(call, legs, facts, plan_call_writes(facts, options.values), error)


def _fold(
    trial: TrialCall, workspace: Workspace, options: Options
) -> tuple[Call, Sequence[CallLeg]]:
    folded = fold_call(
        events.parse_call_event(payload, event_id=event_id)
        for event_id, payload in _deliveries(trial)
    )
    members = find_members(folded)
    call = Call(workspace=workspace, call_key=trial.key, options_revision=options.number)
    fill_call(call, folded, identify(folded, members, options, region=workspace.default_region))
    legs = [
        CallLeg(workspace=workspace, call=call, leg_key=leg.leg_key, **leg_columns(leg, members))
        for leg in folded.legs
    ]
    return call, legs


def why_not_for_real(phone_system: Connection | None, sync_user: Connection | None) -> str:
    """What keeps a test call out of Salesforce, as a sentence; empty where it may go in."""
    if phone_system is None:
        return _("Add a phone system first: a call comes in through one.")
    if sync_user is None or not sync_user.is_usable:
        return _("Connect Salesforce first.")
    if not (sync_user.is_sandbox or settings.DEMO):
        return _(
            "This is a production org, and a made-up call would stay in it. Connect a sandbox to a "
            "workspace of its own to try calls for real."
        )
    return ""


def run_for_real(
    trial: TrialCall, phone_system: Connection, *, actor: Membership, request: HttpRequest
) -> None:
    """Put the call's events into the inbox, as if ``phone_system`` had just reported them.

    The same call again changes nothing: its events have ids.
    """
    with transaction.atomic():
        record(actor.user, MADE, trial.number, request=request)
        for event_id, payload in _deliveries(trial):
            body = json.dumps(payload).encode()
            inbox.receive(phone_system, handler="calls", dedupe_key=event_id, body=body)


def _deliveries(trial: TrialCall) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, payload in enumerate(trial.payloads(), start=1):
        yield f"{trial.key}-{number}", payload
