"""An org with many more records than the seed's company has."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import OrgConfig
from integrations.simulators.server import run_in_thread
from tests.integrations.simulators.org_client import APP, OrgClient

RECORDS = 5_000


def _crowded(seed: int = 1) -> Any:
    return make_app(OrgConfig(apps=(APP,), seed=seed, more_records=RECORDS))


def _people(app: Any) -> list[Any]:
    rows = app.state.org.store.rows("SELECT Id, Name, Phone, AccountId FROM Contact ORDER BY Id")
    return [tuple(row) for row in rows]


@pytest.fixture(scope="module")
def crowd() -> Iterator[OrgClient]:
    app = _crowded()
    with run_in_thread(app) as server, requests.Session() as session:
        client = OrgClient(server.url, session)
        client.sign_in()
        yield client
    app.state.org.store.close()


def test_the_crowd_is_as_large_as_was_asked_for(crowd: OrgClient) -> None:
    counts = [
        crowd.query(f"SELECT COUNT() FROM {name}")["totalSize"]
        for name in ("Account", "Contact", "Lead", "Task")
    ]
    assert RECORDS <= sum(counts) <= RECORDS + 150


def test_the_same_seed_draws_the_same_people() -> None:
    first, second, other = _crowded(), _crowded(), _crowded(seed=2)
    assert _people(first) == _people(second) != _people(other)
    for app in (first, second, other):
        app.state.org.store.close()


def test_everybody_can_be_found_by_number(crowd: OrgClient) -> None:
    text = (
        "FIND {34910100007 OR 910100007} IN PHONE FIELDS "
        "RETURNING Contact(Id, Name), Lead(Id, Name)"
    )
    assert [kind for kind, _ in crowd.search(text)] == ["Contact"]


def test_a_long_result_is_read_page_by_page_as_it_stands_then(crowd: OrgClient) -> None:
    text = "SELECT Id, Name, Account.Name FROM Contact ORDER BY Name DESC"
    page = crowd.query(text)
    seen = page["records"]
    assert (page["done"], len(seen)) == (False, 2_000)
    last = seen[-1]["Name"]
    while not page["done"]:
        page = crowd.session.get(f"{crowd.url}{page['nextRecordsUrl']}", timeout=5).json()
        assert page["records"][0]["Name"] <= last
        seen += page["records"]
    assert len({one["Id"] for one in seen}) == page["totalSize"] == len(seen)
    names = [one["Name"].lower() for one in seen]
    assert names == sorted(names, reverse=True)
