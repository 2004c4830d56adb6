"""Settings of the test run: cheap hashing, plain static files, loopback only."""

import os

os.environ.setdefault("SECRET_KEY", "test-only-secret-key-that-is-long-enough-for-django")
os.environ.setdefault("ENCRYPTION_KEYS", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE=")

from config.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
OUTGOING_PRIVATE_HOSTS = ["127.0.0.1:*", "localhost:*"]
LOG_LEVEL = "WARNING"
