"""What calls do on agents' panels under their layouts, from the phone system's event on."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from calls.layout_file import read_layout
from calls.layout_settings import LayoutSettings, Matches, Pop, PopKind
from calls.models import SoftphoneLayoutAssignment
from calls.softphone_layouts import import_layout
from integrations.jobs import answer_lookups, drain_inbox
from integrations.models import Membership
from integrations.simulators.salesforce import seed
from integrations.tenancy import workspace_scope
from tests.calls.panel_client import PanelClient
from tests.deliveries import PhoneCall
from tests.factories import make_member
from tests.features.company import Company

pytestmark = pytest.mark.django_db(transaction=True)


class Screens:
    """Agents with open panels, and layouts that an admin gave them."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.admin = make_member(company.workspace).user

    def give(self, name: str, to: Membership | None = None, *, role: str = "", **pops: Pop) -> None:
        """A layout with these settings by match class, for a member or a role."""
        chosen = {Matches[matches.upper()]: pop for matches, pop in pops.items()}
        settings = LayoutSettings(pops={**LayoutSettings().pops, **chosen})
        with workspace_scope(self.company.workspace):
            layout = import_layout(name, settings, actor=self.admin)
            if to or role:
                SoftphoneLayoutAssignment.objects.create(
                    workspace=self.company.workspace, layout=layout, membership=to, role=role
                )

    def ring(self, external: str, member: Membership, direction: str = "inbound") -> dict[str, Any]:
        """A call that is on its way; what the member's panel shows of it."""
        call = PhoneCall(
            self.company.phone_system,
            external=external,
            direction=direction,
            started_at=datetime.now(UTC),
        )
        call.send("ringing", 0, extension=member.extension)
        drain_inbox(self.company.phone_system.pk)
        answer_lookups(self.company.connection.pk)
        shown = PanelClient(member).call()
        call.send("ended", 1, extension=member.extension, ended_at=1)
        drain_inbox(self.company.phone_system.pk)
        return shown


@pytest.fixture
def screens(company: Company) -> Screens:
    return Screens(company)


@pytest.mark.feature("CRC-16", "CRC-34", "K-04")
@pytest.mark.parametrize("direction", ["inbound", "outbound"])
def test_without_a_match_and_without_a_choice_a_lead_is_made(
    company: Company, screens: Screens, direction: str
) -> None:
    for given in (None, Pop(PopKind.NOTHING), Pop(PopKind.ENTITY), Pop(PopKind.PAGE, "Callers")):
        if given:
            screens.give("Default", none=given)
        shown = screens.ring(seed.NOBODY_NUMBER, company.agent, direction)
        assert (shown["badge"], shown["new_object"]) == ("new", "Lead")
        assert "/Lead/new" in shown["new_url"]
    assert company.org.records("Lead", Phone=seed.NOBODY_NUMBER) == [], "nothing before Save"


@pytest.mark.feature("CRC-17", "CRC-42")
@pytest.mark.parametrize(
    ("sobject", "field"),
    [("Contact", "Phone"), ("Account", "Phone"), ("Case", "SuppliedPhone")],
)
def test_the_layout_chooses_what_new_makes_with_the_number_filled_in(
    company: Company, screens: Screens, sobject: str, field: str
) -> None:
    screens.give("Default", none=Pop(PopKind.ENTITY, sobject))
    shown = screens.ring(seed.NOBODY_NUMBER, company.agent)
    assert (shown["badge"], shown["new_object"]) == ("new", sobject)
    assert f"/{sobject}/new" in shown["new_url"]
    assert f"={field}={seed.NOBODY_NUMBER}" in unquote(unquote(shown["new_url"]))


@pytest.mark.feature("CRC-18", "CRC-35")
def test_the_same_call_does_something_else_under_another_agent_s_layout(
    company: Company, screens: Screens
) -> None:
    second, third = company.hire("202"), company.hire("203", roles=("call_manager",))
    screens.give("Default", none=Pop(PopKind.ENTITY, "Account"))
    screens.give("Managers", role="call_manager", none=Pop(PopKind.ENTITY, "Case"))
    screens.give("Second", second, none=Pop(PopKind.ENTITY, "Contact"))
    made = [
        screens.ring(seed.NOBODY_NUMBER, member)["new_object"]
        for member in (company.agent, second, third)
    ]
    assert made == ["Account", "Contact", "Case"]


@pytest.mark.feature("CRC-14", "CRC-24", "CRC-38")
@pytest.mark.parametrize(
    ("pop", "dialog", "direction", "shows"),
    [
        (None, True, "inbound", "search"),
        (Pop(PopKind.PAGE, "Callers"), True, "outbound", "search"),
        (None, False, "inbound", "several_nothing"),
        (Pop(PopKind.SEARCH), False, "inbound", "several_inside"),
        (Pop(PopKind.PAGE, "Callers"), False, "inbound", "several_inside"),
        (Pop(PopKind.FLOW, "Greet"), False, "inbound", "several_inside"),
        (Pop(PopKind.SEARCH), False, "outbound", "several_outbound"),
    ],
)
def test_several_matches_follow_the_layout_once_the_dialog_is_off(
    company: Company, screens: Screens, pop: Pop | None, dialog: bool, direction: str, shows: str
) -> None:
    company.choose(search_dialog=dialog)
    if pop:
        screens.give("Default", several=pop)
    shown = screens.ring(seed.TWO_CONTACTS_NUMBER, company.agent, direction)
    assert (shown["badge"] or shown["no_badge"]) == shows
    assert bool(shown["no_badge_text"]) == (shown["badge"] is None), "a sentence, no dead button"


@pytest.mark.feature("CRC-36")
def test_objects_that_a_layout_leaves_out_are_not_offered(
    company: Company, screens: Screens
) -> None:
    everything = screens.ring(seed.CONTACT_ACCOUNT_LEAD_NUMBER, company.agent)
    assert (everything["badge"], len(everything["records"])) == ("search", 3)
    usual = LayoutSettings().to_json()
    usual["Inbound"]["objects"].pop("Contact")
    usual["Inbound"]["objects"].pop("Account")
    with workspace_scope(company.workspace):
        import_layout("Default", read_layout(usual), actor=screens.admin)
    narrowed = screens.ring(seed.CONTACT_ACCOUNT_LEAD_NUMBER, company.agent)
    assert [one["sobject"] for one in narrowed["records"]] == ["Lead"]
    assert narrowed["badge"] == "pop"


@pytest.mark.feature("K-20")
def test_without_contact_retrieval_the_panel_still_searches_and_nothing_is_kept(
    company: Company, screens: Screens
) -> None:
    company.choose(retrieve_contacts=False)
    shown = screens.ring(seed.ONE_CONTACT_NUMBER, company.agent)
    assert (shown["badge"], shown["records"][0]["sobject"]) == ("pop", "Contact")
    assert company.directory() == []
