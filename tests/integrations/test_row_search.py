"""Finding rows by the words of a name or the beginning of a number, alike on every database."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from calls.models import Call
from calls.selectors import search_calls
from integrations import row_search
from integrations.models import AuditEntry, CrmWrite, Workspace
from integrations.row_search import find_by_name, find_by_number
from integrations.tenancy import workspace_scope
from sms.models import Message
from tests.factories import make_call, make_workspace

pytestmark = pytest.mark.django_db

NAMES = ("contact_name", "account_name", "caller_name")


@pytest.fixture
def acme() -> Workspace:
    return make_workspace(default_region="US")


def found(workspace: Workspace, term: str) -> list[str]:
    with workspace_scope(workspace):
        rows = find_by_name(Call.objects.all(), term, *NAMES)
        return sorted(rows.values_list("contact_name", flat=True))


@pytest.mark.parametrize(
    ("term", "names"),
    [
        ("smi", ["Anna Maria Smith", "Smilla Berg"]),
        ("an smi", ["Anna Maria Smith"]),
        ("SMITH  anna", ["Anna Maria Smith"]),
        ("mar", ["Anna Maria Smith"]),
        ("blue", ["Smilla Berg"]),
        ("mith", []),
        ("o'b", ["Pat O'Brien"]),
        ("x:* | ann", []),
        ("back\\", ["Back\\slash"]),
        ("'", []),
        ("lee", ["Kim (Lee-Jones)"]),
        ("kim-jon", ["Kim (Lee-Jones)"]),
        ("()", []),
        ("a" * 3000, []),
    ],
)
def test_every_typed_word_begins_a_word_of_a_name(
    acme: Workspace, term: str, names: list[str]
) -> None:
    phone_system = make_call(acme, contact_name="Anna Maria Smith").connection
    make_call(acme, phone_system, contact_name="Smilla Berg", account_name="The Bluebird Company")
    make_call(acme, phone_system, contact_name="Pat O'Brien")
    make_call(acme, phone_system, contact_name="Back\\slash")
    make_call(acme, phone_system, contact_name="Kim (Lee-Jones)")

    assert found(acme, term) == names


def test_names_of_another_workspace_are_not_found(acme: Workspace) -> None:
    make_call(make_workspace("Globex"), contact_name="Anna Smith")

    assert found(acme, "smith") == []


@pytest.mark.parametrize("few", [0, 2_000])
def test_few_and_many_are_the_same_rows_in_the_order_of_the_list(
    acme: Workspace, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_search, "MANY", few)
    calls = [make_call(acme, contact_name="Anna Smith") for _number in range(3)]
    make_call(acme, contact_name="Bo Berg", external_e164="+4930123")
    with workspace_scope(acme):
        rows = Call.objects.select_related("workspace", "connection")
        by_name = list(search_calls(rows, "smith", "US"))
        by_number = list(search_calls(rows, "415", "US"))

    assert by_name == by_number == calls[::-1]


@given(digits=st.text("0123456789", min_size=1, max_size=5), prefix=st.text("019", max_size=4))
def test_a_number_is_found_by_each_of_its_beginnings_and_no_other(digits: str, prefix: str) -> None:
    number, sought = f"+{digits}", f"+{prefix}"
    acme = make_workspace()
    make_call(acme, external_e164=number)
    with workspace_scope(acme):
        rows = find_by_number(Call.objects.all(), "external_e164", sought)

        assert rows.exists() == number.startswith(sought)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("model", "columns", "index"),
    [
        (Call, NAMES, "call_words"),
        (Message, ("person_name",), "message_words"),
        (CrmWrite, ("label",), "crm_write_words"),
        (AuditEntry, ("actor_label", "action", "target_label"), "audit_words"),
    ],
)
def test_names_are_looked_up_in_an_index(
    acme: Workspace, model: Any, columns: tuple[str, ...], index: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    with workspace_scope(acme):
        wanted = row_search._BeginWords(*columns, words=["smi"], workspace=acme.pk)

        assert index in model.unscoped.order_by().filter(wanted).explain()
