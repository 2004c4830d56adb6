"""SMS → Test a text: what a made-up text would do and leave in Salesforce, and why (PLUS-05)."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.reasons import show_reasons
from integrations.admin.site import console_page, console_site
from integrations.admin.would_be import show_would_be
from integrations.options import active_options
from integrations.planning import PlannedWrite
from integrations.policy import membership_of
from integrations.roles import Capability
from sms.admin.message_page import describe_size
from sms.admin.trial_form import TrialForm
from sms.keywords import Wish
from sms.messaging import TextNotTaken
from sms.trial import Answer, Rehearsed, rehearse

_TITLE = gettext_lazy("Test a text")


@console_site.page(
    "sms/test/",
    name="test_text",
    title=_TITLE,
    capability=Capability.MANAGE_SMS,
    group="SMS",
    icon="science",
    order=90,
    methods=("GET", "POST"),
)
def test_text(request: HttpRequest) -> HttpResponse:
    """The form, and below it what would come of the text."""
    form = TrialForm(request.POST or None, member=membership_of(request))
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            context |= _describe(rehearse(form.text_as_imagined(), active_options()))
        except TextNotTaken as refusal:
            context |= {"is_tried": True, "refusal": refusal.message}
    status = 422 if form.errors else 200
    return console_page(
        request, "patchbay/sms/test_text.html", context, title=_TITLE, status=status
    )


def _describe(rehearsed: Rehearsed) -> dict[str, Any]:
    """What the template shows of the outcome."""
    plan = rehearsed.plan
    stop = next((line for line in plan.trace if line.outcome == "stopped"), None)
    answer = rehearsed.answer
    return {
        "is_tried": True,
        "message": rehearsed.message,
        "size": describe_size(rehearsed.message),
        "why_sender": rehearsed.why_sender,
        "consequences": list(_consequences(answer)) if answer else [],
        "confirmation": answer.confirmation if answer else None,
        "search_error": rehearsed.search_error.rstrip("."),
        "writes": [show_would_be(write, _under(rehearsed, write)) for write in plan.writes],
        "needs_review": plan.needs_review,
        "obstacle": {"happened": stop.text, "rule": stop.rule} if stop else None,
        "explained": {"groups": [("", show_reasons(plan.trace))]},
    }


def _consequences(answer: Answer) -> Iterator[str]:
    """What an inbound text does besides being kept (RULES D3), in sentences."""
    wish, keyword = answer.understood.wish, answer.understood.keyword
    if wish is Wish.STOP:
        yield _("It means stop, because of the keyword %(word)s.") % {"word": keyword}
        if answer.was_opted_out:
            yield _("The number is opted out already; the text is kept as further evidence.")
        else:
            yield _("The number is opted out at once, and what waits for it is not sent any more.")
    elif wish is Wish.PERHAPS_STOP and answer.was_opted_out:
        yield _("It may mean stop, and the number is opted out already.")
    elif wish is Wish.PERHAPS_STOP:
        yield _("It may mean stop: %(word)s stands inside other words.") % {"word": keyword}
        yield _("A person decides under Opt-out suggestions; marketing to the number waits.")
    elif wish is Wish.START and answer.was_opted_out:
        yield _("It means start: the number may be written to again.")
    elif wish is Wish.START:
        yield _("It means start, but the number is not opted out: nothing changes.")
    else:
        yield _("It changes nothing about opt-outs: it stands under Conversations, unread.")


def _under(rehearsed: Rehearsed, write: PlannedWrite) -> str:
    record_id = write.fields.get("WhoId") or write.fields.get("WhatId")
    if not record_id:
        return _("under no record")
    names = {rehearsed.message.person_record_id: rehearsed.message.person_name}
    for one in rehearsed.candidates:
        names |= {one.record_id: one.name, one.person_contact_id or "": one.name}
    return _("under %(name)s") % {"name": names.get(record_id) or record_id}
