"""The private Redis of demo and tests."""

import subprocess
from pathlib import Path

import pytest

from integrations import redis_server


def test_the_server_on_path_is_taken_before_the_bundled_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = tmp_path / "redis-server"
    server.write_text("#!/bin/sh\n")
    server.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert redis_server.find_redis_server() == str(server)


def test_without_any_server_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(redis_server.RedisMissing, match="install valkey-server or redis-server"):
        redis_server.find_redis_server()


def test_it_answers_on_its_socket_and_ends_on_a_polite_signal(tmp_path: Path) -> None:
    socket_path = tmp_path / "redis.sock"
    command = redis_server.build_command(socket_path, tmp_path, keep=True)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        redis_server.wait_until_it_answers(socket_path)
    finally:
        process.terminate()
    assert process.wait(timeout=5) == 0
    assert (tmp_path / "appendonlydir").exists() or (tmp_path / "appendonly.aof").exists()


def test_waiting_for_a_server_that_never_comes_ends(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        redis_server.wait_until_it_answers(tmp_path / "nobody", seconds=0.05)
