"""Salesforce → Connection → People: which member is which Salesforce user (MII-36)."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.admin.salesforce_tabs import connection_page_part, connection_tab, tab_page
from integrations.errors import PatchbayError, Refused
from integrations.models import Connection, Membership
from integrations.options import active_options
from integrations.policy import membership_of
from integrations.salesforce.client import SalesforceClient
from integrations.salesforce.oauth import INTERACTIVE_SECONDS
from integrations.salesforce.people import PeopleInOrg, link, read_people, unlink
from integrations.salesforce.suggestions import Conflict, Hint
from integrations.salesforce.users import MAX_PAGE, UserPage, find_users, search_users

MEMBERS_PER_PAGE = 50
_TAB = "salesforce_people"
_HINTS = {
    Hint.ADDRESS: gettext_lazy("same mail address"),
    Hint.NAME: gettext_lazy("same name: please check"),
}
_CONFLICTS = {
    Conflict.SEVERAL: gettext_lazy("Several Salesforce users fit. Choose one."),
    Conflict.TAKEN: gettext_lazy("Is linked to another member already."),
    Conflict.WANTED_TWICE: gettext_lazy("Fits two members. Choose for whom."),
}


@connection_tab(
    "people/",
    name=_TAB,
    label=gettext_lazy("People"),
    order=20,
    guide=(
        gettext_lazy(
            "A member who is linked to a Salesforce user owns the records of their calls there, "
            "and times in them are in that user’s zone."
        ),
        gettext_lazy(
            "Patchbay proposes users with the same mail address, or else the same name. Nobody is "
            "linked without a tick, except by address when Salesforce is first connected."
        ),
    ),
)
def people(request: HttpRequest) -> HttpResponse:
    """The members, who they are in Salesforce, and who they could be."""
    connection = Connection.objects.find_sync_user()
    if connection is None:
        return tab_page(request, "patchbay/salesforce/people.html", {}, tab=_TAB)
    personal = Connection.objects.filter(kind=Connection.Kind.SALESFORCE).exclude(
        state=Connection.State.ARCHIVED
    )
    members = (
        Membership.objects.active()
        .select_related("user")
        .prefetch_related(Prefetch("connections", personal, to_attr="personal_accounts"))
    )
    page = Paginator(members, MEMBERS_PER_PAGE).get_page(request.GET.get("page"))
    in_org, trouble = _ask(connection, list(page.object_list))
    rows = [_row(member, in_org, has_answer=not trouble) for member in page.object_list]
    context = {
        "connection": connection,
        "page": page,
        "rows": rows,
        "trouble": trouble,
        "proposed": sum(row["user_id"] != "" for row in rows),
        "unlinked": Membership.objects.active().filter(salesforce_user_id="").count(),
        "default_owner": active_options()["default_owner"],
    }
    return tab_page(request, "patchbay/salesforce/people.html", context, tab=_TAB)


def _ask(connection: Connection, members: list[Membership]) -> tuple[PeopleInOrg, str]:
    """What the org says; without an answer the reason, and the page stands on what we know."""
    try:
        return read_people(_client(connection), members), ""
    except PatchbayError as error:
        return PeopleInOrg(), error.message


def _client(connection: Connection) -> SalesforceClient:
    return SalesforceClient(connection, feature="people", deadline_seconds=INTERACTIVE_SECONDS)


def _row(member: Any, in_org: PeopleInOrg, *, has_answer: bool) -> dict[str, Any]:
    suggestion = in_org.suggestions.get(member.pk)
    user = in_org.users.get(suggestion.user_id if suggestion else member.salesforce_user_id)
    is_proposed = suggestion is not None and suggestion.conflict is None
    problem = str(_CONFLICTS[suggestion.conflict]) if suggestion and suggestion.conflict else ""
    if member.salesforce_user_id and has_answer:
        problem = _problem_of_link(user)
    return {
        "member": member,
        "user": user,
        "user_id": user.user_id if is_proposed and user else "",
        "is_sure": suggestion is not None and suggestion.hint is Hint.ADDRESS,
        "hint": _HINTS[suggestion.hint] if suggestion else "",
        "problem": problem,
        "account": next(iter(member.personal_accounts), None),
    }


def _problem_of_link(user: Any) -> str:
    if user is None:
        return _("Salesforce shows no such user. Link the member anew.")
    if not user.is_active:
        return _("Inactive in Salesforce: records fall to the default owner. Link the member anew.")
    return ""


@connection_page_part("people/link/", name="salesforce_people_link", methods=("POST",))
def link_ticked(request: HttpRequest) -> HttpResponse:
    """Link every member that was ticked to the user proposed beside; ``<member>:<user>`` each."""
    pairs = [one.partition(":") for one in request.POST.getlist("pair")]
    chosen = {int(member): user for member, _colon, user in pairs if member.isdecimal() and user}
    _link_chosen(request, chosen)
    return HttpResponseRedirect(reverse(f"admin:{_TAB}"))


def _link_chosen(request: HttpRequest, chosen: dict[int, str]) -> int:
    """Link members by id to users by id, as far as it can be; says what came of it."""
    connection = Connection.objects.find_sync_user()
    members = Membership.objects.active().filter(pk__in=chosen).select_related("user")
    linked = 0
    try:
        users = find_users(_client(connection), chosen.values()) if connection and chosen else {}
    except PatchbayError as error:
        messages.error(request, error.message)
        return 0
    for member in members:
        try:
            link(
                member,
                users.get(chosen[member.pk]),
                actor=membership_of(request).user,
                request=request,
            )
            linked += 1
        except Refused as error:
            messages.error(request, f"{member}: {error.message}")
    if linked:
        told = ngettext("%(count)s member is linked.", "%(count)s members are linked.", linked)
        messages.success(request, told % {"count": linked})
    return linked


@connection_page_part("people/<int:member_id>/", name="salesforce_person")
def person(request: HttpRequest, member_id: int) -> HttpResponse:
    """One member: search the org's users and choose."""
    member = get_object_or_404(Membership.objects.select_related("user"), pk=member_id)
    connection = Connection.objects.find_sync_user()
    term = request.GET.get("q", "").strip()[:80]
    number = request.GET.get("page", "1")
    page_number = min(int(number), MAX_PAGE) if number.isdecimal() else 1
    found, trouble = UserPage((), has_more=False), ""
    if connection is not None:
        try:
            found = search_users(_client(connection), term, page_number)
        except PatchbayError as error:
            trouble = error.message
    context = {
        "connection": connection,
        "member": member,
        "term": term,
        "users": _with_holders(found),
        "page_number": page_number,
        "next_page": page_number + 1 if found.has_more else None,
        "trouble": trouble,
    }
    return tab_page(
        request, "patchbay/salesforce/person.html", context, tab=_TAB, title=str(member)
    )


def _with_holders(found: UserPage) -> list[dict[str, Any]]:
    """Each user with the member who is linked to them."""
    linked = Membership.objects.filter(
        salesforce_user_id__in=[user.user_id for user in found.users]
    ).select_related("user")
    holders = {member.salesforce_user_id: member for member in linked}
    return [{"user": user, "holder": holders.get(user.user_id)} for user in found.users]


@connection_page_part(
    "people/<int:member_id>/link/", name="salesforce_person_link", methods=("POST",)
)
def link_person(request: HttpRequest, member_id: int) -> HttpResponse:
    """Link one member to the user who was chosen."""
    member = get_object_or_404(Membership.objects.active(), pk=member_id)
    if _link_chosen(request, {member.pk: request.POST.get("user", "")}):
        return HttpResponseRedirect(reverse(f"admin:{_TAB}"))
    return HttpResponseRedirect(reverse("admin:salesforce_person", args=(member.pk,)))


@connection_page_part(
    "people/<int:member_id>/unlink/", name="salesforce_person_unlink", methods=("POST",)
)
def unlink_person(request: HttpRequest, member_id: int) -> HttpResponse:
    """End the link of one member."""
    member = get_object_or_404(Membership.objects.select_related("user"), pk=member_id)
    unlink(member, actor=membership_of(request).user, request=request)
    messages.success(request, _("%(person)s is linked to nobody.") % {"person": member})
    return HttpResponseRedirect(reverse(f"admin:{_TAB}"))
