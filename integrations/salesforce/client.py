"""The Salesforce REST client (MII-12): one small door with deadlines, typed errors and a meter.

Never call it inside a database transaction; the HTTP layer refuses.
"""

import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote as url_quote

import requests
import structlog
from django.conf import settings

from integrations.errors import CredentialsRejected, Unavailable
from integrations.http import outgoing_session
from integrations.models import Connection
from integrations.salesforce.answers import (
    RecordResult,
    SessionRejected,
    listed,
    read_answer,
    read_pair,
    read_rehearsal,
    read_results,
)
from integrations.salesforce.hosts import check_salesforce_url
from integrations.salesforce.tokens import Access, AccessSource, ConnectionAccess
from integrations.salesforce.usage import parse_limit_info, record_request

__all__ = ["MAX_RECORDS", "Record", "RecordResult", "SalesforceClient", "to_record"]

log = structlog.get_logger()

#: A record as Salesforce writes it: fields by name, and ``attributes`` with its ``type``.
Record = dict[str, Any]

MAX_RECORDS = 200
#: Assignment rules would give our leads to somebody else (RULES C3, salesforce.md 3.1).
_WRITE_HEADERS = {"Sforce-Auto-Assign": "FALSE"}
#: An id that no record ever has.
_NO_RECORD = "000000000000000AAA"


def to_record(sobject: str, fields: Mapping[str, Any], record_id: str = "") -> Record:
    """An entry for ``create_records``, or with an id for ``update_records``."""
    record: Record = {"attributes": {"type": sobject}}
    return record | ({"Id": record_id} if record_id else {}) | dict(fields)


class SalesforceClient:
    """Requests of one connection, counted under ``feature``.

    The tokens are read from the connection's row for each request. A refused session is renewed
    and the request repeated once; after that CredentialsRejected is raised and the connection
    needs to be reconnected. ``access`` replaces the stored tokens while connecting, and
    ``deadline_seconds`` the setting where a person waits. Reading methods raise RetryLater or
    NeedsAttention, writing ones OutcomeUnknown as well.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        feature: str,
        access: AccessSource | None = None,
        deadline_seconds: float | None = None,
    ) -> None:
        self.connection = connection
        self._feature = feature
        self._access = access or ConnectionAccess(connection)
        self._session = outgoing_session(
            deadline_seconds=deadline_seconds or settings.SALESFORCE_DEADLINE_SECONDS
        )
        self._base = f"/services/data/v{connection.api_version}"
        #: Requests made so far; those under a session that Salesforce refused do not count.
        self.requests = 0

    def query(self, soql: str) -> list[Record]:
        """All records of a SOQL query, page after page."""
        return self._pages(f"{self._base}/query", soql)

    def query_all(self, soql: str) -> list[Record]:
        """Like ``query``, with deleted and archived records (RULES C2)."""
        return self._pages(f"{self._base}/queryAll", soql)

    def search(self, sosl: str) -> list[Record]:
        """The records of a SOSL search, types mixed; their type is in ``attributes``."""
        return listed(self._get(f"{self._base}/search", {"q": sosl}), "searchRecords")

    def describe(self, sobject: str) -> Record:
        """What the connected user may see and do of an object."""
        return self._get(f"{self._sobject(sobject)}/describe")

    def get_record(self, sobject: str, record_id: str, fields: Sequence[str]) -> Record:
        """Some fields of one record."""
        path = (
            f"{self._base}/sobjects/{url_quote(sobject, safe='')}/{url_quote(record_id, safe='')}"
        )
        return dict(self._get(path, {"fields": ",".join(fields)}))

    def create_records(self, records: Sequence[Record]) -> list[RecordResult]:
        """Create up to 200 records in one request, each for itself; the results are in order."""
        return self._collection("POST", records)

    def update_records(self, records: Sequence[Record]) -> list[RecordResult]:
        """Update up to 200 records, each with its ``Id``, in one request."""
        return self._collection("PATCH", records)

    def create_with_parent(
        self, parent: Record, child: Record, *, slot: str, runs_assignment_rules: bool = False
    ) -> tuple[str, RecordResult]:
        """Create two records, the second pointing to the first by ``slot``; both or neither.

        Returns the parent's id (empty when refused) and the child's result, which is the refusal of
        whichever was refused.
        """
        rules = {"Sforce-Auto-Assign": "TRUE" if runs_assignment_rules else "FALSE"}
        linked = {**child, slot: "@{parent.id}"}
        parts = [
            {
                "method": "POST",
                "url": self._sobject(record["attributes"]["type"]),
                "referenceId": reference,
                "httpHeaders": rules,
                "body": {name: value for name, value in record.items() if name != "attributes"},
            }
            for reference, record in (("parent", parent), ("child", linked))
        ]
        return read_pair(self._composite(parts, rules))

    def rehearse_create(self, sobject: str, fields: Mapping[str, Any]) -> RecordResult:
        """What Salesforce says to a new record, which is undone in the same request.

        All or none, and the second part names a record that cannot be: so Salesforce rolls the
        first one back, and nothing is left of it (salesforce.md 3.7).
        """
        parts = [
            {
                "method": "POST",
                "url": self._sobject(sobject),
                "referenceId": "rehearsed",
                "body": dict(fields),
            },
            {
                "method": "PATCH",
                "url": f"{self._sobject(sobject)}/{_NO_RECORD}",
                "referenceId": "undone",
                "body": dict.fromkeys(list(fields)[:1]),
            },
        ]
        return read_rehearsal(self._composite(parts, _WRITE_HEADERS))

    def limits(self) -> Record:
        """The org's limits; needs the permission View Setup and Configuration."""
        return self._get(f"{self._base}/limits")

    def versions(self) -> list[str]:
        """The API versions that the org serves, oldest first; free of charge."""
        instance_url = self._access.current().instance_url
        response = self._send("GET", instance_url, "/services/data", {})
        return [str(one["version"]) for one in read_answer(response, is_write=False)]

    def userinfo(self) -> Record:
        """Who the connected user is (OpenID); free of charge."""
        return self._get("/services/oauth2/userinfo", charged=False)

    def _sobject(self, sobject: str) -> str:
        return f"{self._base}/sobjects/{url_quote(sobject, safe='')}"

    def _pages(self, path: str, soql: str) -> list[Record]:
        page = self._get(path, {"q": soql})
        records = listed(page, "records")
        while next_page := page.get("nextRecordsUrl"):
            page = self._get(str(next_page))
            records += listed(page, "records")
        return records

    def _collection(self, method: str, records: Sequence[Record]) -> list[RecordResult]:
        if not 0 < len(records) <= MAX_RECORDS:
            raise ValueError(f"A request takes 1 to {MAX_RECORDS} records, not {len(records)}.")
        answer = self._request(
            method,
            f"{self._base}/composite/sobjects",
            json={"allOrNone": False, "records": list(records)},
            headers=_WRITE_HEADERS,
        )
        return read_results(answer, count=len(records))

    def _composite(self, parts: Sequence[Record], headers: Mapping[str, str]) -> Any:
        """Several requests in one, all or none."""
        return self._request(
            "POST",
            f"{self._base}/composite",
            json={"allOrNone": True, "compositeRequest": list(parts)},
            headers=headers,
        )

    def _get(self, path: str, params: Mapping[str, str] | None = None, **options: Any) -> Record:
        answer = self._request("GET", path, params=params, **options)
        if not isinstance(answer, dict):
            raise Unavailable("Salesforce's answer is no object.", "ODD_ANSWER")
        return answer

    def _request(self, method: str, path: str, **options: Any) -> Any:
        access = self._access.current()
        try:
            return self._try(method, path, access, **options)
        except SessionRejected:
            self.requests -= 1
            access = self._access.renew(access)
        try:
            return self._try(method, path, access, **options)
        except SessionRejected as error:
            self._access.reject(access, "Salesforce refused a session that was just renewed.")
            raise CredentialsRejected(
                error.message, error.code, http_status=error.http_status
            ) from error

    def _try(
        self,
        method: str,
        path: str,
        access: Access,
        *,
        headers: Mapping[str, str] | None = None,
        charged: bool = True,
        **options: Any,
    ) -> Any:
        self.requests += 1
        authorized = {"Authorization": f"Bearer {access.token}", **(headers or {})}
        response = self._send(method, access.instance_url, path, authorized, **options)
        # Salesforce counts no request under a session that it refuses.
        if charged and self.connection.pk and response.status_code != HTTPStatus.UNAUTHORIZED:
            limit = parse_limit_info(response.headers.get("Sforce-Limit-Info"))
            record_request(self.connection, self._feature, limit)
        return read_answer(response, is_write=method != "GET")

    def _send(
        self, method: str, instance_url: str, path: str, headers: Mapping[str, str], **options: Any
    ) -> requests.Response:
        if not path.startswith("/services/"):  # a page's address comes from an answer
            raise ValueError(f"Not a path of the API: {path[:40]}")
        url = f"{check_salesforce_url(instance_url)}{path}"
        began = time.monotonic()
        response = self._session.request(method, url, headers=dict(headers), **options)
        log.info(
            "salesforce_request",
            connection=self.connection.pk,
            feature=self._feature,
            method=method,
            path=path,
            status=response.status_code,
            milliseconds=round((time.monotonic() - began) * 1000),
        )
        return response
