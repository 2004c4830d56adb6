"""The pages of what the org holds."""

import requests

from tests.integrations.simulators.org_client import OrgClient


def _page(org: OrgClient, path: str) -> requests.Response:
    return org.session.get(org.url + path, timeout=5)


def test_home_counts_records_by_object(org: OrgClient) -> None:
    page = _page(org, "/")
    assert page.status_code == 200
    assert "Acme Instruments" in page.text
    assert "/lightning/o/Task/list" in page.text
    assert "prefers-color-scheme: dark" in page.text
    assert "src=" not in page.text


def test_a_record_page_shows_fields_and_activity(org: OrgClient) -> None:
    contact_id = org.record("Contact", Name="Ana Ito")["Id"]
    org.create_id("Task", Subject="Inbound Call at 10:00", WhoId=contact_id)
    page = _page(org, f"/{contact_id[:15]}")
    assert page.url.endswith(f"/lightning/r/Contact/{contact_id}/view")
    for words in ("Contact: Ana Ito", "(415) 555-0101", "Northwind Robotics", "Inbound Call at"):
        assert words in page.text
    listed = _page(org, "/lightning/o/Task/list")
    assert "Inbound Call at 10:00" in listed.text


def test_everything_is_escaped(org: OrgClient) -> None:
    hostile = "<script>alert('$x')</script>"
    contact_id = org.create_id("Contact", LastName=hostile, Phone='"><b>')
    for path in ("/lightning/o/Contact/list", f"/{contact_id}"):
        page = _page(org, path)
        assert "&lt;script&gt;" in page.text
        assert "<script>" not in page.text
        assert "<b>" not in page.text


def test_unknown_addresses_are_404(org: OrgClient) -> None:
    for path in ("/nonsense", "/lightning/o/Nothing/list", "/lightning/r/Task/x/view"):
        assert _page(org, path).status_code == 404
