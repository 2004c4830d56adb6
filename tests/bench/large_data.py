"""A believable past of several companies, by the million rows: calls, texts, Salesforce records.

Deterministic: the same number of rows is always the same data, but for the day on which it ends.
One company has four fifths of it, because lists are slow where one tenant is large or where a
small one stands beside a large one. People, members and outcomes are skewed as in real life.
PostgreSQL only.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from calls.models import Call, CallLeg
from integrations.models import (
    AuditEntry,
    Connection,
    CrmWrite,
    CrmWriteAttempt,
    DirectoryContact,
    DirectoryPhone,
    Membership,
    Notice,
    Workspace,
)
from sms.models import Message
from tests.bench.copying import empty, fill, finish, strip
from tests.factories import (
    ORG_ID,
    make_member,
    make_phone_system,
    make_salesforce_connection,
    make_workspace,
)

TABLES = (
    Call, CallLeg, Message, CrmWrite, CrmWriteAttempt, AuditEntry, Notice, DirectoryContact,
    DirectoryPhone,
)  # fmt: skip
SMALL_COMPANIES = 10
#: Of a hundred rows, how many are the large company's.
LARGE_SHARE = 80
MEMBERS = 40
#: How long ago it begins: rows are kept for 400 days (RULES C8).
SPAN = timedelta(days=400)
#: The last of the large company's people, whom hardly anybody speaks with.
RARE_NAME = "Zoe Quixote"

_FIRST = (
    "Ana", "Bo", "Carla", "Dmitri", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Kaya",
    "Liam", "Mina", "Noor", "Omar", "Petra", "Quentin", "Rosa", "Sven", "Tara", "Uma", "Viktor",
    "Wanda", "Xenia", "Yusuf", "Zara", "Søren", "José", "Ágnes",
)  # fmt: skip
_LAST = [
    f"{begin}{middle}{end}"
    for begin in ("Bar", "Cal", "Dor", "Fen", "Gal", "Hol", "Kar", "Lin", "Mor", "Smi", "Tor")
    for middle in ("", "ber", "den", "go", "lin", "mar", "ri", "sto", "vel", "win")
    for end in ("th", "sen", "man", "ova", "ski", "ley", "ton", "er", "ius", "ez")
]
_OUTCOMES = (
    ["answered"] * 780 + ["missed"] * 120 + ["transferred"] * 40 + ["voicemail"] * 40
    + ["abandoned"] * 10 + ["busy"] * 5 + ["rejected"] * 4 + ["failed"]
)  # fmt: skip
_CALL_DIRECTIONS = ["inbound"] * 60 + ["outbound"] * 38 + ["internal"] * 2
_WRITE_STATES = (
    ["done"] * 985 + ["needs_attention"] * 5 + ["cancelled"] * 7 + ["held"] * 2 + ["planned"]
)
_ACTIVITIES = ["call"] * 70 + ["message_sent"] * 20 + ["message_received"] * 9 + ["link_clicked"]
_TEXT_STATES = (
    ["delivered"] * 900 + ["undelivered"] * 40 + ["sent"] * 30 + ["failed"] * 20 + ["skipped"] * 8
    + ["optout", "unconfirmed"]
)  # fmt: skip
_MASK = (1 << 64) - 1


class Person(NamedTuple):
    name: str
    account: str
    phone: str
    record_id: str


@dataclass(frozen=True)
class Company:
    """A workspace with what its rows hang on."""

    workspace: Workspace
    members: Sequence[Membership]
    phone_system: Connection
    salesforce: Connection
    gateway: Connection
    people: Sequence[Person]


class Moment(NamedTuple):
    """One thing that happened; ``chance`` holds 64 bits that decide the rest."""

    number: int
    company: Company
    person: Person
    member_id: int
    at: str
    chance: int


def make_companies(rows: int) -> list[Company]:
    """The large company first. People are one for forty of a company's rows."""
    large = rows * LARGE_SHARE // 100
    small = (rows - large) // SMALL_COMPANIES
    names = ["Large", *(f"Small {number}" for number in range(1, SMALL_COMPANIES + 1))]
    return [
        _make_company(name, max(100, (large if name == "Large" else small) // 40)) for name in names
    ]


def load(companies: Sequence[Company], rows: int) -> None:
    """Replace the rows of ``TABLES``: ``rows`` each of calls, texts, writes, attempts."""
    empty(TABLES)
    left_out = strip(TABLES)
    past = _Past(companies, rows)
    past.add_calls()
    past.add_texts()
    past.add_writes()
    past.add_changes()
    past.add_directory()
    finish(TABLES, left_out)


def _make_company(name: str, people: int) -> Company:
    workspace = make_workspace(name, default_region="US")
    return Company(
        workspace=workspace,
        members=[
            make_member(workspace, ("admin",) if number == 0 else ("call_agent", "marketer"))
            for number in range(MEMBERS)
        ],
        phone_system=make_phone_system(workspace),
        salesforce=make_salesforce_connection(workspace),
        gateway=Connection.unscoped.create(
            workspace=workspace, kind=Connection.Kind.SMS_GATEWAY, backend="simulated", name="SMS"
        ),
        people=[*map(_make_person, range(people - 1)), _name(people, RARE_NAME, "Windmills")],
    )


def _make_person(number: int) -> Person:
    chance = _mix(number)
    last = _LAST[chance % len(_LAST)]
    return _name(number, f"{_FIRST[(chance >> 20) % len(_FIRST)]} {last}", f"{last} Logistics")


def _name(number: int, name: str, account: str) -> Person:
    country = ("+1415", "+1212", "+4420", "+4930")[number % 4]
    return Person(name, account, f"{country}{number:07d}", f"003{number:012d}AAA")


def _mix(number: int) -> int:
    """Bits that look random and are the same on every run (the finaliser of SplitMix64)."""
    mixed = (number + 1) * 0x9E3779B97F4A7C15 & _MASK
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
    return mixed ^ mixed >> 31


class _Past:
    """What happened to these companies, table by table."""

    def __init__(self, companies: Sequence[Company], rows: int) -> None:
        self.companies, self.rows = companies, rows
        self.begin = timezone.now() - SPAN
        self.step = SPAN / rows

    def moments(self) -> Iterator[Moment]:
        """In the order of time; for each table the same."""
        large, *small = self.companies
        for number in range(1, self.rows + 1):
            chance = _mix(number)
            company = large if chance % 100 < LARGE_SHARE else small[chance % len(small)]
            share = (chance >> 44) / (1 << 20)
            person = company.people[int(share * share * len(company.people))]
            member = company.members[int(share * share * (chance >> 8 & 255) / 256 * MEMBERS)]
            at = (self.begin + number * self.step).isoformat()
            yield Moment(number, company, person, member.pk, at, chance)

    def add_calls(self) -> None:
        fill(
            Call,
            ("id", "workspace_id", "connection_id", "call_key", "direction", "outcome",
             "external_raw", "external_e164", "caller_name", "started_at", "answered_at",
             "ended_at", "contact_name", "account_name", "contact_sobject", "contact_record_id",
             "needs_review"),
            map(_call, self.moments()),
            state="ended", options_revision=1, match_state="found",
        )  # fmt: skip
        fill(
            CallLeg,
            ("workspace_id", "call_id", "leg_key", "membership_id", "extension", "direction",
             "ring_started_at", "answered_at", "ended_at"),
            map(_leg, self.moments()),
            state="ended", talk_seconds=60,
        )  # fmt: skip

    def add_texts(self) -> None:
        fill(
            Message,
            ("workspace_id", "connection_id", "reference", "direction", "phone_e164",
             "membership_id", "person_name", "person_record_id", "needs_review", "state",
             "provider_message_id", "created_at"),
            map(_text, self.moments()),
            purpose="conversation", origin="compose", encoding="GSM-7", segments=1,
            our_number="+18005550100", person_sobject="Contact",
            text="Your order is on its way. Reply STOP to hear no more of us.",
        )  # fmt: skip

    def add_writes(self) -> None:
        same = {"org_id": ORG_ID, "operation": "create", "sobject": "Task", "feature": "call_log"}
        fill(
            CrmWrite,
            ("id", "workspace_id", "connection_id", "subject_id", "owner_id", "label", "activity",
             "phone_e164", "target_key", "wire_key", "fields", "payload", "state",
             "salesforce_record_id", "error_code", "created_at", "done_at"),
            map(_write, self.moments()),
            subject_kind="call", **same,
        )  # fmt: skip
        fill(
            CrmWriteAttempt,
            ("workspace_id", "write_id", "sent_at", "answered_at"),
            ((m.company.workspace.pk, m.number, m.at, m.at) for m in self.moments()),
            number=1, outcome="succeeded", http_status=200, request={"Subject": "Inbound call"},
            answer={"success": True}, claim_token="00000000-0000-4000-8000-000000000000",
        )  # fmt: skip

    def add_changes(self) -> None:
        """One line of the audit for ten things that happened, one notice for a hundred."""
        fill(
            AuditEntry,
            ("workspace_id", "actor_label", "action", "target_label", "created_at"),
            (
                (m.company.workspace.pk, f"member{m.member_id}@example.test",
                 "phone_system.changed" if m.chance & 1 else "options.changed", m.person.name, m.at)
                for m in self.moments() if m.number % 10 == 0
            ),
        )  # fmt: skip
        fill(
            Notice,
            ("workspace_id", "subject_key", "created_at", "resolved_at"),
            (
                (m.company.workspace.pk, f"write:{m.number}", m.at, m.at)
                for m in self.moments() if m.number % 100 == 0
            ),
            kind="write_refused", title="Salesforce refused a record",
        )  # fmt: skip

    def add_directory(self) -> None:
        known = [
            (company.workspace.pk, person) for company in self.companies
            for person in company.people
        ]  # fmt: skip
        numbered = list(enumerate(known, start=1))
        fill(
            DirectoryContact,
            ("id", "workspace_id", "record_id", "name", "account_name"),
            ((pk, workspace, p.record_id, p.name, p.account) for pk, (workspace, p) in numbered),
            org_id=ORG_ID, sobject="Contact",
        )  # fmt: skip
        fill(
            DirectoryPhone,
            ("workspace_id", "contact_id", "phone_e164"),
            ((workspace, pk, p.phone) for pk, (workspace, p) in numbered),
            field="Phone",
        )


def _call(moment: Moment) -> tuple[object, ...]:
    number, company, person, _member, at, chance = moment
    outcome = _OUTCOMES[(chance >> 10) % 1000]
    matched = chance >> 3 & 3  # three of four
    return (
        number, company.workspace.pk, company.phone_system.pk, f"call-{number}",
        _CALL_DIRECTIONS[(chance >> 5) % 100], outcome, person.phone, person.phone,
        "" if matched else person.name.upper(), at, at if outcome == "answered" else r"\N", at,
        *((person.name, person.account, "Contact", person.record_id) if matched else ("",) * 4),
        "t" if chance >> 7 & 255 == 0 else "f",
    )  # fmt: skip


def _leg(moment: Moment) -> tuple[object, ...]:
    answered = moment.at if _OUTCOMES[(moment.chance >> 10) % 1000] == "answered" else r"\N"
    return (
        moment.company.workspace.pk, moment.number, "leg-1", moment.member_id, "201",
        _CALL_DIRECTIONS[(moment.chance >> 5) % 100], moment.at, answered, moment.at,
    )  # fmt: skip


def _text(moment: Moment) -> tuple[object, ...]:
    number, company, person, member_id, at, chance = moment
    inbound = chance >> 5 & 7 == 0
    return (
        company.workspace.pk, company.gateway.pk, f"00000000-0000-4000-8000-{number:012d}",
        "inbound" if inbound else "outbound", person.phone, r"\N" if inbound else member_id,
        person.name, person.record_id, "t" if chance >> 9 & 255 == 0 else "f",
        "received" if inbound else _TEXT_STATES[(chance >> 12) % 1000], f"SM{number:032d}", at,
    )  # fmt: skip


def _write(moment: Moment) -> tuple[object, ...]:
    number, company, person, member_id, at, chance = moment
    state = _WRITE_STATES[(chance >> 10) % 1000]
    done = state == "done"
    fields = json.dumps({"Subject": f"Inbound call {person.name}", "WhoId": person.record_id})
    return (
        number, company.workspace.pk, company.salesforce.pk, number, member_id,
        f"Inbound call {person.name}", _ACTIVITIES[(chance >> 5) % 100], person.phone,
        f"call:{number}:leg:leg-1:task", f"pb-{number:026d}", fields, fields, state,
        f"00T{number:012d}AAA" if done else "",
        "REQUIRED_FIELD_MISSING" if state == "needs_attention" else "", at, at if done else r"\N",
    )  # fmt: skip
