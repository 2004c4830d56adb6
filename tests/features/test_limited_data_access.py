"""Limit Data Access: refused at the address, not merely hidden (RULES E2, K-18)."""

import pytest
from django.test import Client

from integrations.models import Membership
from integrations.roles import Role
from integrations.simulators.salesforce import seed
from tests.factories import make_member
from tests.features.company import Company

#: Roles that open the call log at all, without and with the limit.
OPEN_LOG = {Role.OWNER, Role.ADMIN, Role.CALL_MANAGER, Role.CALL_AGENT}
STILL_OPEN_LOG = {Role.OWNER, Role.ADMIN}


def answers(company: Company, member: Membership, call_id: int) -> dict[str, int]:
    """What the addresses of the log and of a call's Salesforce data answer to a member."""
    client = Client()
    client.force_login(member.user)
    base = f"/w/{company.workspace.slug}/calls/call"
    paths = ("", "export/", f"{call_id}/change/")
    return {path: client.get(f"{base}/{path}").status_code for path in paths}


@pytest.mark.feature("CTM-27", "CTM-28", "K-18")
@pytest.mark.parametrize("role", list(Role))
def test_call_managers_and_agents_lose_the_logs_and_nobody_else(
    company: Company, role: Role
) -> None:
    call = company.take(seed.ONE_CONTACT_NUMBER)
    member = company.hire("202", (role,))
    company.take(seed.ONE_CONTACT_NUMBER)

    before = answers(company, member, call.pk)
    company.choose(limit_data_access=True)
    after = answers(company, member, call.pk)

    own_page = {f"{call.pk}/change/"} if role in {Role.CALL_AGENT, Role.CALL_MANAGER} else set()
    for path in before:
        if role in OPEN_LOG:
            # Another agent's call is none of theirs: it does not exist for them.
            assert before[path] == (404 if path in own_page else 200), path
        else:
            assert before[path] == 403, path
        assert after[path] == (200 if role in STILL_OPEN_LOG else 403), path


@pytest.mark.feature("CTM-27", "K-18")
def test_own_calls_are_closed_too_but_the_own_activity_log_stays(company: Company) -> None:
    call = company.take(seed.ONE_CONTACT_NUMBER)
    assert set(answers(company, company.agent, call.pk).values()) == {200}

    company.choose(limit_data_access=True)

    assert set(answers(company, company.agent, call.pk).values()) == {403}
    client = Client()
    client.force_login(company.agent.user)
    log = client.get(f"/w/{company.workspace.slug}/integrations/crmwrite/")
    assert log.status_code == 200
    assert seed.ONE_CONTACT_NAME in log.content.decode()
    home = client.get(f"/w/{company.workspace.slug}/").content.decode()
    assert f"/calls/call/{call.pk}/" not in home + log.content.decode()


@pytest.mark.feature("CTM-28")
def test_access_by_another_role_is_kept(company: Company) -> None:
    call = company.take(seed.ONE_CONTACT_NUMBER)
    both = make_member(company.workspace, (Role.CALL_AGENT, Role.ADMIN))
    marketer = make_member(company.workspace, (Role.CALL_AGENT, Role.MARKETER))
    company.choose(limit_data_access=True)

    assert set(answers(company, both, call.pk).values()) == {200}
    assert set(answers(company, marketer, call.pk).values()) == {403}
