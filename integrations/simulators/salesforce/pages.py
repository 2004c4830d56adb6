"""Plain pages of what the org holds, at the addresses that Salesforce has for them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from integrations.simulators.salesforce.html import Html, join, page, render
from integrations.simulators.salesforce.ids import MalformedIdError, to_18
from integrations.simulators.salesforce.org import Org
from integrations.simulators.salesforce.schema import Field, SObject
from integrations.simulators.salesforce.store import Record
from integrations.simulators.salesforce.values import to_json

MAX_ROWS = 200
COLUMNS = {
    "Account": ("Name", "Phone", "BillingCountry", "IsPersonAccount"),
    "Contact": ("Name", "AccountId", "Phone", "MobilePhone", "HomePhone", "OtherPhone"),
    "Lead": ("Name", "Company", "Phone", "MobilePhone", "Status"),
    "Task": (
        "Subject",
        "Status",
        "CallType",
        "CallDurationInSeconds",
        "WhoId",
        "WhatId",
        "OwnerId",
    ),
    "Event": ("Subject", "StartDateTime", "WhoId", "WhatId", "OwnerId"),
    "User": ("Name", "Username", "Extension", "TimeZoneSidKey", "IsActive"),
    "TaskStatus": ("MasterLabel", "IsClosed", "IsDefault"),
}
ACTIVITY_LINKS = ("WhoId", "WhatId", "AccountId")


class Pages:
    """The pages of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route("/", self.home),
            Route("/lightning/o/{name}/list", self.list_records),
            Route("/lightning/r/{name}/{record_id}/view", self.show_record),
            Route("/{record_id}", self.show_by_id),
        ]

    async def home(self, request: Request) -> Response:
        """How many there are of what."""
        rows = []
        for sobject in self._org.schema.objects.values():
            count = len(self._org.store.find(sobject, {"IsDeleted": 0}))
            link = render(
                "link", address=f"/lightning/o/{sobject.name}/list", text=sobject.label_plural
            )
            rows.append(_row([link, str(count)]))
        body = render(
            "table", heading="Objects", head=_head(["Object", "Records"]), rows=join(rows)
        )
        return self._page("Home", body)

    async def list_records(self, request: Request) -> Response:
        """The newest records of one object."""
        sobject = self._org.schema.find(request.path_params["name"])
        if sobject is None:
            raise HTTPException(404)
        records = self._org.store.find(sobject, {"IsDeleted": 0})
        records.sort(key=lambda record: str(record["CreatedDate"]), reverse=True)
        heading = f"{len(records)} records"
        if len(records) > MAX_ROWS:
            heading += f", the newest {MAX_ROWS} are shown"
        body = self._table(heading, sobject, records[:MAX_ROWS])
        return self._page(sobject.label_plural, body)

    async def show_by_id(self, request: Request) -> Response:
        """The old address of a record leads to the new one."""
        return RedirectResponse(_address(*self._addressed(request)))

    async def show_record(self, request: Request) -> Response:
        """One record with its activity."""
        sobject, record = self._addressed(request)
        rows = [
            _row([field.label, self._cell(field, record)])
            for field in sobject.fields
            if record[field.name] is not None
        ]
        title = self._title(sobject, record)
        parts = []
        for name in ("Task", "Event"):
            activities = self._activities(self._org.sobject(name), str(record["Id"]))
            if activities:
                parts.append(self._table(f"{name}s", self._org.sobject(name), activities))
        head = _head(["Field", "Value"])
        parts.append(render("table", heading="Details", head=head, rows=join(rows)))
        deleted = " (deleted)" if record["IsDeleted"] else ""
        return self._page(f"{sobject.label}: {title}{deleted}", join(parts))

    def _addressed(self, request: Request) -> tuple[SObject, Record]:
        try:
            target = self._org.target(to_18(request.path_params["record_id"]))
        except MalformedIdError:
            target = None
        if target is None:
            raise HTTPException(404)
        return target

    def _activities(self, sobject: SObject, record_id: str) -> list[Record]:
        found: dict[str, Record] = {}
        for link in ACTIVITY_LINKS:
            for activity in self._org.store.find(sobject, {link: record_id, "IsDeleted": 0}):
                found[str(activity["Id"])] = activity
        return sorted(found.values(), key=lambda one: str(one["CreatedDate"]), reverse=True)

    def _page(self, title: str, body: Html) -> Response:
        heading = render("heading", text=title)
        return page(title, self._org.config.name, join([heading, body]))

    def _table(self, heading: str, sobject: SObject, records: list[Record]) -> Html:
        names = COLUMNS.get(sobject.name) or tuple(
            field.name for field in sobject.fields if field.name_field
        )
        fields = [field for name in names if (field := sobject.field(name))]
        rows = []
        for record in records:
            title = self._title(sobject, record)
            first = render("link", address=_address(sobject, record), text=title)
            cells = [self._cell(field, record) for field in fields[1:]]
            rows.append(_row([first, *cells, str(record["CreatedDate"] or "")]))
        head = _head([*(field.label for field in fields), "Created"])
        return render("table", heading=heading, head=head, rows=join(rows))

    def _title(self, sobject: SObject, record: Record) -> str:
        name = next((field.name for field in sobject.fields if field.name_field), "Id")
        return str(record[name] or record["Id"])

    def _cell(self, field: Field, record: Record) -> Html | str:
        value = record[field.name]
        if value is None:
            return ""
        if field.type != "reference":
            return str(to_json(field, value))
        target = self._org.target(str(value))
        if target is None:
            return str(value)
        return render("link", address=_address(*target), text=self._title(*target))


def _address(sobject: SObject, record: Record) -> str:
    return f"/lightning/r/{sobject.name}/{record['Id']}/view"


def _row(cells: list[Html | str] | list[str]) -> Html:
    return render("row", cells=join([render("cell", value=cell) for cell in cells]))


def _head(labels: list[str]) -> Html:
    return join([render("head_cell", value=label) for label in labels])
