"""After a person was erased, no row of the database tells of them, whatever comes again (C8)."""

from collections.abc import Callable
from functools import partial

from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from calls.models import Call
from integrations import audit, inbox
from integrations.jobs import drain_inbox
from integrations.models import (
    ApiAnswer,
    CheckedPhone,
    Connection,
    CrmWrite,
    DrainLease,
    Erasure,
    InboundEvent,
    Notice,
    ReportedActivity,
    WriteState,
)
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from sms.models import (
    CampaignRecipient,
    Message,
    MessageView,
    OptOut,
    OptOutEvent,
    OptOutSuggestion,
    RecordFlag,
    SmsCampaign,
)
from tests.deliveries import post_event
from tests.factories import NOON, make_call
from tests.features.company import Company
from tests.features.test_erasing_people import erase
from tests.sms.gateway_rows import call_back, make_message, make_twilio

NUMBER, NAME = seed.ONE_CONTACT_NUMBER, seed.ONE_CONTACT_NAME
DIGITS, AS_WRITTEN = "4155550101", "(415) 555-0101"


def tables_with(words: str) -> set[str]:
    """The tables of the whole database, Django's own among them, that hold these words."""
    return {name for name in connection.introspection.table_names() if words in _dump(name)}


def _dump(table: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return "\n".join(str(row) for row in cursor.fetchall())


def plant(company: Company, gateway: Connection, record_id: str, write: CrmWrite) -> None:
    """Leave a person's name, number and record wherever the product may keep them."""
    here = {"workspace": company.workspace}
    text = make_message(
        gateway, phone_e164=NUMBER, person_name=NAME, person_record_id=record_id, text=f"Hi {NAME}"
    )
    OptOutSuggestion.unscoped.create(message=text, phone_e164=NUMBER, keyword="stop", **here)
    report = {"MessageSid": text.provider_message_id, "MessageStatus": "delivered", "To": NUMBER}
    call_back(gateway, report)
    drain_inbox(gateway.pk)
    opt_out = OptOut.unscoped.create(phone_e164=NUMBER, is_active=True, **here)
    evidence = {"sobject": "Contact", "record_id": record_id, "name": NAME}
    OptOutEvent.unscoped.create(
        phone_e164=NUMBER, kind="opted_out", source="salesforce", evidence=evidence, **here
    )
    RecordFlag.unscoped.create(
        org_id=write.org_id,
        sobject="Contact",
        record_id=record_id,
        phone_e164=NUMBER,
        is_flagged=True,
        stamp=NOON,
        seen_at=NOON,
        **here,
    )
    plant_write(write, f"opt_out:{opt_out.pk}:{record_id}:flag", opt_out.pk, record_id)
    campaign = SmsCampaign.unscoped.create(campaign_name="Spring", state="draft", **here)
    for phone in (NUMBER, "+14155550198"):  # both are of one record
        CampaignRecipient.unscoped.create(
            campaign=campaign,
            member_id=f"00v{phone[-4:]}",
            record_id=record_id,
            name=NAME,
            raw_phone=AS_WRITTEN,
            phone_e164=phone,
            values={"FirstName": NAME},
            **here,
        )
    CheckedPhone.unscoped.create(
        run=1,
        sobject="Contact",
        record_id=record_id,
        record_name=NAME,
        field="Phone",
        raw=AS_WRITTEN,
        phone_e164=NUMBER,
        **here,
    )
    ReportedActivity.unscoped.create(
        kind="message_sent", subject=f"To {NAME}", person_name=NAME, phone_e164=NUMBER, **here
    )
    ApiAnswer.unscoped.create(idempotency_key="a", request_digest="b", body={"to": NUMBER}, **here)
    MessageView.unscoped.create(
        membership=company.agent, name="Mine", query=f"q=%2B1{DIGITS}", **here
    )
    InboundEvent.unscoped.create(
        connection=company.phone_system,
        handler="calls",
        dedupe_key="failed",
        body=f"A call from {AS_WRITTEN}, {NAME}",
        error=f"{NAME} is no number",
        traceback=f"ValueError: {NAME}",
        state=InboundEvent.State.FAILED,
        **here,
    )
    make_call(
        company.workspace,
        company.phone_system,
        external_e164="+14155550199",
        external_raw="+14155550199",
        candidates=[{"record_id": record_id, "sobject": "Contact", "name": NAME}],
    )
    plant_words(company, write)


def plant_write(write: CrmWrite, target_key: str, subject_id: int, record_id: str) -> None:
    """A checkbox that was ticked, after the write of a call."""
    CrmWrite.unscoped.create(
        workspace=write.workspace,
        connection=write.connection,
        org_id=write.org_id,
        subject_kind="opt_out",
        subject_id=subject_id,
        label=f"SMS opt-out of {NAME}",
        feature="opt-outs",
        target_key=target_key,
        wire_key="w" * 29,
        operation="update",
        sobject="Contact",
        fields={"Opted_Out__c": True},
        payload={"Opted_Out__c": True},
        salesforce_record_id=record_id,
        state=WriteState.DONE,
    )


def plant_words(company: Company, write: CrmWrite) -> None:
    """What people did and were told about somebody, in words."""
    write.label = f"Call with {NAME}"
    write.save()
    told = partial(Notice.unscoped.create, workspace=company.workspace)
    told(kind="written_twice", subject_key=f"crm_write:{write.pk}", title=f"Twice: {write.label}")
    told(kind="other", subject_key="connection:1", title="Refused", body=f"No {AS_WRITTEN}.")
    with workspace_scope(company.workspace):
        audit.record(None, "crm_write.retried", write.label)
        audit.record(None, "opt_out.made", NUMBER, after={"text": f"{NAME} wants no texts"})


def test_no_row_of_any_table_tells_of_an_erased_person(company: Company) -> None:
    row = company.take(NUMBER, caller_name=NAME, recording_url=f"https://pbx.test/{DIGITS}.wav")
    record_id, gateway = row.contact_record_id, make_twilio(company.workspace)
    plant(company, gateway, record_id, CrmWrite.unscoped.get(subject_id=row.pk))
    assert len(tables_with(NAME)) >= 12
    assert len(tables_with(AS_WRITTEN)) >= 3

    erase(company.workspace.pk, phone=NUMBER)
    Erasure.unscoped.update(state=Erasure.State.DONE)
    erased = erase(company.workspace.pk, record=record_id)
    assert erased.state == Erasure.State.DONE, erased.waits_for
    for words in (DIGITS, AS_WRITTEN, NAME, record_id[:15]):
        assert tables_with(words) == set(), words
    recipients = CampaignRecipient.unscoped.values_list("state", flat=True)
    assert set(recipients) == {CampaignRecipient.State.SKIPPED}, "nobody gets the text any more"


def test_whatever_comes_again_writes_nothing_and_names_nobody(company: Company) -> None:
    call = company.call(NUMBER)
    call.play(caller_name=NAME)
    company.work(call)
    gateway = make_twilio(company.workspace)
    text = make_message(gateway, phone_e164=NUMBER)
    report = {"MessageSid": text.provider_message_id, "MessageStatus": "sent", "To": NUMBER}
    reply = {"MessageSid": "SM1", "From": NUMBER, "To": "+14155550170", "Body": f"I am {NAME}"}
    call_back(gateway, report)
    call_back(gateway, reply, "inbound")
    understand(gateway)
    arrived = InboundEvent.unscoped.filter(connection=company.phone_system)
    events = list(arrived.values_list("dedupe_key", "body"))
    assert erase(company.workspace.pk, phone=NUMBER).state == Erasure.State.DONE
    before = counted(company)

    def replay_all() -> None:
        InboundEvent.unscoped.update(state=InboundEvent.State.FAILED)
        with workspace_scope(company.workspace):
            assert inbox.replay(InboundEvent.objects.all())

    repeats: list[Callable[[], object]] = [replay_all]
    for key, body in events:
        repeats.append(partial(post_event, company.phone_system, body, event_id=key))
        repeats.append(partial(post_event, company.phone_system, body))
    for number in range(3):
        once_more = {"Retry": str(number)}
        repeats.append(partial(call_back, gateway, report | once_more))
        repeats.append(partial(call_back, gateway, reply | once_more, "inbound"))

    @settings(max_examples=8)
    @given(st.lists(st.sampled_from(repeats), min_size=1, max_size=6))
    def again(coming: list[Callable[[], object]]) -> None:
        for come in coming:
            come()
        company.work_on_what_arrived()
        understand(gateway)
        assert counted(company) == before
        for words in (DIGITS, NAME):
            assert tables_with(words) == set()

    again()


def understand(gateway: Connection) -> None:
    """Work through both lanes of a gateway: reports, and what people write."""
    drain_inbox(gateway.pk)
    drain_inbox(gateway.pk, DrainLease.Lane.TEXTS)


def counted(company: Company) -> tuple[object, ...]:
    """What must not become more: Tasks in Salesforce, writes, calls, texts."""
    rows = (CrmWrite.unscoped, Call.unscoped, Message.unscoped)
    return company.tasks(), *(manager.count() for manager in rows)
