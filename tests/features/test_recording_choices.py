"""What is recorded for whom: role settings, and members who narrow them (MIX-15 to MIX-17)."""

import pytest
from django.test import Client

from integrations.models import AuditEntry, Membership, PersonalRecording, RoleRecording
from tests.factories import make_member
from tests.features.company import Company

pytestmark = pytest.mark.django_db(transaction=True)

MESSAGES = ["message_sent", "message_received"]


class Console:
    """A member at the console."""

    def __init__(self, member: Membership) -> None:
        self.client = Client()
        self.client.force_login(member.user)
        self.base = f"/w/{member.workspace.slug}/"

    def read(self, rest: str) -> str:
        response = self.client.get(self.base + rest)
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    def send(self, rest: str, **data: object) -> int:
        return self.client.post(self.base + rest, data).status_code


@pytest.fixture
def admin(company: Company) -> Console:
    return Console(make_member(company.workspace))


@pytest.fixture
def agent(company: Company) -> Console:
    return Console(company.agent)


@pytest.mark.feature("MIX-15")
def test_what_a_role_does_not_record_is_not_written_and_the_trace_says_who_decided(
    company: Company, admin: Console
) -> None:
    company.take("+14155550101")
    assert len(company.tasks()) == 1

    assert admin.send("salesforce/role-settings/", call_agent=MESSAGES) == 302
    call = company.take("+14155550199")

    assert len(company.tasks()) == 1
    page = company.page_of(call)
    assert f"The role settings record no calls of {company.agent}." in page
    assert "under Salesforce, Role settings" in page
    entry = AuditEntry.unscoped.get(action="recording.roles_changed")
    assert entry.after["call_agent"] == sorted(MESSAGES)


@pytest.mark.feature("MIX-15")
def test_roles_add_up(company: Company, admin: Console) -> None:
    colleague = company.hire(roles=("call_agent", "marketer"), extension="202")
    admin.send("salesforce/role-settings/", call_agent=MESSAGES, marketer=["call"])

    company.take("+14155550101", extension=colleague.extension)

    assert len(company.tasks()) == 1


@pytest.mark.feature("MIX-16")
def test_members_leave_out_what_their_roles_allow_and_never_add_to_it(
    company: Company, admin: Console, agent: Console
) -> None:
    assert "When logging to Salesforce, record these activities" in agent.read("my/recording/")

    agent.send("my/recording/", kinds=MESSAGES)
    call = company.take("+14155550101")

    assert company.tasks() == []
    assert f"{company.agent} chose not to record calls in Salesforce." in company.page_of(call)
    assert AuditEntry.unscoped.get(action="recording.personal_changed").actor == company.agent.user

    admin.send("salesforce/role-settings/", call_agent=MESSAGES)
    assert "Your roles do not record this." in agent.read("my/recording/")
    agent.send("my/recording/", kinds=["call", *MESSAGES])
    company.take("+14155550199")

    assert company.tasks() == [], "a form cannot ask for more than the roles allow"


def test_what_is_chosen_later_leaves_the_record_of_an_earlier_call_alone(
    company: Company, agent: Console
) -> None:
    call = company.report("+14155550101")
    company.work(call)
    agent.send("my/recording/", kinds=MESSAGES)
    call.send("ended", 90, answered_at=5, ended_at=90, end_cause="normal")
    company.work(call)

    assert company.task()["CallDurationInSeconds"] == 85


def test_all_messages_is_kept_until_messages_are_set_up(company: Company, agent: Console) -> None:
    agent.send("my/recording/", kinds=["call"], all_messages="on")

    stored = PersonalRecording.unscoped.get()
    assert (stored.membership, stored.all_messages) == (company.agent, True)
    assert 'name="all_messages" id="id_all_messages" checked' in agent.read("my/recording/")


def test_kinds_of_another_release_keep_their_choice(company: Company, agent: Console) -> None:
    PersonalRecording.unscoped.create(
        workspace=company.workspace, membership=company.agent, left_out=["fax_shredded", "call"]
    )
    agent.send("my/recording/", kinds=["call"])

    assert "fax_shredded" in PersonalRecording.unscoped.get().left_out
    assert "call" not in PersonalRecording.unscoped.get().left_out


def test_role_settings_are_for_admins(company: Company, agent: Console) -> None:
    assert agent.client.get(agent.base + "salesforce/role-settings/").status_code == 403
    assert agent.send("salesforce/role-settings/", call_agent=["call"]) == 403
    assert not RoleRecording.unscoped.exists()
