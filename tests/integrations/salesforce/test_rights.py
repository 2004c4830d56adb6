"""The catalogue of rights names what Patchbay really does."""

from calls.plan import plan_call_writes
from integrations.salesforce.rights import (
    TASK_FIELDS,
    Operation,
    Scope,
    list_needs,
    needs_of_activity_history,
)
from tests.calls.facts_builder import ON, facts


def test_every_field_of_a_planned_task_is_in_the_catalogue() -> None:
    [write, *_] = plan_call_writes(facts(), ON).writes
    assert set(write.fields) <= set(TASK_FIELDS)


def test_nothing_is_ever_deleted() -> None:
    everything = Scope(activity_history=True, legacy=True, has_links=True, has_person_accounts=True)
    assert Operation.DELETE not in {need.operation for need in list_needs(everything)}


def test_more_is_needed_when_more_is_on() -> None:
    least, most = list_needs(Scope()), list_needs(Scope(activity_history=True))
    assert set(least) < set(most)
    assert set(most) - set(least) == set(needs_of_activity_history(Scope()))
