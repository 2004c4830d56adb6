"""Filing reported activities: each is planned once, whoever dies or comes second."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.activities import filing
from integrations.models import Notice, PlanRun, ReportedActivity, Workspace
from integrations.options import options_at
from integrations.tenancy import workspace_scope
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db


def take_on(workspace: Workspace) -> ReportedActivity:
    with workspace_scope(workspace):
        return filing.take_on(ReportedActivity(kind="message_sent", person_email="a@fern.test"))


def test_who_comes_second_leaves_it_alone_and_takes_over_from_the_dead() -> None:
    acme = make_workspace()
    activity = take_on(acme)
    with workspace_scope(acme):
        assert filing._take_lease(activity.pk) is not None, "a worker that dies here"
        assert not filing.file_activity(activity.pk)
        assert not PlanRun.objects.exists()
        past = timezone.now() - timedelta(seconds=1)
        ReportedActivity.objects.update(plan_due_at=past)
        assert filing.file_activity(activity.pk)
        assert not filing.file_activity(activity.pk)
        assert PlanRun.objects.get().subject_id == activity.pk


def test_news_that_arrive_while_it_is_planned_have_it_planned_by_the_next() -> None:
    acme = make_workspace()
    activity = take_on(acme)
    with workspace_scope(acme):
        lease = filing._take_lease(activity.pk)
        assert lease is not None
        ReportedActivity.objects.update(plan_due_at=timezone.now())
        activity = ReportedActivity.objects.get()
        facts = filing.gather_facts(activity, options_at(0), None, None, (), "")
        assert not filing._plan_and_record(activity, facts, None, lease)
        assert not PlanRun.objects.exists()
        assert filing.file_activity(activity.pk)


def test_a_planner_that_fails_keeps_it_for_later_and_tells_the_admins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    acme = make_workspace()
    activity = take_on(acme)
    with monkeypatch.context() as broken:
        broken.setattr(filing, "plan_activity_writes", lambda *_: 1 / 0)
        filing.file_due()
    with workspace_scope(acme):
        activity.refresh_from_db()
        assert activity.plan_due_at is not None
        assert activity.plan_due_at > timezone.now()
        assert Notice.objects.get(resolved_at=None).kind == "activity_not_planned"
        ReportedActivity.objects.update(plan_due_at=timezone.now() - timedelta(seconds=1))
        filing.file_due()
        assert not Notice.objects.filter(resolved_at=None).exists()
