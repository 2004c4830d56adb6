"""Revisions: whole snapshots, one active, never overwritten by surprise, restored to the byte."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from integrations.models import AuditEntry, OptionsRevision, Workspace
from integrations.options import (
    OptionsRefused,
    RevisionOutdated,
    active_options,
    change_options,
    difference,
    list_revisions,
    options_at,
    options_read_once,
    publish_revision,
    restore_revision,
)
from integrations.tenancy import workspace_scope
from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Iterator[Workspace]:
    workspace = make_workspace()
    with workspace_scope(workspace):
        yield workspace


def test_keys_of_a_newer_release_survive_a_change(acme: Workspace) -> None:
    publish_revision({"from_next_year": [1]}, based_on=0, actor=None)
    change_options({"legacy": True}, based_on=1, actor=None)

    assert OptionsRevision.objects.get(number=2).values == {"from_next_year": [1], "legacy": True}


def test_values_that_an_option_does_not_take_are_all_named_and_nothing_is_stored(
    acme: Workspace,
) -> None:
    with pytest.raises(OptionsRefused) as refused:
        change_options({"legacy": "yes", "cache_minutes": -1}, based_on=0, actor=None)

    assert set(refused.value.problems) == {"legacy", "cache_minutes"}
    assert not OptionsRevision.objects.exists()


def test_a_change_on_an_outdated_revision_is_refused(acme: Workspace) -> None:
    change_options({"legacy": True}, based_on=0, actor=None)
    with pytest.raises(RevisionOutdated):
        change_options({"edit_mode": True}, based_on=0, actor=None)
    with pytest.raises(RevisionOutdated):
        restore_revision(0, based_on=0, actor=None)


def test_restoring_brings_the_very_values_back_and_is_a_revision_of_its_own(
    acme: Workspace,
) -> None:
    author = make_member(acme).user
    first = publish_revision({"legacy": True, "older_key": "x"}, based_on=0, actor=None)
    change_options({"legacy": False, "cache_minutes": 5}, based_on=1, actor=None)
    restored = restore_revision(1, based_on=2, actor=author, comment="as it was")

    assert restored.values == first.values
    assert (restored.number, restored.author, restored.comment) == (3, author, "as it was")
    assert active_options().values == options_at(1).values
    line = AuditEntry.objects.get(action="options.restored")
    assert line.before == {"legacy": False, "cache_minutes": 5}
    assert line.after == {"legacy": True, "cache_minutes": 15}


def test_restoring_number_zero_is_nothing_chosen(acme: Workspace) -> None:
    change_options({"legacy": True}, based_on=0, actor=None)
    assert restore_revision(0, based_on=1, actor=None).values == {}


def test_a_difference_is_in_words_and_ignores_what_is_at_its_default(acme: Workspace) -> None:
    [change] = difference({"legacy": False}, {"multi_match": "none", "cache_minutes": 15})
    before, after = change.words
    assert (change.spec.key, before) == ("multi_match", "Let a person decide under Needs review")
    assert after == "File it under nothing"


def test_a_value_that_an_older_release_left_empty_counts_as_the_default(acme: Workspace) -> None:
    publish_revision({"multi_match": None}, based_on=0, actor=None)
    assert active_options()["multi_match"] == "ask"


def test_revisions_are_listed_newest_first_page_by_page(acme: Workspace) -> None:
    for number in range(3):
        publish_revision({"cache_minutes": number}, based_on=number, actor=None)
    assert [one.number for one in list_revisions(limit=2)] == [3, 2]
    assert [one.number for one in list_revisions(before=2)] == [1]


def test_a_snapshot_is_read_once_a_process_and_the_active_number_once_a_question(
    acme: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    OptionsRevision.objects.create(
        workspace=acme, number=7, values={"legacy": True}, is_active=True
    )
    with django_assert_num_queries(2):
        assert active_options()["legacy"]
    with django_assert_num_queries(1):
        assert active_options()["legacy"]
    with django_assert_num_queries(0):
        assert options_at(7) is options_at(7)
        assert options_at(0).number == 0
    with pytest.raises(TypeError):
        active_options().values["legacy"] = False  # type: ignore[index]
    with workspace_scope(make_workspace()), pytest.raises(OptionsRevision.DoesNotExist):
        options_at(7)


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_not_remembered_when_its_number_comes_again() -> None:
    with workspace_scope(make_workspace()):
        with transaction.atomic():
            publish_revision({"legacy": True}, based_on=0, actor=None)
            assert active_options()["legacy"], "the change sees itself"
            transaction.set_rollback(True)
        assert active_options().number == 0
        publish_revision({"edit_mode": True}, based_on=0, actor=None)
        assert active_options().number == 1
        assert not active_options()["legacy"]
        assert options_at(1) is options_at(1), "committed, it is kept"


def test_a_request_reads_the_options_once_and_sees_its_own_change(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    acme, globex = make_workspace(), make_workspace()
    with options_read_once():
        with workspace_scope(acme), django_assert_num_queries(1):
            assert not active_options()["legacy"]
            assert active_options().number == 0
        with workspace_scope(acme):
            publish_revision({"legacy": True}, based_on=0, actor=None)
            assert active_options()["legacy"]
        with workspace_scope(globex):
            assert not active_options()["legacy"]
