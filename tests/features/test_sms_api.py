"""Other programs send texts: a Flow's action, again and again the same, and what became of it."""

from typing import Any

import pytest
from django.test import Client

from integrations.api_keys import make_key
from integrations.api_scopes import ApiScope
from integrations.models import OptionsRevision
from integrations.simulators.salesforce.seed import ONE_CONTACT_NAME, ONE_CONTACT_NUMBER
from integrations.tenancy import workspace_scope
from sms.consent import opt_out
from sms.jobs import submit_messages
from sms.models import Message, OptOutEvent, Template
from tests.factories import make_member, make_workspace
from tests.features.opt_out_office import OptOutOffice
from tests.harness.salesforce import SalesforceOrg
from tests.harness.sms_gateways import SmsGateways

pytestmark = pytest.mark.django_db(transaction=True)

ADDRESS = "/api/v1/messages/"


class Program:
    """A Flow, or another system, with a key of the workspace."""

    def __init__(self, office: OptOutOffice) -> None:
        self.office = office
        OptionsRevision.unscoped.create(
            workspace=office.workspace,
            number=1,
            values={"activity_history": True},
            is_active=True,
        )
        with workspace_scope(office.workspace):
            member = make_member(office.workspace)
            _, self.key = make_key(member, "Flow", list(ApiScope))

    def post(self, **fields: Any) -> Any:
        return Client().post(
            ADDRESS,
            fields,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}"},
        )

    def send(self, **fields: Any) -> dict[str, Any]:
        response = self.post(**fields)
        assert response.status_code == 200, response.content
        answer: dict[str, Any] = response.json()
        submit_messages(self.office.gateway.pk)
        return answer

    def read(self, message_id: int) -> dict[str, Any]:
        response = Client().get(
            f"{ADDRESS}{message_id}/", headers={"Authorization": f"Bearer {self.key}"}
        )
        assert response.status_code == 200, response.content
        told: dict[str, Any] = response.json()
        return told


@pytest.fixture
def program(salesforce_org: SalesforceOrg, sms_gateways: SmsGateways) -> Program:
    return Program(OptOutOffice(salesforce_org, sms_gateways))


@pytest.mark.feature("MIT-49")
def test_a_flow_texts_a_contact_by_its_id_once_however_often_it_asks(program: Program) -> None:
    ana = program.office.person("Contact", Name=ONE_CONTACT_NAME)
    asked = {"recordId": ana["Id"], "to": ONE_CONTACT_NUMBER, "text": "Your order is on its way."}
    first = program.send(**asked, idempotencyKey="order-7")
    assert first == {
        "status": "queued", "messages": 1, "messageId": first["messageId"], "reason": "",
    }  # fmt: skip
    assert program.send(**asked, idempotencyKey="order-7") == first
    assert program.office.sent_to(ONE_CONTACT_NUMBER) == 1

    told = program.read(first["messageId"])
    assert (told["status"], told["recordId"]) == ("accepted", ana["Id"])
    assert told["phone"] == ONE_CONTACT_NUMBER
    message = Message.unscoped.get()
    assert (message.origin, message.person_name) == ("api", ONE_CONTACT_NAME)


@pytest.mark.feature("MIT-49")
def test_a_template_is_filled_from_the_record_and_never_with_a_hole(program: Program) -> None:
    ana = program.office.person("Contact", Name=ONE_CONTACT_NAME)
    templates = [
        Template.unscoped.create(
            workspace=program.office.workspace, kind="contact", name=name, text=text
        )
        for name, text in (
            ("Reminder", "Hi {{FirstName|there}}, see you on Monday."),
            ("With a hole", "Hi {{Title}}, see you."),
        )
    ]
    asked = {"recordId": ana["Id"], "to": ONE_CONTACT_NUMBER}
    program.send(**asked, templateId=templates[0].pk)
    assert Message.unscoped.get().text == "Hi Ana, see you on Monday."
    program.office.org.act("edit-record", sobject="Contact", id=ana["Id"], fields={"Title": None})
    refused = program.send(**asked, templateId=templates[1].pk)
    assert refused["status"] == "refused"
    assert "nothing in Title" in refused["reason"]


@pytest.mark.feature("MIT-49")
def test_why_a_text_is_not_sent_is_an_answer_that_people_can_read(program: Program) -> None:
    with workspace_scope(program.office.workspace):
        opt_out(ONE_CONTACT_NUMBER, OptOutEvent.Source.KEYWORD)
    for fields, reason in (
        ({"to": ONE_CONTACT_NUMBER}, "opted out"),
        ({"to": "60123"}, "not a phone number"),
        ({"to": "+14155550123", "senderId": "Nobody"}, "no sender here"),
        ({"recordId": "001000000000001AAA"}, "is a company"),
    ):
        answer = program.send(**fields, text="Hello", idempotencyKey="again")
        assert (answer["status"], answer["messageId"]) == ("refused", 0)
        assert reason in answer["reason"]
    assert program.send(to="+14155550123", text="Hi", idempotencyKey="again")["status"] == "queued"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"text": "Hello"}, "to"),
        ({"to": "+14155550123"}, "text"),
        ({"to": "+14155550123", "text": "Hello", "templateId": 1}, "text"),
        ({"to": "+14155550123", "templateId": 1}, "recordId"),
        ({"to": "+14155550123", "text": "Hello", "recordId": "not an id"}, "recordId"),
    ],
)
def test_what_cannot_be_understood_names_the_field(
    program: Program, fields: dict[str, Any], name: str
) -> None:
    response = program.post(**fields)
    assert response.status_code == 400
    assert [fault["name"] for fault in response.json()["faults"]] == [name]


def test_salesforce_that_is_away_sends_nothing_and_says_when_to_come_again(
    program: Program,
) -> None:
    program.office.org.fault("/query", "status", status=503, times=9)
    response = program.post(recordId="003000000000001AAA", text="Hello")
    assert (response.status_code, response.json()["code"]) == (503, "salesforce_away")
    assert not Message.unscoped.exists()


def test_a_message_of_another_workspace_is_not_there(program: Program) -> None:
    sent = program.send(to="+14155550123", text="Hello")
    other = make_workspace()
    with workspace_scope(other):
        _, key = make_key(make_member(other), "Theirs", list(ApiScope))
    answer = Client().get(
        f"{ADDRESS}{sent['messageId']}/", headers={"Authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 404
