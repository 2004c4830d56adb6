"""What calls say about other integration options: warnings, and past calls planned again (C9)."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from calls.explanation import find_stop
from calls.facts import PlanFacts
from calls.filing import SUBJECT_KIND
from calls.models import Call
from calls.plan import plan_call_writes
from integrations.attention import capped_count
from integrations.models import PlanRun
from integrations.planning import Plan, PlannedWrite
from integrations.registry import Rehearsal, RehearsedExample

#: The calls of these days are planned again, the newest if there are more of them; each takes a
#: millisecond or two, read and compared.
_DAYS = 7
_CALLS = 500
#: Late facts plan a call again, so that a few of the newest runs are of the same call.
_RUNS = 2 * _CALLS
_EXAMPLES = 3
_FOREIGN_DAYS = 30
_NORTH_AMERICA = "+1"


def warn_of_foreign_numbers(values: Mapping[str, Any]) -> Iterator[str]:
    """Local formats are for companies whose numbers are all of one country (CTM-13)."""
    if not values["local_numbers"]:
        return
    since = timezone.now() - timedelta(days=_FOREIGN_DAYS)
    outside = Call.objects.filter(started_at__gte=since, external_e164__gt="")
    count = capped_count(outside.exclude(external_e164__startswith=_NORTH_AMERICA))
    if count:
        yield ngettext(
            "%(count)s call of the last 30 days was with a number outside North America; it is "
            "written as in its own country. Companies that call abroad leave local formats off.",
            "%(count)s calls of the last 30 days were with numbers outside North America; they are "
            "written as in their own country. Companies that call abroad leave local formats off.",
            count,
        ) % {"count": count}


def rehearse_calls(current: Mapping[str, Any], proposed: Mapping[str, Any]) -> Rehearsal:
    """Plan the last calls under both, from the facts that were kept, and count what differs."""
    examined = differing = appearing = changing = vanishing = requests = 0
    examples: list[RehearsedExample] = []
    for run in _newest_runs():
        try:
            facts = PlanFacts.from_json(run.facts)
        except (TypeError, ValueError):
            continue  # kept by a release that knew other facts
        examined += 1
        before, after = plan_call_writes(facts, current), plan_call_writes(facts, proposed)
        old, new = _by_key(before), _by_key(after)
        if old == new:
            continue
        differing += 1
        requests += _writes_of(after) - _writes_of(before)
        appearing += len(new.keys() - old.keys())
        vanishing += len(old.keys() - new.keys())
        changing += sum(old[key] != new[key] for key in old.keys() & new.keys())
        if len(examples) < _EXAMPLES:
            examples.append(_example(run, facts, before, after))
    return Rehearsal(
        what=_("calls"),
        examined=examined,
        differing=differing,
        appearing=appearing,
        changing=changing,
        vanishing=vanishing,
        days=_DAYS,
        requests=requests,
        examples=tuple(examples),
    )


def _writes_of(plan: Plan) -> int:
    """How many writes a plan takes: a campaign is joined by one of its own, a Lead comes along."""
    return sum(1 + bool(write.campaign) for write in plan.writes)


def _newest_runs() -> Iterator[PlanRun]:
    """The newest plan of each of the last calls."""
    seen: set[int] = set()
    since = timezone.now() - timedelta(days=_DAYS)
    # Of people who were erased there are no facts any more.
    kept = PlanRun.objects.filter(subject_kind=SUBJECT_KIND, created_at__gte=since)
    for run in kept.exclude(facts={}).order_by("-id")[:_RUNS]:
        if run.subject_id not in seen and len(seen) < _CALLS:
            seen.add(run.subject_id)
            yield run


def _by_key(plan: Plan) -> dict[str, tuple[object, ...]]:
    return {
        write.target_key: (write.sobject, write.fields, write.campaign) for write in plan.writes
    }


def _example(run: PlanRun, facts: PlanFacts, before: Plan, after: Plan) -> RehearsedExample:
    call = facts.call
    title = f"{call.direction.capitalize()} {call.external_raw}".strip()
    return RehearsedExample(
        title=f"{title} · {timezone.localtime(call.started_at):%d %b %H:%M}",
        before=_describe(before, after),
        after=_describe(after, before),
        link=reverse("admin:calls_call_change", args=(run.subject_id,)),
    )


def _describe(plan: Plan, other: Plan) -> str:
    """A plan in a line: its records, or of a record that both have what differs."""
    if not plan.writes:
        stop = find_stop(plan.trace)
        return _("no record: %(reason)s") % {"reason": stop.text} if stop else _("no record")
    theirs = {write.target_key: write for write in other.writes}
    return "; ".join(_describe_write(write, theirs.get(write.target_key)) for write in plan.writes)


def _describe_write(write: PlannedWrite, other: PlannedWrite | None) -> str:
    if other is None:
        campaign = f", {write.campaign.name}" if write.campaign else ""
        return f"{write.sobject} “{write.subject_label}”{campaign}"
    different = [
        f"{name} {_shown(write.fields.get(name))}"
        for name in sorted({*write.fields, *other.fields})
        if write.fields.get(name) != other.fields.get(name)
    ]
    return f"{write.sobject} – " + (", ".join(different) or _("as it is"))


def _shown(value: Any) -> str:
    return _("empty") if value in (None, "") else f"“{value}”"
