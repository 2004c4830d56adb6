"""Salesforce → Integration options: the switches, what they do together, and saving them (E6, E7).

Nothing is saved in one step: the form leads to a review with the difference, the warnings and the
rehearsal, and only that page saves. What somebody else saved meanwhile is shown, not overwritten.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.options_form import OptionsForm, build_rows, group_rows
from integrations.admin.site import console_page, console_site
from integrations.models import OptionsRevision
from integrations.options import (
    Options,
    OptionsRefused,
    RevisionOutdated,
    active_options,
    change_options,
    difference,
    find_spec,
    options_at,
    restore_revision,
    situation_of,
)
from integrations.options.proposals import Proposal, propose
from integrations.options.specs import Situation
from integrations.policy import can, membership_of
from integrations.roles import Capability
from integrations.subscriptions import Entitlement

TITLE = gettext_lazy("Integration options")
_REVIEW = gettext_lazy("Review the changes")
_CONFLICT = gettext_lazy("Somebody else saved meanwhile")
_UNREADABLE = gettext_lazy("That could not be read. Please choose the options again.")


@console_site.page(
    "salesforce/options/",
    name="options",
    title=TITLE,
    icon="tune",
    order=20,
    capability=Capability.VIEW_OPTIONS,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def options_page(request: HttpRequest) -> HttpResponse:
    """Every option as it stands; for those who may, a form."""
    active = active_options()
    return show_form(request, OptionsForm.of(active), active, situation=situation_of(active.values))


def show_form(
    request: HttpRequest, form: OptionsForm, active: Options, *, situation: Situation
) -> HttpResponse:
    """The page with a form on top of the options in force."""
    may_edit = can(membership_of(request), Capability.CHANGE_OPTIONS)
    rows = list(build_rows(form, situation, may_edit=may_edit))
    proposal = propose(active, situation.values)
    context = {
        "form": form,
        "groups": group_rows(rows),
        "may_edit": may_edit,
        "revision": OptionsRevision.objects.filter(number=active.number).first(),
        "active": active,
        "proposal": proposal,
        "warnings": proposal.warn() if may_edit else [],
        "problems": [row for row in rows if row.field.errors],
    }
    return console_page(request, "patchbay/options/page.html", context, title=TITLE)


@console_site.page(
    "salesforce/options/live/",
    name="options_live",
    title=TITLE,
    in_menu=False,
    methods=("POST",),
    capability=Capability.CHANGE_OPTIONS,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def options_live(request: HttpRequest) -> HttpResponse:
    """What the form as it stands would do: every sentence, what is greyed, and the bar."""
    form = OptionsForm(request.POST)
    active = active_options()
    form.is_valid()
    proposal = propose(active, form.wanted())
    shown = OptionsForm.of(active, form.wanted())
    rows = list(build_rows(shown, situation_of(proposal.values), may_edit=True))
    context = {
        "rows": rows,
        "regreyed": [row for row in rows if row.is_editable != (row.spec.key in form.offered)],
        "proposal": proposal,
        "warnings": proposal.warn(),
        "problems": [form[key] for key in form.errors if key in form.fields],
        "outdated": form.cleaned_data.get("based_on") != active.number,
        "active": active,
    }
    return console_page(request, "patchbay/options/live.html", context, title=TITLE)


@console_site.page(
    "salesforce/options/review/",
    name="options_review",
    title=_REVIEW,
    in_menu=False,
    methods=("POST",),
    capability=Capability.CHANGE_OPTIONS,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def review(request: HttpRequest) -> HttpResponse:
    """What saving would change, before it is saved."""
    if "asked" in request.POST:
        sent = _read_asked(request)
        if sent is None:
            return _back(request, _UNREADABLE)
        return show_review(request, based_on=sent[0], wanted=sent[1])
    active = active_options()
    form = OptionsForm(request.POST, initial=active.values)
    if not form.is_valid():
        if "based_on" in form.errors:
            return _back(request, _UNREADABLE)
        chosen = situation_of({**active.values, **form.wanted()})
        return show_form(request, form, active, situation=chosen)
    return show_review(request, based_on=form.cleaned_data["based_on"], wanted=form.wanted())


def show_review(
    request: HttpRequest, *, based_on: int, wanted: Mapping[str, Any], restores: int | None = None
) -> HttpResponse:
    """The page before saving: the difference, warnings, costs, and the rehearsal."""
    active = active_options()
    if based_on != active.number:
        return show_conflict(request, based_on=based_on, wanted=wanted)
    proposal = propose(active, wanted, restores=restores)
    if not proposal.changes and restores is None:
        return _back(request, gettext_lazy("Nothing was changed."))
    context = {
        **_describe(proposal),
        "warnings": proposal.warn(),
        "rehearsals": proposal.rehearse(),
        "comment": request.POST.get("comment", "")[:200],
    }
    return console_page(request, "patchbay/options/review.html", context, title=_REVIEW)


@console_site.page(
    "salesforce/options/save/",
    name="options_save",
    title=_REVIEW,
    in_menu=False,
    methods=("POST",),
    capability=Capability.CHANGE_OPTIONS,
    group="Salesforce",
    entitlement=Entitlement.SALESFORCE,
)
def save(request: HttpRequest) -> HttpResponse:
    """Publish what was reviewed."""
    sent = _read_asked(request)
    if sent is None:
        return _back(request, _UNREADABLE)
    based_on, asked = sent
    restores = request.POST.get("restores", "")
    common: dict[str, Any] = {
        "based_on": based_on,
        "actor": membership_of(request).user,
        "comment": request.POST.get("comment", "").strip(),
        "request": request,
    }
    try:
        if restores.isdecimal():
            revision = restore_revision(int(restores), **common)
        else:
            revision = change_options(asked, **common)
    except RevisionOutdated:
        return show_conflict(request, based_on=based_on, wanted=asked)
    except (OptionsRefused, OptionsRevision.DoesNotExist):
        return _back(request, _UNREADABLE)
    messages.success(
        request,
        _("Saved as revision %(number)s. It holds for calls that begin from now on.")
        % {"number": revision.number},
    )
    return HttpResponseRedirect(reverse("admin:options"))


def show_conflict(
    request: HttpRequest, *, based_on: int, wanted: Mapping[str, Any]
) -> HttpResponse:
    """Both changes side by side; nothing was saved (E7)."""
    active = active_options()
    try:
        base = options_at(based_on)
    except OptionsRevision.DoesNotExist:
        return _back(request, _UNREADABLE)
    mine = {
        change.spec.key: change for change in difference(base.values, {**base.values, **wanted})
    }
    theirs = {change.spec.key: change for change in difference(base.values, active.values)}
    asked = {key: change.after for key, change in mine.items()}
    context = {
        "mine": list(mine.values()),
        "theirs": list(theirs.values()),
        "both": [mine[key] for key in mine if key in theirs],
        "revision": OptionsRevision.objects.get(number=active.number),
        "based_on": active.number,
        "asked": json.dumps(asked),
        "comment": request.POST.get("comment", "")[:200],
    }
    page = "patchbay/options/conflict.html"
    return console_page(request, page, context, title=_CONFLICT, status=409)


def _describe(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal": proposal,
        "based_on": proposal.active.number,
        "asked": json.dumps(proposal.asked),
        "restores": "" if proposal.restores is None else proposal.restores,
    }


def _read_asked(request: HttpRequest) -> tuple[int, dict[str, Any]] | None:
    """The revision and the new values that a page of ours sent; None where it is not ours."""
    based_on = request.POST.get("based_on", "")
    try:
        asked = json.loads(request.POST.get("asked", ""))
    except ValueError:
        return None
    if not based_on.isdecimal() or not isinstance(asked, dict):
        return None
    specs = {key: find_spec(key) for key in asked}
    if any(spec is None or spec.find_problem(asked[key]) for key, spec in specs.items()):
        return None
    return int(based_on), asked


def _back(request: HttpRequest, told: Any) -> HttpResponse:
    messages.info(request, str(told))
    return HttpResponseRedirect(reverse("admin:options"))
