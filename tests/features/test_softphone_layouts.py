"""Softphone layouts as an admin sets them up, and what calls do under them."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from calls.layout_settings import LayoutSettings
from calls.models import SoftphoneLayout
from integrations.addresses import console_url
from integrations.models import AuditEntry, Workspace
from tests.factories import make_member, make_workspace
from tests.features.company import Company

#: In the simulated org one Contact has this number; the company's clerk adds more.
NUMBER = "+14155559001"


class Designer:
    """An admin at the pages of layouts."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.client = Client()
        self.client.force_login(make_member(workspace).user)
        self.imports = console_url(workspace, "softphone_layout_import")

    def address(self, name: str, *args: Any) -> str:
        return console_url(self.workspace, f"calls_softphonelayout_{name}", *args)

    def save(self, layout: SoftphoneLayout | None = None, **changes: Any) -> Any:
        """Open the form, change some fields, press Save; the answer."""
        address = self.address("change", layout.pk) if layout else self.address("add")
        shown = self.client.get(address)
        form = shown.context["adminform"].form
        data = {name: value for name, value in form.initial.items() if value not in (None, False)}
        [formset] = shown.context["inline_admin_formsets"]
        data |= {f"assignments-{key}": value for key, value in
                 formset.formset.management_form.initial.items()}  # fmt: skip
        for number, row in enumerate(formset.formset.initial_forms):
            for key, value in (row.initial | {"id": row.instance.pk}).items():
                data[f"assignments-{number}-{key}"] = "" if value is None else value
        return self.client.post(address, data | changes)

    def add(self, name: str, **changes: Any) -> SoftphoneLayout:
        answer = self.save(name=name, **changes)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        return self.layout(name)

    def layout(self, name: str) -> SoftphoneLayout:
        return SoftphoneLayout.unscoped.get(workspace=self.workspace, name=name)

    def import_file(self, name: str, data: Any) -> str:
        text = data if isinstance(data, str) else json.dumps(data)
        file = SimpleUploadedFile("layout.json", text.encode())
        answer = self.client.post(self.imports, {"name": name, "file": file}, follow=True)
        return answer.content.decode()

    def export(self, layout: SoftphoneLayout) -> Any:
        answer = self.client.get(console_url(self.workspace, "softphone_layout_export", layout.pk))
        assert "attachment" in answer["Content-Disposition"]
        return answer.json()


def assign(number: int = 0, **row: Any) -> dict[str, Any]:
    """One more line of the form's table."""
    line = {f"assignments-{number}-{key}": value for key, value in row.items()}
    return {"assignments-TOTAL_FORMS": number + 1, **line}


@pytest.fixture
def designer(db: None) -> Designer:
    return Designer(make_workspace())


@pytest.mark.django_db
@pytest.mark.feature("CRC-14", "CRC-15")
def test_screen_pops_are_set_for_inbound_calls_and_begin_as_salesforce_s(
    designer: Designer,
) -> None:
    layout = designer.add("Front desk")
    assert layout.is_default, "the first holds for everybody"
    exported = designer.export(layout)
    assert exported == LayoutSettings().to_json()
    assert exported["Inbound"]["screenPopSettings"]["MultipleMatches"] == {
        "screenPopType": "DoNotPop"
    }
    designer.save(layout, many_matches="PopToSearch", opens_new_window="on")
    pops = designer.export(layout)
    assert pops["Inbound"]["screenPopSettings"]["MultipleMatches"] == {
        "screenPopType": "PopToSearch"
    }
    assert pops["Outbound"]["screenPopSettings"] == {}

    for call_type in ("Internal", "Outbound"):
        wrong = LayoutSettings().to_json()
        wrong[call_type]["screenPopSettings"] = pops["Inbound"]["screenPopSettings"]
        told = designer.import_file("Wrong", wrong)
        assert f"{call_type}.screenPopSettings: screen pops can be set for Inbound alone" in told
    assert not SoftphoneLayout.unscoped.filter(name="Wrong").exists()


@pytest.mark.django_db
def test_a_layout_of_salesforce_is_imported_exported_and_edited_without_losing_what_is_foreign(
    designer: Designer,
) -> None:
    theirs = LayoutSettings().to_json()
    theirs["Inbound"]["objects"]["Order__c"] = [{"displayName": "Order", "apiName": "Name"}]
    theirs["Inbound"]["callRelatedFields"] = ["ANI"]
    told = designer.import_file("From the org", theirs)
    assert "The layout From the org was imported." in told
    layout = designer.layout("From the org")
    assert designer.export(layout) == theirs

    answer = designer.save(layout, inbound_objects=["Contact", "Case"])
    assert answer.status_code == 302
    assert set(designer.export(layout)["Inbound"]["objects"]) == {"Contact", "Case", "Order__c"}

    told = designer.import_file("From the org", {"Inbound": {"callRelatedFields": 7}})
    assert "Nothing was imported: 4 things are wrong" in told
    assert designer.import_file("From the org", theirs)
    assert designer.export(layout) == theirs
    actions = AuditEntry.unscoped.filter(workspace=designer.workspace).values_list(
        "action", flat=True
    )
    assert sorted(actions) == [
        "softphonelayout.changed", "softphonelayout.imported", "softphonelayout.imported",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.feature("CRC-18", "CRC-35")
def test_layouts_are_given_to_members_and_roles_and_the_default_stays(designer: Designer) -> None:
    default = designer.add("Everybody")
    agent = make_member(designer.workspace, ("call_agent",))
    other = designer.add("Agents", **assign(0, role="call_agent"))
    designer.save(other, **assign(1, membership=agent.pk), **{"assignments-1-role": ""})
    assert other.assignments.model.unscoped.filter(layout=other).count() == 2

    both = designer.save(default, **assign(0, membership=agent.pk, role="admin"))
    assert "Choose either a member or a role." in both.content.decode()
    twice = designer.save(default, **assign(0, role="call_agent"))
    assert "This role has another layout already." in twice.content.decode()

    listed = designer.client.get(designer.address("changelist")).content.decode()
    assert "everybody else" in listed
    assert designer.client.get(designer.address("delete", default.pk)).status_code == 403
    ticked = {"action": "delete_selected", "_selected_action": [default.pk, other.pk], "post": "1"}
    designer.client.post(designer.address("changelist"), ticked)
    assert SoftphoneLayout.unscoped.filter(workspace=designer.workspace).count() == 2

    designer.client.post(designer.address("make_default", other.pk))
    assert designer.client.get(designer.address("delete", default.pk)).status_code == 200
    designer.client.post(designer.address("delete", default.pk), {"post": "yes"})
    assert designer.layout("Agents").is_default


@pytest.mark.django_db
@pytest.mark.feature("CRC-37")
def test_cases_can_be_listed_with_the_word_that_no_number_finds_them(designer: Designer) -> None:
    page = designer.client.get(designer.address("add")).content.decode()
    assert "no number finds a case, nor the case of a contact" in page
    refused = designer.save(name="Cases", inbound_objects=["Case"])
    assert "nothing else is found by number" in refused.content.decode()
    layout = designer.add("Cases too", inbound_objects=["Case", "Contact"])
    assert set(designer.export(layout)["Inbound"]["objects"]) == {"Case", "Contact"}


@pytest.mark.django_db
def test_a_page_or_flow_needs_its_name(designer: Designer) -> None:
    refused = designer.save(name="Page", one_match="PopToVisualforce", one_match_target="a b")
    assert "Write the API name" in refused.content.decode()
    layout = designer.add("Page", one_match="PopToVisualforce", one_match_target="Callers")
    pop = designer.export(layout)["Inbound"]["screenPopSettings"]["SingleMatch"]
    assert pop == {"screenPopType": "PopToVisualforce", "screenPopData": "Callers"}


@pytest.mark.feature("CRC-36", "CRC-37")
@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_a_layout_narrows_what_a_call_is_filed_under_in_both_directions(
    company: Company, direction: str
) -> None:
    contact = company.add_record("Contact", LastName="Ito", Phone=NUMBER)
    account = company.add_record("Account", Name="Ito & Co", Phone=NUMBER)
    company.add_record("Case", Subject="Broken", ContactId=contact)
    designer = Designer(company.workspace)
    designer.add("Everything")
    company.work(company.report(NUMBER, direction))
    unfiled = company.task()
    assert (unfiled["WhoId"], unfiled["WhatId"]) == (None, None), "two match, none is guessed"

    both = {"inbound_objects": ["Account", "Case"], "outbound_objects": ["Account", "Case"]}
    designer.add("Companies", **both, **assign(0, membership=company.agent.pk))
    call = company.work(company.report(NUMBER, direction))
    assert company.tasks()[-1]["WhatId"] == account
    assert "The softphone layout searches Account only: 1 of 2 records count." in (
        company.page_of(call)
    )

    # A colleague has the default; and what was planned before stays as it was planned.
    colleague = company.hire("202")
    company.work(company.report(NUMBER, direction, extension=colleague.extension))
    company.let_calls_be_planned_again()
    assert [task["WhatId"] for task in company.tasks()] == [None, account, None]
