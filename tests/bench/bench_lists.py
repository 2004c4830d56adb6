"""The console's large lists over millions of rows: how long people wait, and whether it grows."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integrations.addresses import console_url
from integrations.admin.site import console_site
from integrations.models import Membership
from tests.bench.large_data import RARE_NAME, Company, load, make_companies
from tests.bench.questions import FILTERS, ME, Question, questions_about
from tests.bench.registry import Figure, benchmark
from tests.bench.stage import Stage

_TIMES_FEWER = 10


@dataclass
class Answers:
    """Seconds by list and kind of question, and what one question cost at its worst."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    #: SQL queries by viewer and address.
    queries: dict[str, int] = field(default_factory=dict)
    slowest: tuple[float, str] = (0.0, "")

    def p95(self, group: str) -> float:
        """In milliseconds."""
        ordered = sorted(self.seconds[group])
        return ordered[int(0.95 * (len(ordered) - 1) + 0.5)] * 1000


@benchmark(
    "lists",
    "calls, activity log, messages, audit: pages, filters and searches through the console",
    databases=("postgresql",),
)
def measure(stage: Stage) -> Iterable[Figure]:
    """p95 of each kind of question at ``stage.rows`` rows, against the same at a tenth of them."""
    companies = make_companies(stage.rows)
    load(companies, stage.rows // _TIMES_FEWER)
    few = ask_everything(companies, stage.rounds)
    load(companies, stage.rows)
    many = ask_everything(companies, stage.rounds)
    for group in many.seconds:
        yield Figure(f"lists: {group}, p95", "ms", many.p95(group), few.p95(group))
    slowest, at_a_tenth = (max(map(answers.p95, answers.seconds)) for answers in (many, few))
    yield Figure("lists: slowest p95", "ms", slowest)
    yield Figure("lists: slowest p95 to a tenth of the rows", "ms", slowest, at_a_tenth)
    most, at_a_tenth = (max(answers.queries.values()) for answers in (many, few))
    yield Figure(
        "lists: most queries of a page to a tenth of the rows", "queries", most, at_a_tenth
    )


def ask_everything(companies: Sequence[Company], rounds: int) -> Answers:
    """Every question by everybody, once to warm up and ``rounds`` times measured."""
    answers = Answers()
    for viewer, member in _viewers(companies).items():
        client = Client()
        client.force_login(member.user)
        for group, address in _addresses(member):
            _ask(answers, client, viewer, group, address, rounds)
    print(f"    slowest: {answers.slowest[0] * 1000:.0f} ms, {answers.slowest[1]}", flush=True)
    return answers


def _ask(
    answers: Answers, client: Client, viewer: str, group: str, address: str, rounds: int
) -> None:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    if response.status_code in (302, 400, 403):
        return  # this viewer has no such list, not as many pages, or not this filter
    if response.status_code != 200:
        raise RuntimeError(f"{address} was answered by {response.status_code}.")
    answers.queries[f"{viewer} {address}"] = len(queries)
    for _round in range(rounds):
        started = time.perf_counter()
        client.get(address)
        seconds = time.perf_counter() - started
        answers.seconds[group].append(seconds)
        answers.slowest = max(answers.slowest, (seconds, f"{viewer}: {address}"))


def _viewers(companies: Sequence[Company]) -> Mapping[str, Membership]:
    """Whoever sees everything of much, their own of much, everything of little."""
    large, small = companies[0], companies[1]
    return {
        "admin": large.members[0],
        "busy agent": large.members[1],
        "idle agent": large.members[-1],
        "admin of a small company": small.members[0],
    }


def _addresses(member: Membership) -> Iterator[tuple[str, str]]:
    for model in FILTERS:
        name = model._meta.label_lower.replace(".", "_")
        page = console_url(member.workspace, f"{name}_changelist")
        for question in questions_about(model):
            query = question.query.replace(f"member={ME}", f"member={member.pk}")
            yield _group(model, question), f"{page}?{query}"
    yield "Notices: pages", console_url(member.workspace, "notices")
    search = console_url(member.workspace, "search")
    for term in ("smith", RARE_NAME, "+141500001"):
        yield "Search at the top: names, numbers", f"{search}?{urlencode({'s': term})}"


def _group(model: type[Model], question: Question) -> str:
    return f"{console_site.get_model_admin(model).list_title()}: {question.kind}"
