"""What the demo's processes read from the environment, and what it refuses to start on."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import environ
import pytest

from integrations.demo.environment import DemoPlace, find_free_port, list_taken_ports

SCRIPT = """
import json, os, sys
from integrations.demo import environment
environment.prepare(sys.argv[1:])
print(json.dumps(dict(os.environ)))
"""


def prepare(*arguments: str, **environment: str) -> dict[str, str]:
    done = _run(arguments, environment)
    assert done.returncode == 0, done.stderr
    chosen: dict[str, str] = json.loads(done.stdout)
    return chosen


def refusal(*arguments: str) -> str:
    done = _run(arguments, {})
    assert done.returncode == 1
    return done.stderr


def _run(
    arguments: tuple[str, ...], environment: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@contextmanager
def listening_on(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield


@pytest.fixture
def port() -> str:
    return str(find_free_port())


def test_every_address_shifts_with_the_port(tmp_path: Path, port: str) -> None:
    chosen = prepare("--data", str(tmp_path / "demo"), "--port", port)
    first = int(port)
    assert chosen["PUBLIC_URL"] == f"http://localhost:{first}"
    assert chosen["SALESFORCE_LOGIN_URL"] == f"http://127.0.0.1:{first + 10}"
    assert chosen["MITTO_URL"] == chosen["TWILIO_URL"] == f"http://127.0.0.1:{first + 20}"
    assert chosen["OUTGOING_PRIVATE_HOSTS"].split(",") == [
        *(f"127.0.0.1:{first + offset}" for offset in (10, 20, 30)),
        f"localhost:{first}",
    ]


def test_a_demo_never_uses_the_database_or_the_redis_of_an_installation(
    tmp_path: Path, port: str
) -> None:
    chosen = prepare(
        "--data",
        str(tmp_path / "demo"),
        "--port",
        port,
        DATABASE_URL="postgres://production/patchbay",
        REDIS_URL="redis://production:6379/0",
    )
    assert chosen["DATABASE_URL"] == f"sqlite:///{tmp_path}/demo/patchbay.sqlite3"
    assert chosen["REDIS_URL"].startswith("unix://")


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path, port: str) -> None:
    folder = tmp_path / "demo"
    first = prepare("--data", str(folder), "--port", port)
    again = prepare("--data", str(folder), "--port", port)
    names = ("SECRET_KEY", "ENCRYPTION_KEYS", "SALESFORCE_CLIENT_SECRET")
    assert [first[name] for name in names] == [again[name] for name in names]
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_reset_empties_the_folder_and_makes_new_secrets(tmp_path: Path, port: str) -> None:
    folder = tmp_path / "demo"
    first = prepare("--data", str(folder), "--port", port)
    (folder / "static").mkdir()
    (folder / "patchbay.sqlite3").touch()
    again = prepare("--data", str(folder), "--port", port, "--reset")
    assert first["SECRET_KEY"] != again["SECRET_KEY"]
    assert {entry.name for entry in folder.iterdir()} == {"lock", "secrets.json"}


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path, port: str) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert "holds something else" in refusal("--data", str(tmp_path), "--port", port, "--reset")
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_second_demo_on_the_same_folder_is_refused(tmp_path: Path, port: str) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            SCRIPT + "sys.stdout.flush(); sys.stdin.read()",
            *("--data", str(tmp_path / "demo"), "--port", port),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        reason = refusal("--data", str(tmp_path / "demo"), "--port", port, "--reset")
    finally:
        holder.communicate()
    assert "another demo runs" in reason
    assert (tmp_path / "demo" / "secrets.json").exists()


@pytest.mark.parametrize("offset", [0, 10, 30])
def test_a_taken_port_is_named(tmp_path: Path, port: str, offset: int) -> None:
    taken = int(port) + offset
    with listening_on(taken):
        assert f"port {taken} is taken" in refusal("--data", str(tmp_path / "d"), "--port", port)


def test_a_smoke_run_chooses_free_ports_and_a_folder_for_itself(tmp_path: Path) -> None:
    chosen = prepare("--smoke", TMPDIR=str(tmp_path))
    assert Path(chosen["PATCHBAY_DEMO_DATA"]).parent == tmp_path
    assert chosen["PATCHBAY_DEMO_TEMPORARY"] == "1"
    assert list_taken_ports(int(chosen["PATCHBAY_DEMO_PORT"])) == []


def test_asking_for_help_prepares_nothing(tmp_path: Path) -> None:
    chosen = prepare("--help", "--data", str(tmp_path / "demo"))
    assert "PATCHBAY_DEMO" not in chosen
    assert not (tmp_path / "demo").exists()


def test_the_socket_moves_to_a_short_folder_where_its_path_would_be_too_long() -> None:
    assert DemoPlace(Path("/home/ada/demo"), 8000).redis_socket == Path("/home/ada/demo/redis.sock")
    assert len(str(DemoPlace(Path("/deep" * 30), 8000).redis_socket)) < 100


def test_mail_is_written_into_the_data_folder(tmp_path: Path, port: str) -> None:
    data = tmp_path / "with a space"
    chosen = prepare("--data", str(data), "--port", port)
    assert environ.Env.email_url_config(chosen["EMAIL_URL"])["EMAIL_FILE_PATH"] == str(
        data / "mail"
    )
