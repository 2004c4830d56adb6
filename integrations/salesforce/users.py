"""The Salesforce users of an org: the people whom members may be."""

from collections.abc import Iterable
from dataclasses import dataclass

from integrations.salesforce.client import Record, SalesforceClient
from integrations.salesforce.soql import in_list, like_start

PAGE_SIZE = 20
#: Salesforce's own limit of OFFSET (salesforce.md 3.4): whoever is further down is searched for.
MAX_PAGE = 2_000 // PAGE_SIZE
#: Values in one query: far inside the length of a request line (salesforce.md 3.1).
_VALUES_PER_QUERY = 100
_FIELDS = "Id, Name, Username, Email, IsActive, TimeZoneSidKey"


@dataclass(frozen=True, slots=True)
class SalesforceUser:
    """One user; ``time_zone`` is an IANA name, or empty."""

    user_id: str
    name: str
    username: str
    email: str
    is_active: bool
    time_zone: str


@dataclass(frozen=True, slots=True)
class UserPage:
    """Some of the users that a search found, and whether there are more behind them."""

    users: tuple[SalesforceUser, ...]
    has_more: bool


def search_users(client: SalesforceClient, term: str, page: int = 1) -> UserPage:
    """Active users whose name, username or mail address begins with ``term``; page from 1."""
    start = like_start(term)
    begins = f"(Name LIKE {start} OR LastName LIKE {start} OR Username LIKE {start})"
    condition = f"IsActive = true AND {begins}" if term else "IsActive = true"
    offset = (min(max(page, 1), MAX_PAGE) - 1) * PAGE_SIZE
    rows = client.query(
        f"SELECT {_FIELDS} FROM User WHERE {condition} "  # noqa: S608 - escaped above
        f"ORDER BY Name, Id LIMIT {PAGE_SIZE + 1} OFFSET {offset}"
    )
    return UserPage(tuple(map(_to_user, rows[:PAGE_SIZE])), has_more=len(rows) > PAGE_SIZE)


def find_users(client: SalesforceClient, ids: Iterable[str]) -> dict[str, SalesforceUser]:
    """The users with these ids, inactive ones too; those whom the org does not show are missing."""
    return {user.user_id: user for user in _select(client, "Id", ids)}


def find_namesakes(
    client: SalesforceClient, addresses: Iterable[str], names: Iterable[str]
) -> list[SalesforceUser]:
    """Active users with one of these mail addresses, or else one of these whole names."""
    found = [*_select(client, "Email", addresses), *_select(client, "Name", names)]
    return [user for user in {one.user_id: one for one in found}.values() if user.is_active]


def _select(client: SalesforceClient, field: str, values: Iterable[str]) -> list[SalesforceUser]:
    wanted = sorted({value for value in values if value})
    users = []
    for start in range(0, len(wanted), _VALUES_PER_QUERY):
        some = in_list(wanted[start : start + _VALUES_PER_QUERY])
        rows = client.query(f"SELECT {_FIELDS} FROM User WHERE {field} IN {some}")  # noqa: S608
        users += [_to_user(row) for row in rows]
    return users


def _to_user(row: Record) -> SalesforceUser:
    return SalesforceUser(
        user_id=str(row["Id"]),
        name=str(row.get("Name") or ""),
        username=str(row.get("Username") or ""),
        email=str(row.get("Email") or ""),
        is_active=bool(row.get("IsActive")),
        time_zone=str(row.get("TimeZoneSidKey") or ""),
    )
