"""A PostgreSQL cluster for one run: made in a temporary directory, thrown away after.

It listens on a Unix socket that only its owner can reach, so that it neither needs a password nor
clashes with a server that is there already. PostgreSQL refuses to run as root; then the cluster
belongs to the user ``postgres`` or, where there is none, to ``nobody``.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
_LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
_SETTINGS = ("listen_addresses=", "max_connections=300")
#: A crash of the machine may eat the cluster of a test run: nothing in it is worth a disk flush.
_UNSAFE_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PostgresUnavailable(RuntimeError):  # noqa: N818
    """No cluster could be made; the message says why."""


def find_server_programs() -> Path:
    """The directory with ``initdb`` and ``postgres``: on PATH, else Debian's newest version."""
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    debian = [found.parent for found in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not debian:
        raise PostgresUnavailable("no PostgreSQL server programs were found (initdb)")
    return max(debian, key=lambda programs: int(programs.parent.name))


def _owner() -> pwd.struct_passwd | None:
    """Whom the cluster must belong to; None means whoever runs this."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable("PostgreSQL does not run as root, and there is no user for it")


@contextmanager
def throwaway_postgres(*, durable: bool = False) -> Iterator[str]:
    """Run a cluster until the block ends; gives a ``DATABASE_URL`` for it.

    ``durable`` commits to the disk as a real one does, for measuring what a commit costs.
    Raises PostgresUnavailable where this machine cannot run one.
    """
    programs, owner = find_server_programs(), _owner()
    directory = Path(tempfile.mkdtemp(prefix="patchbay-pg-"))
    try:
        if owner is not None:
            os.chown(directory, owner.pw_uid, owner.pw_gid)
        _make_cluster(programs, directory, owner)
        settings = _SETTINGS if durable else (*_SETTINGS, *_UNSAFE_SETTINGS)
        server = _start(programs, directory, owner, settings)
        try:
            _wait_until_it_answers(programs, directory, server)
            yield f"postgres://patchbay@/{directory}/postgres"
        finally:
            server.send_signal(signal.SIGINT)  # "fast": open sessions are ended
            server.wait(timeout=_STOP_SECONDS)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _make_cluster(programs: Path, directory: Path, owner: pwd.struct_passwd | None) -> None:
    made = _as_owner(
        [
            str(programs / "initdb"),
            *("--pgdata", str(directory / "data"), "--username", "patchbay"),
            *("--auth", "trust", "--encoding", "UTF8", "--locale", _LOCALE, "--no-sync"),
        ],
        directory,
        owner,
    )
    _, complaint = made.communicate()
    if made.returncode:
        raise PostgresUnavailable(f"initdb failed: {complaint.strip()}")


def _start(
    programs: Path, directory: Path, owner: pwd.struct_passwd | None, settings: Sequence[str]
) -> "subprocess.Popen[str]":
    command = [str(programs / "postgres"), "-D", str(directory / "data"), "-k", str(directory)]
    for setting in settings:
        command += ["-c", setting]
    return _as_owner(command, directory, owner, log=directory / "server.log")


def _as_owner(
    command: list[str],
    directory: Path,
    owner: pwd.struct_passwd | None,
    log: Path | None = None,
) -> "subprocess.Popen[str]":
    """Start a program in ``directory`` as the cluster's owner; its complaints to ``log``."""
    with (log or Path(os.devnull)).open("w") as log_file:
        return subprocess.Popen(
            command,
            cwd=directory,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
            stdout=subprocess.DEVNULL,
            stderr=log_file if log else subprocess.PIPE,
            text=True,
        )


def _wait_until_it_answers(
    programs: Path, directory: Path, server: "subprocess.Popen[str]"
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    question = [str(programs / "pg_isready"), "--quiet", "--host", str(directory)]
    while subprocess.run(question, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise PostgresUnavailable(
                f"the server did not start: {(directory / 'server.log').read_text().strip()}"
            )
        time.sleep(0.05)
