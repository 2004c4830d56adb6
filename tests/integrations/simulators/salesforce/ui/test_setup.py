"""Setup: every switch as a form, through the same actions as `/_sim/`."""

import re

import pytest
import requests

from integrations.simulators.salesforce.ui.setup.forms import TOPICS
from tests.integrations.simulators.org_client import OrgClient, refused
from tests.integrations.simulators.salesforce.ui.person import AGENT, text_of

#: What people do on the pages of records, or only programs do.
NOT_IN_SETUP = {
    "edit-record",
    "delete-record",
    "undelete-record",
    "empty-recycle-bin",
    "convert-lead",
    "merge-records",
    "issue-tokens",
    "plant-records",
}
OF_SETUP_ITSELF = {"add-fault", "lift-faults", "reset"}


def _turn(org: OrgClient, topic: str, action: str, **form: str) -> requests.Response:
    address = f"{org.url}/_sim/setup/{topic}"
    answer = requests.post(address, data={"action": action, **form}, timeout=5)
    assert answer.status_code == 200, answer.text
    return answer


def _open(org: OrgClient, topic: str, **query: str) -> str:
    return text_of(requests.get(f"{org.url}/_sim/setup/{topic}", params=query, timeout=5))


def test_setup_has_a_form_for_every_action(org: OrgClient) -> None:
    known = org.control("POST", "actions/nonsense").json()["error"]
    actions = set(re.findall(r"[a-z]+(?:-[a-z]+)+|allow|refuse", known.partition(":")[2]))
    forms = {one.action for _, switches in TOPICS.values() for one in switches}
    assert forms - OF_SETUP_ITSELF == actions - NOT_IN_SETUP


@pytest.mark.parametrize("topic", TOPICS)
def test_every_page_of_setup_opens_without_a_log_in(org: OrgClient, topic: str) -> None:
    org.break_next(path="", fault="status", status=503)
    assert f"Setup: {TOPICS[topic][0]}" in _open(org, topic)
    assert requests.get(f"{org.url}/", timeout=5).status_code == 503


def test_facts_of_the_org_follow_the_edition(org: OrgClient) -> None:
    page = _turn(org, "org", "set-edition", edition="Essentials Edition", is_sandbox="no")
    words = text_of(page)
    assert "Done: Edition." in words
    assert "Edition Essentials Edition Sandbox No" in words
    assert "API No API requests used 0 of 0" in words
    assert refused(org.call("GET", "limits")) == (403, "API_DISABLED_FOR_ORG")


def test_permissions_are_taken_from_one_user_or_from_a_profile(org: OrgClient) -> None:
    _turn(org, "permissions", "restrict-object", sobject="Task", username=AGENT,
          **{"lost:create": "1", "lost:edit": "1"})  # fmt: skip
    _turn(org, "permissions", "restrict-field", sobject="Contact", field="Fax", hidden="no",
          username="profile: Standard User")  # fmt: skip
    _turn(org, "permissions", "set-permission", permission="PermissionsApiEnabled", on="no",
          username="profile: Standard User")  # fmt: skip
    words = _open(org, "permissions", user=AGENT)
    assert "ApiEnabled No" in words
    assert "Task Yes No No Yes" in words
    assert re.search(r"Contact Yes Yes Yes Yes Fax\b", words)
    assert "ApiEnabled Yes" in _open(org, "permissions", user="admin@acme.test")
    org.sign_in(AGENT)
    assert org.create("Task", Subject="Call").status_code == 403
    _turn(org, "permissions", "lift-restrictions")
    assert org.create("Task", Subject="Call").status_code == 201


def test_rules_are_made_shown_and_switched_off(org: OrgClient) -> None:
    _turn(org, "rules", "add-validation-rule", sobject="Lead", when="Phone = null",
          message="A number, please.", field="Phone")  # fmt: skip
    _turn(org, "rules", "add-duplicate-rule", sobject="Lead", fields="Email, Phone", blocks="yes")
    _turn(org, "rules", "require-field", sobject="Contact", field="Email")
    words = _open(org, "rules")
    assert "Validation Lead Phone = null: A number, please. (at Phone) always" in words
    assert "Duplicates Lead Email, Phone; blocks" in words
    assert "Required field Contact Email" in words
    answer = org.create("Lead", LastName="X", Company="Y")
    assert refused(answer) == (400, "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    _turn(org, "rules", "allow", sobject="")
    assert org.create("Lead", LastName="X", Company="Y").status_code == 201


@pytest.mark.parametrize(
    ("topic", "form", "words"),
    [
        ("rules", {"action": "require-field", "sobject": "Lead", "field": "No"}, "has no field No"),
        ("rules", {"action": "add-validation-rule", "sobject": "Lead"}, "when is missing"),
        ("rules", {"action": "add-validation-rule", "sobject": "Lead", "when": "("}, "unexpected"),
        ("org", {"action": "set-limit", "maximum": "many"}, "invalid literal"),
        ("faults", {"action": "add-fault", "fault": "cut", "path": "("}, "missing )"),
    ],
)
def test_what_cannot_be_done_is_said(
    org: OrgClient, topic: str, form: dict[str, str], words: str
) -> None:
    page = _turn(org, topic, **form)
    assert 'role="alert"' in page.text
    assert words in text_of(page)


def test_faults_strike_and_are_lifted(org: OrgClient) -> None:
    _turn(org, "faults", "add-fault", fault="status", path="/limits$", status="503", times="2")
    assert org.call("GET", "limits").status_code == 503
    assert "1 status every /limits$ status 503, times 2 1 times" in _open(org, "faults")
    assert "503 (fault status; carried out: no)" in _open(org, "requests", result="faults")
    _turn(org, "faults", "lift-faults")
    assert org.call("GET", "limits").status_code == 200


def test_the_request_log_is_filtered(org: OrgClient) -> None:
    org.query("SELECT Id FROM Contact LIMIT 1")
    org.call("GET", "sobjects/Nothing")
    requests.get(f"{org.url}/login", timeout=5)
    assert "GET /login" not in _open(org, "requests")
    assert "GET /login" in _open(org, "requests", kind="all")
    errors = _open(org, "requests", result="errors")
    assert "sobjects/Nothing" in errors
    assert "SELECT Id FROM Contact" not in errors
    assert "SELECT Id FROM Contact" in _open(org, "requests", path="/query", method="GET")
    assert "No request fits." in _open(org, "requests", method="DELETE")


def test_starting_anew_forgets_everything(org: OrgClient, ana_id: str) -> None:
    org.call("DELETE", f"sobjects/Contact/{ana_id}")
    org.break_next(path="", fault="status", status=503)
    _turn(org, "org", "reset")
    assert org.records("Contact", Name="Ana Ito")
    assert org.log() == []
    assert org.control("GET", "faults").json() == []
