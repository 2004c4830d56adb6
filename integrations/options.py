"""The integration options: each declared once, read as the active revision's snapshot (E6, E7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.http import HttpRequest

from integrations import audit
from integrations.models import OptionsRevision, User, Workspace
from integrations.tenancy import current_workspace_id


@dataclass(frozen=True)
class OptionSpec:
    """One option: its key, the type of its values, and what holds where nobody chose."""

    key: str
    type: type
    default: object
    help: str


OPTION_SPECS: tuple[OptionSpec, ...] = (
    OptionSpec("activity_history", bool, False, "Write call records to Salesforce."),
    OptionSpec("retrieve_contacts", bool, True, "Keep our copies of matched Salesforce people."),
    OptionSpec("save_internal_calls", bool, True, "Write records of internal calls."),
    OptionSpec("log_without_panel", bool, True, "Write records of calls taken without a panel."),
    OptionSpec("record_unanswered", str, "one", "Records of a call nobody answered: one or none."),
    OptionSpec("internal_length", int, 5, "Numbers up to this many digits are internal."),
    OptionSpec("internal_prefixes", list, [], "Internal numbers must start with one of these."),
    OptionSpec("outside_prefix", str, "", "Digits dialled to get an outside line."),
    OptionSpec("search_dialog", bool, True, "Several matches: let the agent choose."),
    OptionSpec("multi_match", str, None, "Several matches without a dialog: none or precedence."),
    OptionSpec("manual_dial_single_match", str, "associate", "Dialled by hand with one match."),
    OptionSpec("timezone_in_subject", bool, False, "Name the time zone in the Subject."),
    OptionSpec("subject_format", str, "24h/zone id", "24h/zone id or 12h/zone name."),
    OptionSpec("default_owner", str, "", "Salesforce user who owns what nobody else does."),
    OptionSpec("cache_minutes", int, 15, "How long a match stays fresh."),
)


@dataclass(frozen=True)
class Options:
    """One revision's values over the defaults. ``number`` 0 is "nothing was ever chosen"."""

    number: int
    values: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


def _with_defaults(values: Mapping[str, Any]) -> dict[str, Any]:
    # Keys of a newer release are kept (RULES E7).
    return {spec.key: spec.default for spec in OPTION_SPECS} | dict(values)


def active_options() -> Options:
    """The options in force in the workspace in scope. Read once per request or job."""
    return _read(_active_revision())


def _active_revision() -> OptionsRevision | None:
    return OptionsRevision.objects.filter(is_active=True).first()


def _read(revision: OptionsRevision | None) -> Options:
    if revision is None:
        return Options(0, _with_defaults({}))
    return Options(revision.number, _with_defaults(revision.values))


def options_at(number: int) -> Options:
    """The options of one revision of the workspace in scope; 0 is the defaults."""
    return _read(OptionsRevision.objects.get(number=number) if number else None)


def change_options(
    changes: Mapping[str, Any],
    *,
    based_on: int,
    actor: User,
    request: HttpRequest | None = None,
) -> OptionsRevision:
    """Publish a revision that differs from the active one by ``changes``, and audit each.

    Raises RevisionOutdated as ``publish_revision`` does.
    """
    with transaction.atomic():
        active = _active_revision()
        before = _read(active)
        # The defaults are not copied: they may differ in a later release.
        stored = dict(active.values) if active else {}
        revision = publish_revision(stored | dict(changes), based_on=based_on, actor=actor)
        audit.record(
            actor,
            "options.changed",
            f"revision {revision.number}",
            before={key: before.values.get(key) for key in changes},
            after=dict(changes),
            request=request,
        )
    return revision


class RevisionOutdated(ValueError):  # noqa: N818
    """Somebody published since the revision that this change was based on."""


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
        return OptionsRevision.objects.create(
            workspace=workspace,
            number=newest + 1,
            values=dict(values),
            author=actor,
            comment=comment,
            is_active=True,
        )
