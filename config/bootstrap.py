"""Makes ``manage.py`` work on a bare machine (RULES F12). Standard library only.

Where the running Python already has what Patchbay needs, nothing happens. Elsewhere ``.venv`` is
built beside ``manage.py`` from the hashed lock file, and the command runs again inside it.

A stamp in ``.venv`` says which interpreter and which lock files it was built from. It is written
last, so that an interrupted build is never taken for a finished one. ``requirements-dev.lock``
holds everything of ``requirements.lock``, hence an environment for tests serves every command.
``PATCHBAY_NO_BOOTSTRAP=1`` switches all of this off (containers).
"""

from __future__ import annotations

import configparser
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
RUNTIME_LOCK = "requirements.lock"
DEVELOPMENT_LOCK = "requirements-dev.lock"
#: Commands that need what only developers have.
DEVELOPMENT_COMMANDS = frozenset({"test", "bench"})

_STAMP = "patchbay-stamp.json"
#: If these can be imported, somebody has set up this Python for Patchbay.
_PROOF = {
    RUNTIME_LOCK: ("django", "unfold", "rq"),
    DEVELOPMENT_LOCK: ("django", "unfold", "rq", "pytest"),
}
_PIP_SOURCES = frozenset({"index-url", "extra-index-url", "find-links", "no-index"})
_UV_SOURCES = (
    "UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS",
    "UV_NO_INDEX", "UV_CONFIG_FILE",
)  # fmt: skip


class BootstrapError(RuntimeError):
    """The environment could not be made; the message tells a person what to do."""


def ensure_environment(argv: Sequence[str], root: Path = ROOT) -> None:
    """Return if this process can run ``argv``; else build ``.venv`` and run ``argv`` inside it."""
    if os.environ.get("PATCHBAY_NO_BOOTSTRAP") == "1":
        return
    lock = DEVELOPMENT_LOCK if set(argv[1:2]) & DEVELOPMENT_COMMANDS else RUNTIME_LOCK
    venv = root / ".venv"
    inside = Path(sys.prefix).resolve() == venv.resolve() and is_ours(venv)
    if not inside and all(importlib.util.find_spec(name) for name in _PROOF[lock]):
        return
    try:
        _check_python()
        ready = is_current(venv, root, lock)
        if not ready:
            _build_once(venv, root, lock)
    except BootstrapError as error:
        _give_up(str(error))
    except OSError as error:
        _give_up(f"The environment {venv} could not be made: {error}")
    if not (inside and ready):
        os.execv(_python_of(venv), [str(_python_of(venv)), *argv])


def is_ours(venv: Path) -> bool:
    """Whether ``manage.py`` made (or began) this environment."""
    return (venv / _STAMP).exists()


def is_current(venv: Path, root: Path, lock: str) -> bool:
    """Whether the environment was finished from this lock file by this interpreter."""
    return _read_stamp(venv).get(lock) == _fingerprint(root / lock)


def _read_stamp(venv: Path) -> dict[str, str]:
    try:
        return dict(json.loads((venv / _STAMP).read_text()))
    except (OSError, ValueError):
        return {}


def _fingerprint(lock_file: Path) -> str:
    """A digest of the lock file and of the interpreter, the same inside and outside ``.venv``."""
    interpreter = f"{os.path.realpath(sys.base_prefix)}|{sys.version}|{platform.machine()}"
    return hashlib.sha256(interpreter.encode() + b"|" + lock_file.read_bytes()).hexdigest()


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise BootstrapError(
            f"Patchbay needs Python {wanted} or newer; this is {platform.python_version()}. "
            f"Try: python{wanted} manage.py"
        )


def _build_once(venv: Path, root: Path, lock: str) -> None:
    """Build under a lock, so that of two commands started together one builds and both run."""
    with _exclusively(root / ".venv.lock"):
        if is_current(venv, root, lock):
            return
        if venv.exists() and not is_ours(venv):
            raise BootstrapError(
                f"{venv} was not made by manage.py, so it is left alone. Install {lock} into it "
                f"and run {venv}/bin/python manage.py, or remove it and try again."
            )
        if not _can_be_extended(venv, root):
            _make_empty_environment(venv)
        _install(venv, root / lock)
        holds = (RUNTIME_LOCK, DEVELOPMENT_LOCK) if lock == DEVELOPMENT_LOCK else (RUNTIME_LOCK,)
        _write_stamp(venv, {name: _fingerprint(root / name) for name in holds})


@contextlib.contextmanager
def _exclusively(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Another manage.py is setting up .venv; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _can_be_extended(venv: Path, root: Path) -> bool:
    """A finished runtime environment only lacks the developers' packages."""
    return is_current(venv, root, RUNTIME_LOCK)


def _make_empty_environment(venv: Path) -> None:
    _say(f"Setting up Python {platform.python_version()} packages in {venv} (first run only).")
    if venv.exists():
        # Renamed first: a half-removed .venv would no longer be known as ours.
        discarded = venv.with_name(".venv.old")
        shutil.rmtree(discarded, ignore_errors=True)
        venv.rename(discarded)
        shutil.rmtree(discarded)
    venv.mkdir()
    _write_stamp(venv, {})
    python = getattr(sys, "_base_executable", None) or sys.executable
    if uv := _usable_uv():
        _run([uv, "venv", "--quiet", "--allow-existing", "--python", python, str(venv)])
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise BootstrapError(
            "This Python cannot make environments: the module ensurepip is missing. On Debian "
            f"and Ubuntu: sudo apt install python{version}-venv. Or install uv."
        )
    _run([python, "-m", "venv", str(venv)])


def _install(venv: Path, lock_file: Path) -> None:
    python = str(_python_of(venv))
    if uv := _usable_uv():
        _run([uv, "pip", "install", "--python", python, "--require-hashes", "-r", str(lock_file)])
        return
    total = len(re.findall(r"^[^\s#-].*==", lock_file.read_text(), re.MULTILINE))
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    _run_pip([*pip, "--require-hashes", "-r", str(lock_file)], total)


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode:
        raise BootstrapError(f"This failed (see above): {' '.join(command)}")


def _run_pip(command: list[str], total: int) -> None:
    """Run pip with a line of progress for every tenth package instead of its hundreds of lines."""
    seen: list[str] = []
    count = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        for line in pip.stdout or ():
            seen.append(line)
            if line.startswith("Collecting "):
                count += 1
                if count % 10 == 0:
                    _say(f"  {count} of about {total} packages fetched")
            elif line.startswith("Installing collected"):
                _say("  unpacking (up to a minute)")
    if pip.returncode:
        sys.stderr.writelines(seen[-30:])
        raise BootstrapError(f"This failed (see above): {' '.join(command)}")


def _usable_uv() -> str | None:
    """Where uv is, unless only pip was told where packages come from: uv would not know."""
    uv = shutil.which("uv")
    if uv is None or any(name in os.environ for name in _UV_SOURCES):
        return uv
    return None if _pip_has_own_sources() else uv


def _pip_has_own_sources() -> bool:
    if any(f"PIP_{name.upper().replace('-', '_')}" in os.environ for name in _PIP_SOURCES):
        return True
    files = configparser.ConfigParser(interpolation=None, strict=False)
    with contextlib.suppress(configparser.Error):
        files.read(_pip_configuration_files(), encoding="utf-8")
    return any(_PIP_SOURCES & set(files[section]) for section in files.sections())


def _pip_configuration_files() -> list[Path]:
    """Where pip looks, by its documentation ("Configuration", pip 23 to 26)."""
    home = Path.home()
    user = Path(os.environ.get("XDG_CONFIG_HOME", home / ".config"))
    mac = home / "Library" / "Application Support"
    places = [Path("/etc"), home / ".pip", user / "pip", mac / "pip", Path(sys.prefix)]
    shared = os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")
    places += [Path(directory) / "pip" for directory in shared]
    named = os.environ.get("PIP_CONFIG_FILE")
    return [place / "pip.conf" for place in places] + ([Path(named)] if named else [])


def _write_stamp(venv: Path, fingerprints: dict[str, str]) -> None:
    unfinished = venv / f"{_STAMP}.new"
    unfinished.write_text(json.dumps(fingerprints))
    unfinished.replace(venv / _STAMP)


def _python_of(venv: Path) -> Path:
    return venv / "bin" / "python"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _give_up(reason: str) -> NoReturn:
    _say(reason)
    sys.exit(1)
