"""What every test stands on: a private Redis, no network beyond this machine, a browser."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import hypothesis
import pytest
import redis
from django.conf import settings
from django.db import connections

from integrations import inbox, known_connections, ratelimits
from integrations.options.snapshots import forget_snapshots
from tests.harness.network import install_guard, remove_guard
from tests.harness.redis import private_redis
from tests.harness.requirements import unavailable

# Examples are judged by what they show, not by how busy the machine is.
hypothesis.settings.register_profile(
    "patchbay", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patchbay")

pytest_plugins = (
    "tests.harness.features",
    "tests.harness.figures",
    "tests.harness.browser",
    "tests.harness.salesforce",
    "tests.harness.sms_gateways",
)


def pytest_configure(config: pytest.Config) -> None:
    # Ended from outside is like Ctrl-C: what the run started is stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    directory: Path = settings.TEST_RUN_DIRECTORY
    config.add_cleanup(lambda: shutil.rmtree(directory, ignore_errors=True))
    directory.mkdir(mode=0o700, parents=True)
    config.add_cleanup(remove_guard)
    install_guard()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The longest first: where several processes share the tests, none is left alone with them.
    items.sort(key=lambda item: item.get_closest_marker("kill") is None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("postgres") and connections["default"].vendor != "postgresql":
        pytest.skip("shown by the run on PostgreSQL")


@pytest.fixture(scope="session")
def redis_client() -> Iterator[redis.Redis]:
    """A client of the run's Redis, which is started first where none was given."""
    if settings.TEST_REDIS_SOCKET is None:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            yield client
        return
    socket_path: Path = settings.TEST_REDIS_SOCKET
    with private_redis(socket_path), redis.Redis(unix_socket_path=str(socket_path)) as client:
        yield client


@pytest.fixture(autouse=True)
def _empty_redis(redis_client: redis.Redis) -> Iterator[None]:
    """Queues, caches and rate limits start empty, and so does what a process remembers of them."""
    yield
    redis_client.flushdb()
    inbox.close_writer()
    known_connections.forget_all()
    ratelimits.forget_grants()
    forget_snapshots()


@pytest.fixture
def node() -> str:
    """The Node program, for tests of browser code without a browser."""
    program = shutil.which("node")
    if program is None:
        unavailable("node", "no node is on PATH")
    return program


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which another process works on this test's database and Redis."""
    return {
        **os.environ,
        "DATABASE_URL": _database_url(connections["default"].settings_dict),
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
    }


def _database_url(database: dict[str, Any]) -> str:
    if connections["default"].vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user, password = quote(database["USER"]), quote(database["PASSWORD"])
    who = f"{user}:{password}" if password else user
    host, port = database["HOST"], database["PORT"]
    # A directory is the place of a Unix socket: its path follows an empty host.
    where = f"/{host}" if host.startswith("/") else f"{host}:{port}" if port else host
    return f"postgres://{who}@{where}/{database['NAME']}"
