"""The options of a workspace over time: numbered revisions, one of them active (RULES E7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest

from integrations import audit
from integrations.models import Connection, OptionsRevision, User, Workspace
from integrations.options.catalogue import OPTION_SPECS
from integrations.options.snapshots import note_published, with_defaults
from integrations.options.specs import OptionSpec, Situation, Surface, Text
from integrations.tenancy import current_workspace_id


@dataclass(frozen=True)
class Change:
    """One option with another value."""

    spec: OptionSpec
    before: Any
    after: Any

    @property
    def words(self) -> tuple[str, str]:
        """Both values as people read them."""
        return self.spec.say(self.before), self.spec.say(self.after)


class RevisionOutdated(ValueError):  # noqa: N818
    """Somebody published since the revision that this change was based on."""


class OptionsRefused(ValueError):  # noqa: N818
    """Values that no option takes; ``problems`` are sentences by key."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__(" ".join(f"{key} {problem}" for key, problem in problems.items()))


def find_spec(key: str) -> OptionSpec | None:
    """The declaration of an option; None for a key of another release."""
    return next((spec for spec in OPTION_SPECS if spec.key == key), None)


def option_labels() -> Mapping[str, Text]:
    """What the options are called, by key."""
    return {spec.key: spec.label for spec in OPTION_SPECS}


def situation_of(values: Mapping[str, Any]) -> Situation:
    """Complete values beside the dress of the org that is connected (K-05)."""
    connection = Connection.objects.find_sync_user()
    surface = Surface(connection.interface) if connection else Surface.LIGHTNING
    return Situation(values, surface)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The declared options whose values differ, in the order of the page."""
    old, new = with_defaults(before), with_defaults(after)
    return [
        Change(spec, old[spec.key], new[spec.key])
        for spec in OPTION_SPECS
        if old[spec.key] != new[spec.key]
    ]


def find_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the values of declared options, by key."""
    problems = {}
    for key, value in values.items():
        spec = find_spec(key)
        if spec and (problem := spec.find_problem(value)):
            problems[key] = problem
    return problems


def _active_revision() -> OptionsRevision | None:
    return OptionsRevision.objects.filter(is_active=True).first()


def list_revisions(*, before: int | None = None, limit: int = 50) -> Sequence[OptionsRevision]:
    """Revisions of the workspace in scope, the newest first, below number ``before``."""
    revisions = OptionsRevision.objects.select_related("author")
    if before is not None:
        revisions = revisions.filter(number__lt=before)
    return list(revisions.order_by("-number")[:limit])


def change_options(
    changes: Mapping[str, Any],
    *,
    based_on: int,
    actor: User | None,
    comment: str = "",
    request: HttpRequest | None = None,
) -> OptionsRevision:
    """Publish a revision that differs from the active one by ``changes``, and audit each.

    Raises OptionsRefused for values that an option does not take, and RevisionOutdated as
    ``publish_revision`` does.
    """
    if problems := find_problems(changes):
        raise OptionsRefused(problems)
    with transaction.atomic():
        active = _active_revision()
        # The defaults are not copied: they may differ in a later release.
        stored = dict(active.values) if active else {}
        revision = publish_revision(
            stored | dict(changes), based_on=based_on, actor=actor, comment=comment
        )
        _audit("options.changed", stored, revision, actor, request)
    return revision


def restore_revision(
    number: int,
    *,
    based_on: int,
    actor: User | None,
    comment: str = "",
    request: HttpRequest | None = None,
) -> OptionsRevision:
    """Publish the very values of an earlier revision again; 0 is "nothing was ever chosen"."""
    wanted = OptionsRevision.objects.get(number=number).values if number else {}
    with transaction.atomic():
        active = _active_revision()
        revision = publish_revision(wanted, based_on=based_on, actor=actor, comment=comment)
        _audit("options.restored", active.values if active else {}, revision, actor, request)
    return revision


def _audit(
    action: str,
    stored: Mapping[str, Any],
    revision: OptionsRevision,
    actor: User | None,
    request: HttpRequest | None,
) -> None:
    changes = difference(stored, revision.values)
    audit.record(
        actor,
        action,
        f"revision {revision.number}",
        before={change.spec.key: change.before for change in changes},
        after={change.spec.key: change.after for change in changes},
        request=request,
    )


def publish_revision(
    values: Mapping[str, Any], *, based_on: int, actor: User | None, comment: str = ""
) -> OptionsRevision:
    """Make these values the active revision of the workspace in scope.

    Raises RevisionOutdated when ``based_on`` is no longer the active number, so that two admins
    never overwrite each other.
    """
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get(pk=current_workspace_id())
        revisions = OptionsRevision.objects.order_by()
        active = _active_revision()
        if (active.number if active else 0) != based_on:
            raise RevisionOutdated("The options were changed by somebody else meanwhile.")
        newest = revisions.aggregate(newest=Max("number"))["newest"] or 0
        revisions.filter(is_active=True).update(is_active=False)
        revision = OptionsRevision.objects.create(
            workspace=workspace,
            number=newest + 1,
            values=dict(values),
            author=actor,
            comment=comment[:200],
            is_active=True,
        )
        note_published(revision)
    return revision
