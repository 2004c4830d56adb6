"""Settings of the test run: cheap hashing, plain static files, loopback only.

Redis and the SQLite file lie in a directory of this run's own. It is only named here;
``tests/conftest.py`` makes it, starts Redis in it and removes it. Tests empty their Redis, so the
``REDIS_URL`` of a person is left alone; ``TEST_REDIS_URL`` names one that may be emptied. The
processes that a test starts inherit the directory and keep the addresses that they were given.
"""

import os
import tempfile
from pathlib import Path

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
_inherited_directory = os.environ.get("PATCHBAY_TEST_RUN_DIRECTORY", "")
if not _inherited_directory.endswith(_worker):
    # The first process of a parallel run hands down its own; each worker has another.
    _inherited_directory = ""
#: Short, because the path of a Unix socket may have about 107 bytes.
TEST_RUN_DIRECTORY = Path(
    _inherited_directory or f"{tempfile.gettempdir()}/patchbay-test-{os.getpid()}{_worker}"
)
#: Where this run starts a Redis; none where one was given.
TEST_REDIS_SOCKET: Path | None = None

os.environ.setdefault("SECRET_KEY", "test-only-secret-key-that-is-long-enough-for-django")
os.environ.setdefault("ENCRYPTION_KEYS", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE=")
if not _inherited_directory:
    os.environ["PATCHBAY_TEST_RUN_DIRECTORY"] = str(TEST_RUN_DIRECTORY)
    os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL", "")
    if not os.environ["REDIS_URL"]:
        TEST_REDIS_SOCKET = TEST_RUN_DIRECTORY / "redis.sock"
        os.environ["REDIS_URL"] = f"unix://{TEST_REDIS_SOCKET}?db=0"

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, env  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that threads and processes share it; tests survive no power cut, so no fsync.
    DATABASES["default"]["TEST"] = {"NAME": str(TEST_RUN_DIRECTORY / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )
else:
    # The database of the run is dropped at its end: no connection may stay open.
    DATABASES["default"]["CONN_MAX_AGE"] = 0

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
OUTGOING_PRIVATE_HOSTS = ["127.0.0.1:*", "localhost:*"]
LOG_LEVEL = env.str("LOG_LEVEL", default="WARNING")
# Browser tests get style sheets and scripts without collecting them first.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
