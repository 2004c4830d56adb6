"""What holds for the whole project: arrows between its parts, sizes, names, locks, documents."""

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from integrations import http
from tests.harness.features import feature_rows
from tests.harness.modules import ROOT, all_modules, product_modules
from tests.harness.templates import find_evaluated_output

#: Decide without a database, a network or a clock; simulators may use them (DESIGN 2).
PURE_MODULES = (
    "calls.association",
    "calls.call_control",
    "calls.event_words",
    "calls.explanation",
    "calls.facts",
    "calls.fold",
    "calls.leg_chart",
    "calls.layout_settings",
    "calls.leg_history",
    "calls.interaction_kinds",
    "calls.interaction_rules",
    "calls.legacy",
    "calls.numbers",
    "calls.ownership",
    "calls.panel_state",
    "calls.plan",
    "calls.plan_options",
    "calls.presence",
    "calls.record_selection",
    "calls.record_slots",
    "calls.records",
    "calls.screen",
    "calls.subject",
    "calls.transfers",
    "calls.unended",
    "calls.zone_names",
    "integrations.activities.facts",
    "integrations.activities.plan",
    "integrations.activities.relation",
    "integrations.activity_kinds",
    "integrations.countries",
    "integrations.csv_cells",
    "integrations.error_classes",
    "integrations.errors",
    "integrations.marks",
    "integrations.mentions",
    "integrations.phone_verdicts",
    "integrations.phones",
    "integrations.planning",
    "integrations.redaction",
    "integrations.request_features",
    "integrations.retry",
    "integrations.salesforce.errors",
    "integrations.salesforce.metadata",
    "integrations.salesforce.permission_sets",
    "integrations.salesforce.lead_fields",
    "integrations.salesforce.precedence",
    "integrations.salesforce.proofs",
    "integrations.salesforce.repairs",
    "integrations.salesforce.rights",
    "integrations.salesforce.soql",
    "integrations.usual_day",
    "sms.counter",
    "sms.facts",
    "sms.keywords",
    "sms.merge",
    "sms.plan",
    "sms.quiet_hours",
    "sms.segments",
    "sms.typography",
)
#: Free of Django like the pure ones; they read files or start programs.
STANDALONE_MODULES = (
    "calls.events",
    "integrations.frozen_json",
    "integrations.redis_server",
    "integrations.standard_webhooks",
)
SIMULATORS = ("integrations.simulators", "calls.simulators", "sms.simulators")
MODELS = ("integrations.models", "calls.models", "sms.models")
#: What models may build on: tenancy, the words for roles, kinds and statuses, and sealing.
BELOW_MODELS = (
    "calls.interaction_kinds",
    "calls.layout_settings",
    "integrations.activity_kinds",
    "integrations.encryption",
    "integrations.roles",
    "integrations.tenancy",
    "sms.statuses",
)
#: Libraries that only one place may know, so that one place has to change with them.
SOLE_IMPORTERS = {
    "phonenumbers": ("integrations.phones",),
    # The simulated org signs the id tokens that it hands out.
    "cryptography": ("integrations.encryption", "integrations.simulators.salesforce.openid"),
    "requests_oauthlib": ("integrations.salesforce",),
    "lark": SIMULATORS,
    "ruamel": ("integrations.options.yaml_file",),
    "uvicorn": SIMULATORS,
}
#: Lines. A test file may be longer, because tables of cases are.
LONGEST_MODULE, LONGEST_TEST_MODULE = 400, 600
#: Module → why it may be longer.
LONGER_MODULES: dict[str, str] = {}
NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "misc", "services", "managers"}
#: Hosts in two parts, so that this file does not name them.
REGISTRIES = (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
FEATURE_COUNTS = {"MII": 37, "CRC": 96, "MIX": 30, "CTM": 28, "MIT": 61, "PLUS": 17, "K": 25}


def test_nothing_but_config_its_tests_and_whole_programs_imports_config() -> None:
    # Benchmarks and the server that is killed assemble the product as `config` does.
    programs = ("tests.bench", "tests.kill.web")
    offenders = [
        module.name
        for module in all_modules()
        if module.imported("config")
        and not module.is_in("config", "tests.config", "tests.test_project", *programs)
    ]
    assert offenders == []


@pytest.mark.parametrize(
    ("app", "forbidden"),
    [
        ("integrations", ("calls", "sms", "tests")),
        ("calls", ("sms", "tests")),
        ("sms", ("calls", "tests")),
    ],
)
def test_apps_import_downwards_only(app: str, forbidden: tuple[str, ...]) -> None:
    offenders = {
        module.name: module.imported(*forbidden)
        for module in product_modules()
        if module.is_in(app) and module.imported(*forbidden)
    }
    assert offenders == {}


def test_pure_modules_rest_on_nothing_but_pure_modules() -> None:
    allowed = (*PURE_MODULES, *STANDALONE_MODULES)
    offenders = {}
    for module in product_modules():
        if module.is_in(*allowed):
            ours = set(module.imported("integrations", "calls", "sms"))
            wrong = ours - set(module.imported(*allowed))
            wrong |= module.third_parties() - {"phonenumbers", "jsonschema"}
            if wrong:
                offenders[module.name] = sorted(wrong)
    assert offenders == {}


def test_the_lists_of_pure_modules_name_modules_that_exist() -> None:
    known = {module.name for module in product_modules()}
    assert set(PURE_MODULES + STANDALONE_MODULES) - known == set()


def test_simulators_know_the_wire_alone() -> None:
    allowed = (*SIMULATORS, *PURE_MODULES, *STANDALONE_MODULES)
    offenders = {}
    for module in product_modules():
        if module.is_in(*SIMULATORS):
            ours = set(module.imported("integrations", "calls", "sms"))
            wrong = ours - set(module.imported(*allowed))
            wrong |= set(module.imported("django", "django_rq", "rq", "redis"))
            if wrong:
                offenders[module.name] = sorted(wrong)
    assert offenders == {}


def test_models_import_no_service() -> None:
    offenders = {}
    for module in product_modules():
        if module.is_in(*MODELS):
            ours = set(module.imported("integrations", "calls", "sms"))
            if wrong := ours - set(module.imported(*MODELS, *BELOW_MODELS)):
                offenders[module.name] = sorted(wrong)
    assert offenders == {}


@pytest.mark.parametrize("library", SOLE_IMPORTERS)
def test_one_place_knows_the_library(library: str) -> None:
    allowed = SOLE_IMPORTERS[library]
    importers = [module for module in product_modules() if module.imported(library)]
    assert [module.name for module in importers if not module.is_in(*allowed)] == []


def test_modules_stay_small() -> None:
    too_long = {
        module.name: module.line_count
        for module in all_modules()
        if module.line_count > (LONGEST_TEST_MODULE if module.is_in("tests") else LONGEST_MODULE)
        and module.name not in LONGER_MODULES
    }
    assert too_long == {}


def test_module_names_say_what_is_inside() -> None:
    offenders = [
        module.name
        for module in all_modules()
        if module.name.rpartition(".")[2] in NAMES_THAT_SAY_NOTHING
    ]
    assert offenders == []


def test_no_template_puts_output_where_the_browser_evaluates_it() -> None:
    offenders = {
        str(path.relative_to(ROOT)): found
        for path in _committed("*.html")
        if (found := list(find_evaluated_output(path.read_text())))
    }
    assert offenders == {}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p x-data=\"{name: '{{ name }}'}\">", ["x-data"]),
        ("<p @click='go({% if a %}1{% endif %})'>", ["@click"]),
        ('<p\n  :class="\n{{ name }}">', [":class"]),
        ("<p hx-on:click=\"say('{{ name }}')\">", ["hx-on:click"]),
        ('<p x-on:click.prevent="open = {{ open }}">', ["x-on:click.prevent"]),
        ('<p x-data="{open: false}" title="{{ name }}">', []),
        ('<p hx-get="{% url \'home\' %}" data-name="{{ name }}">', []),
    ],
)
def test_evaluated_attributes_are_recognised(template: str, found: list[str]) -> None:
    assert list(find_evaluated_output(template)) == found


@pytest.mark.django_db(transaction=True)
def test_no_request_leaves_inside_a_transaction() -> None:
    session = http.outgoing_session(deadline_seconds=1)
    with transaction.atomic(), pytest.raises(http.RequestInTransaction):
        session.get("http://127.0.0.1:9/")


def test_requests_of_the_product_leave_by_the_one_door() -> None:
    """Simulators and the demo are outside parties; everything else takes ``integrations.http``."""
    makers = re.compile(r"\brequests\.(Session|request|get|post|put|patch|delete)\(")
    offenders = [
        module.name
        for module in product_modules()
        if makers.search(module.path.read_text())
        and not module.is_in(
            "integrations.http", "integrations.demo", "calls.demo", "sms.demo", *SIMULATORS
        )
    ]
    assert offenders == []


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_committed_line_names_a_machine_or_a_registry() -> None:
    registries = [f"{name}.{ending}" for name, ending in REGISTRIES]
    places = re.compile("|".join(map(re.escape, [str(ROOT), f"{Path.home()}/", *registries])))
    offenders = [
        f"{path.relative_to(ROOT)}: {found.group()}"
        for path in _committed()
        if (found := places.search(path.read_text(errors="replace")))
    ]
    assert offenders == []


def _committed(pattern: str = "*") -> Iterator[Path]:
    """The files that belong to the project, also where it was unpacked without its history."""
    git = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True)
        paths = [ROOT / name for name in listed.stdout.splitlines()]
    else:
        made = re.compile(r"/(\.(?!ci/|gitignore)|__pycache__/|node_modules/)")
        paths = [path for path in ROOT.rglob("*") if not made.search(f"/{path.relative_to(ROOT)}")]
    return (path for path in paths if path.match(pattern) and path.is_file())


def _locked(name: str) -> dict[str, str]:
    """Package → version of a lock file."""
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    packages = re.split(r"\n(?=\S)", text.strip())
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_the_lock_for_tests_holds_everything_of_the_other() -> None:
    runtime, development = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert {name: development.get(name) for name in runtime} == runtime


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {re.split(r"[^\w.-]", line)[0] for line in project["project"]["dependencies"]}
    normalized = {re.sub(r"[-_.]+", "-", name).lower() for name in wanted}
    assert normalized - set(_locked("requirements.lock")) == set()


def test_the_features_page_lists_every_id_once() -> None:
    expected = [
        f"{prefix}-{number:02}"
        for prefix, count in FEATURE_COUNTS.items()
        for number in range(1, count + 1)
    ]
    assert sorted(feature_rows()) == sorted(expected)
    page = (ROOT / "docs" / "features.md").read_text()
    assert len(re.findall(r"^\| [A-Z]+-\d+ ", page, re.MULTILINE)) == len(expected)


def test_the_features_page_names_places_that_exist() -> None:
    page = (ROOT / "docs" / "features.md").read_text()
    places = set(re.findall(r"`((?:integrations|calls|sms)/[^`]*)`", page))
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []


def test_the_settings_page_lists_every_variable() -> None:
    source = (ROOT / "config" / "settings.py").read_text()
    page = (ROOT / "docs" / "settings.md").read_text()
    read = {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and isinstance(node.args[0], ast.Constant)
    }
    documented = set(re.findall(r"^\| `([A-Z_]+)` ", page, re.MULTILINE))
    assert documented == read


def test_every_picture_and_page_that_a_document_links_exists() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in _committed("*.md")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert broken == []
