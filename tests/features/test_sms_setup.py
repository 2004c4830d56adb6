"""Setting texts up: roles, senders, and the words that opt people out."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from integrations.addresses import console_url
from integrations.models import AuditEntry, Workspace
from integrations.tenancy import workspace_scope
from sms.jobs import submit_messages
from sms.models import Message, OptOut, OptOutKeyword, Sender, SenderCountry
from sms.stop_words import add_words
from tests.factories import make_member, make_workspace
from tests.features.sms_office import Office
from tests.harness.sms_gateways import SmsGateways
from tests.sms.gateway_rows import make_mitto
from tests.sms.scripted_gateway import make_sender

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(sms_gateways: SmsGateways, live_server: LiveServer, settings: Settings) -> Office:
    settings.PUBLIC_URL = live_server.url
    return Office(sms_gateways, "mitto")


class SetUp:
    """A member at the set-up of texts."""

    def __init__(self, workspace: Workspace, role: str = "sms_admin") -> None:
        self.workspace = workspace
        self.member = make_member(workspace, (role,))
        self.client = Client()
        self.client.force_login(self.member.user)

    def address(self, name: str, *args: Any) -> str:
        return console_url(self.workspace, name, *args)

    def read(self, name: str, *args: Any) -> str:
        return str(self.client.get(self.address(name, *args), follow=True).content.decode())

    def post(self, name: str, *args: Any, **fields: Any) -> str:
        answer = self.client.post(self.address(name, *args), fields, follow=True)
        return str(answer.content.decode())

    def add_sender(self, kind: str, value: str) -> str:
        fields = {"kind": kind, "value": value, "label": "", "segments_per_second": "10"}
        return self.post("sms_sender_add", **fields)

    def add_word(self, word: str) -> str:
        return self.post("sms_optoutkeyword_add", word=word)


@pytest.mark.feature("MIT-03", "MIT-11")
def test_a_new_member_may_do_nothing_with_texts_until_the_role_is_given() -> None:
    workspace = make_workspace()
    for role, status in (("member", 403), ("marketer", 200)):
        somebody = SetUp(workspace, role)
        messages = somebody.address("sms_message_changelist")
        assert somebody.client.get(messages).status_code == status
        assert (messages in somebody.read("index")) == (status == 200)


@pytest.mark.feature("MIT-16", "MIT-22", "MIT-12")
def test_senders_and_words_have_pages_for_those_who_set_texts_up() -> None:
    workspace = make_workspace()
    for role, status in (("sms_admin", 200), ("admin", 200), ("marketer", 403), ("member", 403)):
        somebody = SetUp(workspace, role)
        for name in ("sms_sender_changelist", "sms_optoutkeyword_changelist"):
            assert somebody.client.get(somebody.address(name)).status_code == status, (role, name)
            assert (somebody.address(name) in somebody.read("index")) == (status == 200)


@pytest.mark.feature("MIT-17", "MIT-18")
@pytest.mark.parametrize(
    ("kind", "typed", "stored", "said"),
    [
        ("numeric", "+44776543210", "44776543210", ""),
        ("numeric", "+447765432100001", "447765432100001", ""),
        ("numeric", "+4477654321000012", None, "this one has 16"),
        ("numeric", "+44 776", None, "made of digits"),
        ("numeric", "44x776", None, "made of digits"),
        ("numeric", "0776543210", None, "country code"),
        ("branded", "MITTO-SMS", "MITTO-SMS", "Nobody can answer a name"),
        ("branded", "ELEVEN-CHAR", "ELEVEN-CHAR", ""),
        ("branded", "TWELVE-CHARS", None, "this one has 12"),
        ("branded", "MY SHOP", None, "no spaces"),
        ("branded", "12345", None, "needs a letter"),
        ("short_code", "12345", "12345", "listed below"),
        ("short_code", "+12345", None, "no plus"),
    ],
)
def test_a_sender_is_taken_or_refused_with_the_reason(
    kind: str, typed: str, stored: str | None, said: str
) -> None:
    workspace = make_workspace()
    make_mitto(workspace)
    admin = SetUp(workspace)
    page = admin.add_sender(kind, typed)

    senders = list(Sender.unscoped.all())
    assert [sender.value for sender in senders] == ([stored] if stored else [])
    if stored:
        page = admin.read("sms_sender_change", senders[0].pk)
    assert said in page


@pytest.mark.feature("MIT-21")
def test_the_first_sender_is_the_default_until_another_is_made_it() -> None:
    workspace = make_workspace()
    admin = SetUp(workspace)
    assert "Connect a gateway first" in admin.add_sender("numeric", "+14155550170")
    make_mitto(workspace)
    admin.add_sender("numeric", "+14155550170")
    admin.add_sender("branded", "Acme")
    assert "in the list already" in admin.add_sender("branded", "ACME")
    first, second = Sender.unscoped.order_by("pk")
    assert (first.is_default, second.is_default) == (True, False)

    admin.post("sms_sender_make_default", second.pk)
    assert Sender.unscoped.get(is_default=True) == second
    admin.post("sms_sender_archive", second.pk)
    assert not Sender.unscoped.filter(is_default=True).exists()
    assert "Archived" in admin.read("sms_sender_changelist")
    actions = AuditEntry.unscoped.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        *("sender.made_default", "sender.added", "sender.added"),
        *("sender.made_default", "sender.archived"),
    ]


@pytest.mark.feature("MIT-19")
def test_a_test_from_a_sender_shows_it_at_the_gateway_once(office: Office) -> None:
    brand = make_sender(office.connection, "Acme-Shop", kind=Sender.Kind.BRANDED, is_default=False)
    admin = SetUp(office.workspace)
    assert "not carried there" in admin.post(
        "sms_sender_test", brand.pk, to="+14155550001", text="A test", key="one"
    )
    for _click in range(2):
        page = admin.post("sms_sender_test", brand.pk, to="+447400123456", text="A test", key="two")
    submit_messages(office.connection.pk)

    assert "The test is on its way" in page
    [arrived] = office.gateways.records("messages")
    assert arrived["our_number"] == "Acme-Shop"
    assert Message.unscoped.get().purpose == Message.Purpose.TEST


@pytest.mark.feature("MIT-20")
def test_a_sender_keeps_how_it_stands_in_each_country_and_heeds_it(office: Office) -> None:
    sender = Sender.unscoped.get()
    admin = SetUp(office.workspace)
    fields = {
        "label": "Acme", "segments_per_second": "10",
        "countries-TOTAL_FORMS": "1", "countries-INITIAL_FORMS": "0",
        "countries-0-country": "gb", "countries-0-state": "pending",
        "countries-0-note": "asked on Monday",
    }  # fmt: skip
    admin.post("sms_sender_change", sender.pk, **fields)

    row = SenderCountry.unscoped.get()
    assert (row.country, row.state, row.note) == ("GB", "pending", "asked on Monday")
    assert "Nothing is sent from it to GB" in admin.read("sms_sender_change", sender.pk)
    assert "Registration pending" in admin.read("sms_sender_changelist")
    refused = admin.post("sms_sender_test", sender.pk, to="+447400123456", text="A", key="k")
    assert "is not registered there yet (GB)" in refused
    wrong = admin.post("sms_sender_change", sender.pk, **fields | {"countries-0-country": "XX"})
    assert "Two letters" in wrong


@pytest.mark.feature("MIT-23")
def test_words_are_added_once_whatever_their_shape_and_removed() -> None:
    workspace = make_workspace()
    admin = SetUp(workspace)
    assert "OPT OUT" in admin.add_word("OPT OUT")
    assert "in the list already, as OPT OUT" in admin.add_word("opt-Out!")
    assert "means something else" in admin.add_word("Help")
    assert "needs a letter" in admin.add_word("!!!")
    keyword = OptOutKeyword.unscoped.get()
    admin.post("sms_optoutkeyword_delete", keyword.pk, post="yes")
    assert not OptOutKeyword.unscoped.exists()
    actions = AuditEntry.unscoped.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["optoutkeyword.added", "optoutkeyword.deleted"]


@pytest.mark.feature("MIT-24", "MIT-61")
def test_an_answer_counts_in_any_case_and_script(office: Office) -> None:
    admin = SetUp(office.workspace)
    for word in ("stop", "iptal", "СТОП"):
        admin.add_word(word)
    texts = ("Stop.", "STOP", "İPTAL", "стоп", "sto")
    office.receive(*((f"200{number}", text) for number, text in enumerate(texts, start=1)))

    out = OptOut.unscoped.filter(is_active=True).values_list("phone_e164", flat=True)
    assert sorted(out) == [f"+1415555200{number}" for number in (1, 2, 3, 4)]
    assert Message.unscoped.filter(state="optout").count() == 4
    listed = admin.client.get(admin.address("sms_message_changelist"), {"status": "optout"})
    assert listed.content.decode().count(">OPTOUT</span>") == 4


@pytest.mark.feature("MIT-56")
def test_without_words_nobody_opts_out_and_the_page_says_what_that_means(office: Office) -> None:
    admin = SetUp(office.workspace)
    assert "Whoever answers STOP goes on getting texts" in admin.read(
        "sms_optoutkeyword_changelist"
    )
    office.receive(("2001", "STOP"))
    assert Message.unscoped.get().state == "received"
    assert not OptOut.unscoped.exists()

    page = admin.post("sms_keywords_suggested", language="english")
    assert "Added: STOP," in page
    assert "goes on getting texts" not in page


@pytest.mark.feature("K-16")
def test_a_new_workspace_begins_with_the_usual_words_and_may_have_none() -> None:
    call_command("create_workspace", "Blue Harbour", "--owner", "ida@harbour.test")
    workspace = Workspace.objects.get()
    words = OptOutKeyword.unscoped.filter(workspace=workspace).values_list("word", flat=True)
    assert set(words) == {"STOP", "QUIT", "END", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE"}

    admin = SetUp(workspace)
    ticked = [str(pk) for pk in OptOutKeyword.unscoped.values_list("pk", flat=True)]
    admin.post(
        "sms_optoutkeyword_changelist",
        action="delete_selected",
        _selected_action=ticked,
        post="yes",
    )
    assert not OptOutKeyword.unscoped.exists()
    with workspace_scope(workspace):
        assert add_words(["STOP", "stop"]) == ["STOP"]


@pytest.mark.feature("MIT-02")
def test_a_checklist_leads_to_the_first_message_and_ticks_itself(office: Office) -> None:
    admin = SetUp(office.workspace)
    assert "To the first text message" in admin.read("index")
    admin.post("sms_keywords_suggested", language="english")
    admin.post("sms_sender_test", Sender.unscoped.get().pk, to="+14155550001", text="A", key="k")
    submit_messages(office.connection.pk)
    assert "The gateway has reported on it" in admin.read("index")
    office.hear(2)
    home = admin.read("index")
    assert "To the first text message" not in home, "reached, and folded away"
    assert "Latest messages" in home
    assert "Delivered" in home

    fresh = SetUp(make_workspace("Elsewhere"))
    steps = fresh.read("index")
    for step in ("An SMS gateway is connected", "There is a default sender", "can opt out"):
        assert step in steps


def test_marketers_see_what_waits_and_today_on_home(office: Office) -> None:
    with workspace_scope(office.workspace):
        add_words(["STOP"])
    office.send("1012")
    office.receive(("0003", "do not stop"))
    marketer, admin = SetUp(office.workspace, "marketer"), SetUp(office.workspace)
    for member, may_decide in ((marketer, False), (admin, True)):
        home = member.read("index")
        assert "Of 1 message nobody knows whether it was sent" in home
        assert "1 answer may mean stop" in home
        assert "Messages sent" in home
        assert ("An SMS admin of this workspace can decide" in home) != may_decide
