"""Lightning and Classic: the same pages at the addresses that each has for them."""

import pytest

from integrations.models import Connection
from integrations.record_links import record_url
from tests.integrations.simulators.org_client import OrgClient
from tests.integrations.simulators.salesforce.ui.person import Person, text_of


@pytest.mark.parametrize(
    ("dress", "address"),
    [("lightning", "/lightning/r/Contact/{id}/view"), ("classic", "/{short}")],
)
@pytest.mark.parametrize("length", [15, 18])
def test_the_links_of_patchbay_open_the_record_in_both(
    admin: Person, ana_id: str, dress: str, address: str, length: int
) -> None:
    admin.prefer(dress)
    connection = Connection(instance_url=admin.org.url)
    page = admin.open(record_url(connection, ana_id[:length]).removeprefix(admin.org.url))
    assert page.url == admin.org.url + address.format(id=ana_id, short=ana_id[:15])
    assert "Ana Ito" in page.text
    assert f'class="{dress}"' in page.text


def test_each_address_leads_to_the_page_in_the_dress_of_the_user(
    admin: Person, ana_id: str
) -> None:
    record = f"/lightning/r/Contact/{ana_id}"
    short = ana_id[:15]
    pairs = [
        ("/lightning/page/home", "/home/home.jsp"),
        ("/lightning/o/Contact/list", "/003/o"),
        ("/lightning/o/Contact/new", "/003/e"),
        (f"{record}/view", f"/{short}"),
        (f"{record}/edit", f"/{short}/e"),
        ("/lightning/r/Account/{account}/related/Contacts/view", "/{account15}/related/Contacts"),
    ]
    account = str(admin.org.record("Contact", Id=ana_id)["AccountId"])
    named = {"account": account, "account15": account[:15]}
    for dress, own in (("lightning", 0), ("classic", 1)):
        admin.prefer(dress)
        for pair in pairs:
            expected = admin.org.url + pair[own].format(**named)
            landed = [admin.open(one.format(**named)) for one in pair]
            assert [(one.status_code, one.url) for one in landed] == [(200, expected)] * 2
    assert "/view" in Person(admin.org, "sync@acme.test").open(f"/{ana_id}").url


def test_new_forms_are_prefilled_as_each_dress_does_it(admin: Person) -> None:
    lightning = (
        "/lightning/o/Contact/new?defaultFieldValues=LastName=Lovelace%2CPhone=%252B14155550142"
    )
    classic = "/003/e?name_lastcon2=Lovelace&con10=%2B14155550142"
    for dress in ("lightning", "classic"):
        admin.prefer(dress)
        for address in (lightning, classic):
            page = admin.open(address).text
            assert 'value="Lovelace"' in page
            assert 'value="+14155550142"' in page
    for dress, ids in (
        ("lightning", {"LastName", "Phone"}),
        ("classic", {"name_lastcon2", "con10"}),
    ):
        admin.prefer(dress)
        page = admin.open(classic).text
        assert all(f'id="{one}"' in page for one in ids)


def test_nobody_else_changes_dress_with_one(admin: Person, agent: Person) -> None:
    admin.prefer("classic")
    assert 'class="classic"' in admin.open("/lightning").text
    assert 'class="lightning"' in agent.open("/lightning").text


def test_unknown_addresses_say_so(admin: Person, org: OrgClient) -> None:
    for path in ("/lightning/o/Nothing/list", "/003000000000000", "/lightning/r/x/view", "/zzz/o"):
        page = admin.open(path)
        assert page.status_code == 404
        assert "This page is not available" in text_of(page)
    assert admin.open("/nonsense").status_code == 404
