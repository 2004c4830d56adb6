"""Where the demo lives and what its processes read from the environment.

``prepare`` runs before Django reads its settings (``manage.py`` calls it), so this module imports
the standard library only. Whatever the environment says about databases and brokers is replaced:
a demo must never touch an installation that somebody works with.
"""

import argparse
import base64
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from integrations.redis_server import LONGEST_SOCKET_PATH

#: When this process began to prepare a demo, for the time that a start takes (monotonic seconds).
STARTED = time.monotonic()
DEFAULT_PORT = 8000
#: Distance of each server from the console's port (DESIGN 6); some come with later releases.
PORT_OFFSETS = {"console": 0, "live": 1, "salesforce": 10, "sms": 20, "phone system": 30}
CONSUMER_KEY = "patchbay-demo-consumer-key"
_PLACE, _PORT, _TEMPORARY = "PATCHBAY_DEMO_DATA", "PATCHBAY_DEMO_PORT", "PATCHBAY_DEMO_TEMPORARY"
_SECRETS = "secrets.json"


class DemoError(Exception):
    """The demo cannot start or go on; the message is for the person at the terminal."""


@dataclass(frozen=True)
class DemoPlace:
    """The data folder and the ports of one demo. A temporary one is deleted at the end."""

    data: Path
    port: int
    is_temporary: bool = False

    def port_of(self, server: str) -> int:
        """The port of a server of ``PORT_OFFSETS``."""
        return self.port + PORT_OFFSETS[server]

    @property
    def console_url(self) -> str:
        """The console. Hosts separate sites, ports do not (RULES F10): it alone is localhost."""
        return f"http://localhost:{self.port}"

    @property
    def live_url(self) -> str:
        """The live stream of softphone panels, which belongs to the console."""
        return f"http://localhost:{self.port_of('live')}/live/"

    def simulator_url(self, server: str) -> str:
        """The address of a simulator, without a slash at the end."""
        return f"http://127.0.0.1:{self.port_of(server)}"

    @property
    def redis_socket(self) -> Path:
        """In the data folder, or in a short one where its path would be too long."""
        socket_path = self.data / "redis.sock"
        if len(os.fsencode(socket_path)) <= LONGEST_SOCKET_PATH:
            return socket_path
        digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
        return Path(f"/tmp/patchbay-{os.getuid()}-{digest}") / "redis.sock"  # noqa: S108


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``manage.py demo``, for this module and for the command's own help."""
    parser.add_argument("--port", type=int, help="the console's; all others shift along")
    parser.add_argument("--data", type=Path, help="folder that keeps everything")
    parser.add_argument("--reset", action="store_true", help="throw away what the folder keeps")
    parser.add_argument(
        "--smoke", action="store_true", help="prove the main job, print the result, and stop"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="nothing happens by itself: no calls, no texts"
    )
    parser.add_argument("--past-days", type=int, default=35, help=argparse.SUPPRESS)
    parser.add_argument("--refuse-tasks", action="store_true", help=argparse.SUPPRESS)


def prepare(arguments: Sequence[str]) -> None:
    """Choose folder and ports, keep secrets, and set this process's environment accordingly.

    Ends the process with a sentence where the demo cannot start.
    """
    if {"-h", "--help"} & set(arguments):
        return
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options, _ = parser.parse_known_args(arguments)
    try:
        place = _choose_place(options)
        _open_folder(place.data, reset=options.reset)
        os.environ.update(_build_environment(place))
    except (DemoError, OSError) as error:
        sys.exit(f"The demo cannot start: {error}")


def is_demo_process() -> bool:
    """Whether ``prepare`` made this process's environment, or that of one above it."""
    return _PLACE in os.environ


def current_place() -> DemoPlace:
    """What ``prepare`` chose."""
    return DemoPlace(
        data=Path(os.environ[_PLACE]),
        port=int(os.environ[_PORT]),
        is_temporary=_TEMPORARY in os.environ,
    )


def leave(place: DemoPlace) -> None:
    """Take away what a finished demo must not leave behind."""
    place.redis_socket.unlink(missing_ok=True)
    if place.redis_socket.parent != place.data:
        shutil.rmtree(place.redis_socket.parent, ignore_errors=True)
    if place.is_temporary:
        shutil.rmtree(place.data, ignore_errors=True)


def find_free_port() -> int:
    """A console port whose whole family is free."""
    for port in range(20_000 + secrets.randbelow(20_000), 60_000, 40):
        if not list_taken_ports(port):
            return port
    raise DemoError("no free ports were found.")


def list_taken_ports(port: int) -> list[int]:
    """Which ports of the family somebody else listens on."""
    return [port + offset for offset in PORT_OFFSETS.values() if not _is_free(port + offset)]


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _choose_place(options: argparse.Namespace) -> DemoPlace:
    port: int = options.port or (find_free_port() if options.smoke else DEFAULT_PORT)
    if taken := list_taken_ports(port):
        raise DemoError(f"port {taken[0]} is taken. --port chooses others.")
    if options.data:
        return DemoPlace(options.data.resolve(), port)
    if options.smoke:
        return DemoPlace(Path(tempfile.mkdtemp(prefix="patchbay-")), port, is_temporary=True)
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return DemoPlace(Path(base) / "patchbay-demo", port)


def _open_folder(data: Path, *, reset: bool) -> None:
    """Make the folder ours alone, hold it against a second demo, and empty it if asked to."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    entries = {entry.name for entry in data.iterdir()}
    if entries - {"lock"} and _SECRETS not in entries:
        raise DemoError(f"{data} holds something else. --data chooses another folder.")
    data.chmod(0o700)
    _hold(data / "lock")
    if not reset:
        return
    for entry in data.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != "lock":
            entry.unlink()


def _hold(lock: Path) -> None:
    # Never closed: it is held until this process and all of its children are gone.
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DemoError(f"another demo runs on {lock.parent}.") from error


def _build_environment(place: DemoPlace) -> Mapping[str, str]:
    servers = ("salesforce", "sms", "phone system")
    private = [f"127.0.0.1:{place.port_of(server)}" for server in servers]
    # The console calls itself, too, where somebody tests a callback address.
    private.append(f"localhost:{place.port_of('console')}")
    kept = _keep_secrets(place.data / _SECRETS)
    _make_socket_folder(place.redis_socket.parent)
    chosen = {_PLACE: str(place.data), _PORT: str(place.port)}
    if place.is_temporary:
        chosen[_TEMPORARY] = "1"
    return chosen | {
        "PATCHBAY_DEMO": "1",
        "SECRET_KEY": kept["SECRET_KEY"],
        "ENCRYPTION_KEYS": kept["ENCRYPTION_KEYS"],
        "DATABASE_URL": f"sqlite:///{quote(str(place.data / 'patchbay.sqlite3'))}",
        "REDIS_URL": f"unix://{quote(str(place.redis_socket))}?db=0",
        "PUBLIC_URL": place.console_url,
        "LIVE_URL": place.live_url,
        "ALLOWED_HOSTS": "localhost,127.0.0.1",
        "STATIC_ROOT": str(place.data / "static"),
        "EMAIL_URL": f"filemail:///{quote(str(place.data / 'mail'))}",
        "OUTGOING_PRIVATE_HOSTS": ",".join(private),
        "MITTO_URL": place.simulator_url("sms"),
        "TWILIO_URL": place.simulator_url("sms"),
        "SALESFORCE_LOGIN_URL": place.simulator_url("salesforce"),
        # The simulated org speaks plain http on loopback; elsewhere a boot error (RULES F7).
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
        "SALESFORCE_CLIENT_ID": CONSUMER_KEY,
        "SALESFORCE_CLIENT_SECRET": kept["SALESFORCE_CLIENT_SECRET"],
    }


def _make_socket_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.stat()
    # Where everybody may write, somebody else may have made it first.
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise DemoError(f"{folder} is open to others. Choose a shorter path with --data.")


def _keep_secrets(path: Path) -> dict[str, str]:
    """The secrets of this folder; made once, because what they seal must stay readable."""
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
        return kept
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "SALESFORCE_CLIENT_SECRET": secrets.token_urlsafe(24),
    }
    write_private(path, json.dumps(made, indent=2))
    return made


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
