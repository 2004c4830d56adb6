"""Which hosts may be signed in at, and which orgs belong to them."""

import pytest

from integrations.errors import NeedsAttention
from integrations.salesforce import versions
from integrations.salesforce.hosts import find_host_problem, frame_hosts, read_login_host


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("acme.my.salesforce.com", "https://acme.my.salesforce.com"),
        (" https://Acme.my.salesforce.com/ ", "https://acme.my.salesforce.com"),
        (
            "acme--uat.sandbox.my.salesforce.com",
            "https://acme--uat.sandbox.my.salesforce.com",
        ),
    ],
)
def test_a_host_is_read_as_people_type_it(typed: str, url: str) -> None:
    assert read_login_host(typed) == url


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "acme.lightning.force.com",
        "salesforce.com.evil.test",
        "http://acme.my.salesforce.com",
        "https://user@acme.my.salesforce.com",
        "acme",
    ],
)
def test_other_hosts_are_refused(typed: str) -> None:
    with pytest.raises(NeedsAttention):
        read_login_host(typed)


@pytest.mark.parametrize(
    ("login_url", "is_sandbox", "is_problem"),
    [
        ("https://login.salesforce.com", False, False),
        ("https://login.salesforce.com", True, True),
        ("https://test.salesforce.com", True, False),
        ("https://test.salesforce.com", False, True),
        ("https://acme.my.salesforce.com", False, False),
        ("https://acme--uat.sandbox.my.salesforce.com", True, False),
        ("https://acme--uat.sandbox.my.salesforce.com", False, True),
        ("http://127.0.0.1:8010", True, False),
    ],
)
def test_a_sandbox_belongs_to_sandbox_hosts(
    login_url: str, is_sandbox: bool, is_problem: bool
) -> None:
    assert bool(find_host_problem(login_url, is_sandbox=is_sandbox)) == is_problem


@pytest.mark.parametrize(
    ("wanted", "offered", "chosen"),
    [
        ("51.0", ["50.0", "51.0", "68.0"], "51.0"),
        ("51.0", ["55.0", "68.0"], "68.0"),
        ("60.0", ["51.0", "9.0", "68.0"], "68.0"),
        ("51.0", [], "51.0"),
        ("51.0", ["latest"], "51.0"),
    ],
)
def test_a_version_is_kept_while_the_org_offers_it(
    wanted: str, offered: list[str], chosen: str
) -> None:
    assert versions.choose(wanted, offered) == chosen


def test_an_org_s_pages_live_at_names_made_from_its_domain() -> None:
    assert frame_hosts("https://acme.my.salesforce.com") == [
        "https://acme.my.salesforce.com",
        "https://acme.lightning.force.com",
        "https://acme--c.vf.force.com",
    ]
    assert frame_hosts("https://acme--uat.sandbox.my.salesforce.com")[1:] == [
        "https://acme--uat.sandbox.lightning.force.com",
        "https://acme--uat--c.sandbox.vf.force.com",
    ]
    assert frame_hosts("https://eu5.salesforce.com") == ["https://eu5.salesforce.com"]
    assert frame_hosts("") == []
