"""Records of a past that was played in a copy of the org, and an org that lives at another time."""

from datetime import UTC, datetime
from typing import Any

import requests

from integrations.simulators.salesforce.app import make_app
from integrations.simulators.salesforce.config import OrgConfig
from integrations.simulators.salesforce.ids import make_id, number_of
from integrations.simulators.server import run_in_thread

THEN = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)


def get(url: str, name: str, **filters: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{url}/_sim/records/{name}", params=filters, timeout=5)
    return list(answer.json())


def plant(url: str, *records: dict[str, Any]) -> requests.Response:
    body = {"sobject": "Task", "records": records}
    return requests.post(f"{url}/_sim/actions/plant-records", json=body, timeout=5)


def test_a_record_comes_in_as_it_was_and_once() -> None:
    app = make_app(OrgConfig(index_lag_seconds=0))
    with run_in_thread(app) as org:
        (old, *_) = [task for task in get(org.url, "Task") if task["WhoId"]]
        app.state.org.store.execute("DELETE FROM Task WHERE Id = ?", [old["Id"]])
        assert plant(org.url, old, old).json() == {"planted": 2}
        assert get(org.url, "Task", Id=old["Id"]) == [old]
        (contact,) = get(org.url, "Contact", Id=old["WhoId"])
        assert contact["LastActivityDate"] >= old["ActivityDate"]


def test_an_id_that_the_org_has_not_given_out_is_refused_with_all_of_its_request() -> None:
    with run_in_thread(make_app(OrgConfig(index_lag_seconds=0))) as org:
        (known, *_) = get(org.url, "Task")
        far = make_id("00T", known["Id"][3:5], 5_000)
        before = len(get(org.url, "Task"))
        refused = plant(org.url, {**known, "Id": far})
        assert refused.status_code == 409
        assert "not of this org's past" in refused.json()["error"]
        assert len(get(org.url, "Task")) == before


def test_ids_are_read_back() -> None:
    assert number_of(make_id("00T", "Tn", 12_345)) == 12_345


def test_an_org_can_live_at_another_time() -> None:
    with run_in_thread(make_app(OrgConfig(clock=lambda: THEN))) as org:
        created = [account["CreatedDate"] for account in get(org.url, "Account")]
        assert max(created) < "2026-03-04"
