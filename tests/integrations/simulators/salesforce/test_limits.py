"""What the org may use, what it holds, and how long a request may be (reference 3.1, 5.4)."""

from tests.integrations.simulators.org_client import OrgClient


def test_limits_name_allowances_with_what_is_left(org: OrgClient) -> None:
    before = org.call("GET", "limits").json()
    after = org.call("GET", "limits").json()
    spent = before["DailyApiRequests"]["Remaining"] - after["DailyApiRequests"]["Remaining"]
    assert spent == 1
    assert {"DataStorageMB", "FileStorageMB", "DailyBulkApiBatches"} <= set(after)
    assert all(one["Max"] >= one["Remaining"] > 0 for one in after.values())


def test_record_counts_are_of_living_records_of_visible_objects(org: OrgClient) -> None:
    def count() -> dict[str, int]:
        answer = org.call("GET", "limits/recordCount?sObjects=Contact,Lead,Nope").json()
        return {one["name"]: one["count"] for one in answer["sObjects"]}

    before = count()
    assert set(before) == {"Contact", "Lead"}
    lead_id = org.create_id("Lead", LastName="Counted", Company="C")
    assert count()["Lead"] == before["Lead"] + 1
    org.call("DELETE", f"sobjects/Lead/{lead_id}")
    assert count() == before


def test_an_address_and_headers_of_more_than_16_kilobytes_are_refused(org: OrgClient) -> None:
    query = "SELECT Id FROM Contact WHERE Name = '{}'"
    assert org.session.get(
        f"{org.data}/query", params={"q": query.format("x" * 16_384)}, timeout=5
    ).status_code == 414  # fmt: skip
    long = {"X-Long": "x" * 16_384}
    assert org.session.get(f"{org.data}/limits", headers=long, timeout=5).status_code == 431
