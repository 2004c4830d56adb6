"""What headers ask for: answers only if something has changed, and compressed ones."""

import gzip
import json
import zlib

import pytest
import requests

from tests.integrations.simulators.org_client import OrgClient, refused


def _since(org: OrgClient, path: str, moment: str) -> requests.Response:
    return org.call("GET", path, headers={"If-Modified-Since": moment})


@pytest.mark.parametrize(
    ("path", "change", "what"),
    [
        ("sobjects", "restrict-object", {"sobject": "Case"}),
        ("sobjects/Contact/describe", "restrict-field", {"sobject": "Contact", "field": "Phone"}),
    ],
)
def test_a_describe_comes_again_only_after_a_change(
    org: OrgClient, path: str, change: str, what: dict[str, str]
) -> None:
    said = org.call("GET", path).headers["Last-Modified"]
    same = _since(org, path, said)
    assert (same.status_code, same.content) == (304, b"")
    assert "Sforce-Limit-Info" in same.headers
    assert _since(org, path, "Thu, 01 Jan 2026 00:00:00 GMT").status_code == 200
    assert _since(org, path, "not a date").status_code == 200

    org.act(change, **what)
    changed = _since(org, path, said)
    assert changed.status_code == 200
    assert _since(org, path, changed.headers["Last-Modified"]).status_code == 304


def _raw(org: OrgClient, accepted: str) -> tuple[str | None, bytes]:
    """The encoding of an answer, and its bytes as they came."""
    with org.call("GET", "limits", headers={"Accept-Encoding": accepted}, stream=True) as answer:
        body = answer.raw.read(decode_content=False)
        assert int(answer.headers["Content-Length"]) == len(body)
        return answer.headers.get("Content-Encoding"), body


def test_answers_are_compressed_for_who_takes_that(org: OrgClient) -> None:
    encoding, body = _raw(org, "deflate, gzip;q=1.0")
    assert encoding == "gzip"
    assert "DailyApiRequests" in json.loads(gzip.decompress(body))
    encoding, body = _raw(org, "gzip;q=0, deflate")
    assert encoding == "deflate"
    assert "DailyApiRequests" in json.loads(zlib.decompress(body))
    encoding, body = _raw(org, "identity")
    assert encoding is None
    assert "DailyApiRequests" in json.loads(body)


def test_requests_may_be_compressed(org: OrgClient) -> None:
    def create(body: bytes, encoding: str) -> requests.Response:
        headers = {"Content-Encoding": encoding, "Content-Type": "application/json"}
        return org.call("POST", "composite/sobjects", data=body, headers=headers)

    record = {"attributes": {"type": "Lead"}, "LastName": "Packed", "Company": "P"}
    body = json.dumps({"records": [record, record]}).encode()
    for packed, encoding in ((gzip.compress(body), "gzip"), (zlib.compress(body), "deflate")):
        assert [one["success"] for one in create(packed, encoding).json()] == [True, True]
        assert org.log()[-1]["notes"]["records"] == 2
    assert refused(create(body, "gzip")) == (400, "JSON_PARSER_ERROR")
    assert refused(create(body, "br")) == (415, "UNSUPPORTED_MEDIA_TYPE")
