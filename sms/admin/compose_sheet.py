"""One text to one person, as a form: what the console's page and the one in Salesforce share."""

import uuid
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.errors import PatchbayError
from integrations.phones import format_national
from integrations.policy import membership_of
from sms.admin.compose_forms import ComposeForm
from sms.conversations import why_closed
from sms.merge import read_template
from sms.messaging import TextNotTaken, sender_for
from sms.models import Message, Sender, Template
from sms.recipients import KINDS, Recipient, find_recipient, sobject_of
from sms.selectors import opted_out_since
from sms.single_texts import SingleText, send_single
from sms.template_versions import offered

#: The button that sends; the other one only shows what a choice means.
_SEND = "send"
SENT_BEFORE = gettext_lazy(
    "This page has sent a text already, and this is another one. Send again if you mean it."
)


class Sheet:
    """The form for one person or number, as it is shown or acted on by one request.

    Where it stands decides what it looks like: `page`, `sent`, `closed` and `person_address`.
    """

    def __init__(
        self, request: HttpRequest, recipient: Recipient | None, numbers: list[tuple[str, str]]
    ) -> None:
        self.request = request
        self.recipient = recipient
        self.numbers = numbers
        self.templates = offered(recipient.kind) if recipient else []
        mobile = recipient.mobile.e164 if recipient and recipient.mobile else ""
        chosen = request.POST.get("number", request.GET.get("number", mobile))
        self.phone = chosen if chosen in dict(numbers) else ("" if recipient else numbers[0][0])

    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self._show(self._form(initial={"number": self.phone}))
        form = self._form(self.request.POST)
        if self.request.POST.get("act") != _SEND:
            return self._show(self._form(initial=self._as_chosen(form)))
        return self._send(form) if form.is_valid() else self._show(form, status=422)

    def _form(self, data: Any = None, initial: dict[str, Any] | None = None) -> ComposeForm:
        return ComposeForm(
            data,
            initial=initial or {},
            numbers=self.numbers,
            senders=list(Sender.objects.filter(is_archived=False)),
            templates=self.templates,
        )

    def _as_chosen(self, form: ComposeForm) -> dict[str, Any]:
        """What stands in the form, with the words of a template that was just chosen."""
        form.is_valid()  # as far as it is: an empty text is no mistake yet
        typed = {name: form.data.get(name, "") for name in form.fields if name in form.data}
        template = self._template(form)
        if template is not None and form.data.get("used_template") != str(template.pk):
            typed["text"] = template.text
        return typed | {"used_template": template.pk if template else ""}

    def _template(self, form: ComposeForm) -> Template | None:
        wanted = form.cleaned_data.get("template")
        return next((one for one in self.templates if one.pk == wanted), None)

    def _send(self, form: ComposeForm) -> HttpResponse:
        member, data = membership_of(self.request), form.cleaned_data
        template = self._template(form)
        is_unchanged = template is not None and template.text == data["text"]
        try:
            message = send_single(
                SingleText(
                    text=data["text"],
                    origin=Message.Origin.COMPOSE,
                    to=data["number"],
                    record_id=self.recipient.person.record_id if self.recipient else "",
                    template=template if is_unchanged else None,
                    sender_id=data["sender"],
                    membership=member,
                    idempotency_key=f"compose:{member.pk}:{data['key']}",
                )
            )
        except TextNotTaken as refusal:
            return self._refused(form, refusal)
        except PatchbayError as error:
            form.add_error(None, _("%(reason)s Nothing was sent.") % {"reason": error.message})
            return self._show(form, status=422)
        return self.sent(message)

    def _refused(self, form: ComposeForm, refusal: TextNotTaken) -> HttpResponse:
        if refusal.code == TextNotTaken.KEY_REUSED:
            form = self._form({**self.request.POST.dict(), "key": str(uuid.uuid4())})
            form.is_valid()
            form.add_error(None, SENT_BEFORE)
        else:
            is_about_text = refusal.code in (TextNotTaken.FIELDS, TextNotTaken.EMPTY,
                                             TextNotTaken.TOO_LONG)  # fmt: skip
            form.add_error("text" if is_about_text else None, refusal.message)
        return self._show(form, status=422)

    def _show(self, form: ComposeForm, status: int = 200) -> HttpResponse:
        named = form.data.get("sender") or form.initial.get("sender") or ""
        choice = (
            sender_for(self.phone, named=int(named) if str(named).isdecimal() else None)
            if self.phone
            else None
        )
        context = {
            "form": form,
            "recipient": self.recipient,
            "phone": self.phone,
            **self.closed(self.phone or self._only_closed_number()),
            "choice": choice,
            "has_templates": bool(self.templates),
            "editor": self._describe_editor() if self.recipient else None,
        }
        return self.page(context, status)

    def page(self, context: dict[str, Any], status: int) -> HttpResponse:
        """The form on its page."""
        raise NotImplementedError

    def sent(self, message: Message) -> HttpResponse:
        """What follows a text that was taken on."""
        raise NotImplementedError

    def closed(self, phone: str) -> dict[str, Any]:
        """Whether the number opted out (MIT-60)."""
        return {"closed": why_closed(phone) if phone else None}

    def person_address(self) -> str:
        """Where editor.js reads a person again, with RECORD for the id."""
        raise NotImplementedError

    def person_headers(self) -> dict[str, str]:
        """What it sends along."""
        return {}

    def _only_closed_number(self) -> str:
        """Where no number is chosen yet and none could be: one of those that opted out (MIT-60)."""
        phones = [phone for phone, _label in self.numbers]
        return phones[0] if phones and len(opted_out_since(phones)) == len(phones) else ""

    def _describe_editor(self) -> dict[str, Any]:
        recipient = cast(Recipient, self.recipient)
        person = recipient.person
        values = dict.fromkeys(names_on(self.request, person.record_id), "")
        return {
            "record": {
                "id": person.record_id,
                "name": person.name,
                "values": values | dict(recipient.values),
            },
            "person": self.person_address(),
            "headers": self.person_headers(),
            "words": {
                "failed": _("No answer. Check your connection and try again."),
                "empty": _("Nothing to show yet."),
            },
        }


def read_sheet(request: HttpRequest, record_id: str) -> tuple[Recipient, list[tuple[str, str]]]:
    """The person behind a record, and the numbers to choose from. Raises PatchbayError."""
    recipient = find_recipient(record_id, names_on(request, record_id))
    region = membership_of(request).workspace.default_region
    numbers = [
        (one.e164, f"{format_national(one.e164, region)} ({one.label})")
        for one in recipient.numbers
    ]
    return recipient, numbers


def names_on(request: HttpRequest, record_id: str) -> set[str]:
    """The fields of what may be sent, so that one request brings all that the page shows."""
    sobject = sobject_of(record_id)
    templates = offered(KINDS[sobject]) if sobject else []
    texts = (request.POST.get("text", ""), *(template.text for template in templates))
    return {name for text in texts for name in read_template(text).names}


def sent_words(message: Message) -> str:
    """How many messages were sent: the segments that are paid for (MIT-40)."""
    words = ngettext(
        "%(count)s message sent to %(person)s.",
        "%(count)s messages sent to %(person)s.",
        message.segments,
    )
    return words % {"count": message.segments, "person": message.person}
