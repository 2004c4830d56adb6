"""``manage.py`` on a bare machine: what it builds, when it builds again, what it leaves alone.

The scenes run in a copy of the bootstrap with made-up lock files, mostly with a made-up uv that
only notes what it was told; no package comes from a network.
"""

import base64
import hashlib
import importlib.util as importlib_util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from config import bootstrap

BASE_PYTHON: str = getattr(sys, "_base_executable", sys.executable)
MANAGE = """
import sys
from config import bootstrap
bootstrap.ensure_environment(sys.argv)
print("ran in", sys.prefix)
"""
UV = """\
#!{python}
import pathlib, sys, time
root = pathlib.Path({root!r})
with (root / "uv.log").open("a") as log:
    print(*sys.argv[1:], file=log)
if sys.argv[1] == "venv":
    venv, python = pathlib.Path(sys.argv[-1]), pathlib.Path(sys.argv[-2])
    (venv / "bin").mkdir()
    (venv / "bin" / "python").symlink_to(python)
    (venv / "pyvenv.cfg").write_text(f"home = {{python.parent}}\\n")
    time.sleep(0.1)
sys.exit(1 if (root / "uv-fails").exists() else 0)
"""


class Checkout:
    """A clone on a bare machine: our bootstrap, two locks, an empty home directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.venv = root / ".venv"
        (root / "config").mkdir(parents=True)
        (root / "config" / "__init__.py").touch()
        shutil.copy(bootstrap.__file__, root / "config" / "bootstrap.py")
        (root / "manage.py").write_text(MANAGE)
        (root / "requirements.lock").write_text("one==1.0\n")
        (root / "requirements-dev.lock").write_text("one==1.0\ntwo==2.0\n")
        self.tools = root / "tools"
        self.tools.mkdir()
        self.environment = {
            "PATH": f"{self.tools}:/usr/bin:/bin",
            "HOME": str(root / "home"),
            "PIP_CONFIG_FILE": os.devnull,
        }

    def add_uv(self) -> None:
        uv = self.tools / "uv"
        uv.write_text(UV.format(python=BASE_PYTHON, root=str(self.root)))
        uv.chmod(0o755)
        # Machines whose pip is set up have their own idea of where packages come from.
        self.environment["UV_NO_INDEX"] = "1"

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        # -S: whatever is installed beside this Python is not seen, as on a bare machine.
        return subprocess.Popen(
            [BASE_PYTHON, "-S", "manage.py", *arguments],
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output and complaints of ``manage.py``."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def uv_calls(self) -> list[str]:
        """The subcommands that uv was given, in order."""
        log = self.root / "uv.log"
        return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "clone")


@pytest.fixture
def checkout_with_uv(checkout: Checkout) -> Checkout:
    checkout.add_uv()
    return checkout


def make_wheel(directory: Path) -> str:
    """A package ``one`` 1.0 in ``directory``; returns its hash for a lock file."""
    directory.mkdir()
    files = {
        "one.py": "",
        "one-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: one\nVersion: 1.0\n",
        "one-1.0.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = "".join(
        f"{name},sha256={_urlsafe(text)},{len(text)}\n" for name, text in files.items()
    )
    files["one-1.0.dist-info/RECORD"] = f"{record}one-1.0.dist-info/RECORD,,\n"
    wheel = directory / "one-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def _urlsafe(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_pip_builds_from_its_own_sources_once(checkout: Checkout) -> None:
    """Although uv is there: only pip was told where packages come from."""
    checkout.add_uv()
    del checkout.environment["UV_NO_INDEX"]
    digest = make_wheel(checkout.root / "wheels")
    (checkout.root / "requirements.lock").write_text(f"one==1.0 --hash=sha256:{digest}\n")
    checkout.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(checkout.root / "wheels")}
    code, out, err = checkout.manage("demo")
    assert (code, out) == (0, f"ran in {checkout.venv}\n"), err
    assert list(checkout.venv.glob("lib/*/site-packages/one.py"))
    assert "first run" in err
    assert checkout.manage("demo") == (0, f"ran in {checkout.venv}\n", "")
    assert checkout.uv_calls() == []


def test_pip_refuses_a_package_that_is_not_the_locked_one(checkout: Checkout) -> None:
    make_wheel(checkout.root / "wheels")
    (checkout.root / "requirements.lock").write_text(f"one==1.0 --hash=sha256:{'0' * 64}\n")
    checkout.environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(checkout.root / "wheels")}
    code, out, err = checkout.manage("demo")
    assert (code, out) == (1, "")
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in err


def test_uv_builds_where_it_is_on_path(checkout_with_uv: Checkout) -> None:
    code, out, _ = checkout_with_uv.manage("demo")
    assert (code, out) == (0, f"ran in {checkout_with_uv.venv}\n")
    assert checkout_with_uv.uv_calls() == ["venv", "pip"]
    log = (checkout_with_uv.root / "uv.log").read_text()
    assert log.count("--require-hashes -r") == 1


def test_a_changed_lock_builds_anew(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.manage("demo")
    (checkout_with_uv.venv / "left-over").touch()
    (checkout_with_uv.root / "requirements.lock").write_text("one==1.1\n")
    code, _, _ = checkout_with_uv.manage("demo")
    assert code == 0
    assert checkout_with_uv.uv_calls() == ["venv", "pip"] * 2
    assert not (checkout_with_uv.venv / "left-over").exists()


def test_the_environment_for_tests_serves_every_command(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.manage("test")
    checkout_with_uv.manage("demo")
    assert checkout_with_uv.uv_calls() == ["venv", "pip"]


def test_an_environment_for_the_demo_is_extended_for_tests(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.manage("demo")
    checkout_with_uv.manage("test")
    checkout_with_uv.manage("demo")
    assert checkout_with_uv.uv_calls() == ["venv", "pip", "pip"]


def test_a_failed_build_is_not_taken_for_a_finished_one(checkout_with_uv: Checkout) -> None:
    failing = checkout_with_uv.root / "uv-fails"
    failing.touch()
    code, out, err = checkout_with_uv.manage("demo")
    assert (code, out) == (1, "")
    assert "This failed (see above): " in err
    assert "Traceback" not in err
    failing.unlink()
    assert checkout_with_uv.manage("demo")[0] == 0


def test_two_commands_at_once_build_once(checkout_with_uv: Checkout) -> None:
    both = [checkout_with_uv.start("demo"), checkout_with_uv.start("migrate")]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert outputs == [f"ran in {checkout_with_uv.venv}\n"] * 2
    assert checkout_with_uv.uv_calls() == ["venv", "pip"]


def test_an_environment_that_somebody_else_made_is_left_alone(checkout_with_uv: Checkout) -> None:
    checkout_with_uv.venv.mkdir()
    (checkout_with_uv.venv / "precious").touch()
    code, _, err = checkout_with_uv.manage("demo")
    assert code == 1
    assert "was not made by manage.py" in err
    assert (checkout_with_uv.venv / "precious").exists()


def test_it_can_be_switched_off(checkout: Checkout) -> None:
    checkout.environment["PATCHBAY_NO_BOOTSTRAP"] = "1"
    code, out, _ = checkout.manage("demo")
    assert (code, out.startswith("ran in ")) == (0, True)
    assert not checkout.venv.exists()


def test_inside_a_working_environment_nothing_happens(tmp_path: Path) -> None:
    bootstrap.ensure_environment(["manage.py", "demo"], root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_python_without_ensurepip_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PATCHBAY_NO_BOOTSTRAP", raising=False)
    monkeypatch.setattr(importlib_util, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (tmp_path / "requirements.lock").touch()
    with pytest.raises(SystemExit):
        bootstrap.ensure_environment(["manage.py", "demo"], root=tmp_path)
    assert "sudo apt install python3." in capsys.readouterr().err


def test_a_python_that_is_too_old_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PATCHBAY_NO_BOOTSTRAP", raising=False)
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (99, 1))
    monkeypatch.setattr(importlib_util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit):
        bootstrap.ensure_environment(["manage.py", "demo"], root=tmp_path)
    assert "Patchbay needs Python 99.1 or newer" in capsys.readouterr().err


def test_an_unfinished_stamp_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").touch()
    venv = tmp_path / ".venv"
    venv.mkdir()
    for text in ("", "{}", json.dumps({"requirements.lock": "of another interpreter"})):
        (venv / "patchbay-stamp.json").write_text(text)
        assert not bootstrap.is_current(venv, tmp_path, bootstrap.RUNTIME_LOCK)
