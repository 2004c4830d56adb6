"""Proof of the texts' main job: one text goes out, its delivery is known, and STOP is obeyed."""

from collections.abc import Callable, Sequence
from typing import Any

from integrations.demo.outside import act, list_records, wait_for
from integrations.demo.parts import Demo, SmokeFailed
from integrations.demo.people import ACME
from integrations.models import CrmWrite, Membership, Workspace, WriteState
from integrations.salesforce.downloads import OPT_OUT_FIELD
from integrations.simulators.salesforce.seed import ONE_CONTACT_NAME, ONE_CONTACT_NUMBER
from integrations.tenancy import workspace_scope
from sms.messaging import NewText, Person, TextNotTaken, queue_message
from sms.models import Message

MARKETER = "marketer@acme.test"
_TEXT = "Your instrument is ready to be picked up."
#: What the handset answers, and how the answer to that begins.
_STOP, _CONFIRMATION = "STOP", "unsubscribed"
_WAIT_SECONDS = 60
#: Whatever did something a second time would have done it by then.
_SETTLE_SECONDS = 4
_Records = list[dict[str, Any]]


def run_smoke(demo: Demo) -> Sequence[dict[str, Any]]:
    """Text one Contact, let the handset answer STOP, and return what Salesforce holds of it.

    Three Tasks (text, STOP, confirmation) and the Contact with its checkbox. Raises SmokeFailed
    unless all of that is there exactly once, and the next text is refused.
    """
    salesforce = demo.facts["salesforce"]["url"]
    (contact,) = list_records(salesforce, "Contact", Name=ONE_CONTACT_NAME)
    known = {task["Id"] for task in list_records(salesforce, "Task")}

    def find_tasks() -> _Records:
        tasks = list_records(salesforce, "Task")
        new = [one for one in tasks if one["Id"] not in known]
        about_texts = [one for one in new if str(one["Subject"]).startswith("SMS ")]
        # Records of the last weeks may come home meanwhile.
        return [one for one in about_texts if ONE_CONTACT_NUMBER in one["Subject"]]

    with workspace_scope(Workspace.objects.get(slug=ACME.slug)):
        message = _send(contact)
        _wait(lambda: _is_delivered(message), f"The text is {_state(message)}, not delivered.")
        _wait(lambda: len(find_tasks()) >= 1, "Salesforce holds no Task of the text.")
        _stop(demo)
        _wait(lambda: len(find_tasks()) >= 3, "Salesforce lacks Tasks of STOP and its answer.")
        _wait(lambda: _is_marked(salesforce), "The Contact is not marked as opted out.")
        wait_for(lambda: len(find_tasks()) > 3, seconds=_SETTLE_SECONDS)
        _check(find_tasks(), contact, demo)
        _check_refused(contact)
    return [*find_tasks(), *list_records(salesforce, "Contact", Name=ONE_CONTACT_NAME)]


def _new_text(contact: dict[str, Any]) -> NewText:
    return NewText(
        to=ONE_CONTACT_NUMBER,
        text=_TEXT,
        purpose=Message.Purpose.CONVERSATION,
        origin=Message.Origin.COMPOSE,
        person=Person("Contact", contact["Id"], ONE_CONTACT_NAME),
        membership=Membership.objects.get(user__email=MARKETER),
    )


def _send(contact: dict[str, Any]) -> Message:
    try:
        return queue_message(_new_text(contact))
    except TextNotTaken as refusal:
        raise SmokeFailed(f"The text was not taken: {refusal.message}") from refusal


def _state(message: Message) -> str:
    message.refresh_from_db()
    return message.state


def _is_delivered(message: Message) -> bool:
    return _state(message) == "delivered"


def _stop(demo: Demo) -> None:
    facts = demo.facts["sms_gateway"]
    act(facts["url"], "reply", **{"from": ONE_CONTACT_NUMBER, "to": facts["sender"], "text": _STOP})


def _is_marked(salesforce: str) -> bool:
    (contact,) = list_records(salesforce, "Contact", Name=ONE_CONTACT_NAME)
    return bool(contact[OPT_OUT_FIELD])


def _wait(look: Callable[[], bool], failure: str) -> None:
    if not wait_for(lambda: look() or bool(_find_refusal()), seconds=_WAIT_SECONDS):
        raise SmokeFailed(failure)
    if refusal := _find_refusal():
        raise SmokeFailed(refusal)


def _find_refusal() -> str:
    """Why a record will not come, where Salesforce has said so."""
    write = CrmWrite.objects.filter(
        phone_e164=ONE_CONTACT_NUMBER,
        subject_kind__in=("message", "opt_out"),
        state__in=(WriteState.NEEDS_ATTENTION, WriteState.HELD),
    ).first()
    if write is None:
        return ""
    reason = write.error_message or write.held_reason
    return f"Salesforce did not take {write.label}: {write.error_code} {reason}".strip()


def _check(tasks: _Records, contact: dict[str, Any], demo: Demo) -> None:
    for words, subject in ((_TEXT, "SMS to"), (_STOP, "SMS from"), (_CONFIRMATION, "SMS to")):
        found = [
            one
            for one in tasks
            if words in one["Description"] and one["Subject"].startswith(subject)
        ]
        if len(found) != 1:
            raise SmokeFailed(f"Salesforce holds {len(found)} Tasks of “{words}” instead of one.")
        if (found[0]["WhoId"], found[0]["Status"]) != (contact["Id"], "Completed"):
            raise SmokeFailed(f"The Task of “{words}” is not the Contact's, completed.")
    if len(tasks) != 3:
        raise SmokeFailed(f"Salesforce holds {len(tasks)} Tasks of texts instead of three.")
    sent = list_records(demo.facts["sms_gateway"]["url"], "messages", direction="outbound")
    reached = [one["text"] for one in sent if one["handset"] == ONE_CONTACT_NUMBER]
    if reached.count(_TEXT) != 1 or len(reached) != 2:
        raise SmokeFailed(f"The handset got {reached}.")


def _check_refused(contact: dict[str, Any]) -> None:
    try:
        queue_message(_new_text(contact))
    except TextNotTaken as refusal:
        if refusal.code == TextNotTaken.OPTED_OUT:
            return
    raise SmokeFailed("A text to somebody who opted out was taken on.")
