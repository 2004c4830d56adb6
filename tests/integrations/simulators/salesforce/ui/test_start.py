"""Before anything else: what this org is, logging in and out."""

import pytest
import requests

from tests.integrations.simulators.org_client import OrgClient
from tests.integrations.simulators.salesforce.ui.person import AGENT, PASSWORD, Person, text_of


def _get(org: OrgClient, path: str) -> requests.Response:
    return requests.get(org.url + path, timeout=5)


def test_a_stranger_is_told_what_this_is_and_who_can_log_in(org: OrgClient) -> None:
    page = _get(org, "/")
    words = text_of(page)
    assert "Salesforce is where a company keeps its customers" in words
    for username in ("sync@acme.test", "admin@acme.test", AGENT):
        assert username in words
    assert f"Everybody's password is {PASSWORD}" in words
    assert 'href="/_sim/setup"' in page.text


def test_no_page_asks_for_anything_outside(org: OrgClient) -> None:
    page = _get(org, "/")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "src=" not in page.text
    assert "prefers-color-scheme: dark" in _get(org, "/_sim/pages.css").text


def test_whoever_is_not_logged_in_gets_where_they_wanted_to_after_it(
    org: OrgClient, ana_id: str
) -> None:
    person = requests.Session()
    asked = person.get(f"{org.url}/{ana_id}", timeout=5)
    assert asked.url.endswith(f"/login?startURL=%2F{ana_id}")
    form = {"un": AGENT.upper(), "pw": PASSWORD, "startURL": f"/{ana_id}"}
    assert "Ana Ito" in person.post(f"{org.url}/login", data=form, timeout=5).text


@pytest.mark.parametrize(
    ("username", "password"),
    [(AGENT, "wrong"), ("nobody@acme.test", PASSWORD), ("left@acme.test", PASSWORD)],
)
def test_a_wrong_name_or_password_or_an_inactive_user_stays_outside(
    org: OrgClient, username: str, password: str
) -> None:
    form = {"un": username, "pw": password}
    answer = requests.post(f"{org.url}/login", data=form, timeout=5)
    assert "User name or password is wrong." in text_of(answer)
    assert not answer.cookies


def test_a_deactivated_user_is_logged_out(agent: Person) -> None:
    agent.org.act("deactivate-user", username=AGENT)
    assert "/login" in agent.open("/lightning").url


def test_another_user_can_take_over_and_log_out_again(agent: Person) -> None:
    answer = agent.post("/login", un="agent2@acme.test", pw=PASSWORD, startURL="/lightning")
    assert "Cleo Dubois" in text_of(answer)
    agent.post("/secur/logout.jsp")
    assert "/login" in agent.open("/lightning/page/home").url


@pytest.mark.parametrize("start", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_logging_in_leads_nowhere_else(org: OrgClient, start: str) -> None:
    form = {"un": AGENT, "pw": PASSWORD, "startURL": start}
    answer = requests.post(f"{org.url}/login", data=form, allow_redirects=False, timeout=5)
    assert answer.headers["location"] == "/lightning"


def test_a_form_that_is_posted_without_a_session_changes_nothing(
    org: OrgClient, ana_id: str
) -> None:
    requests.post(f"{org.url}/_ui/records/{ana_id}/delete", timeout=5)
    assert org.record("Contact", Id=ana_id)["IsDeleted"] is False
