"""The product's settings as its servers run on them, for benchmarks: no demo, no real secrets."""

import os

os.environ.setdefault("SECRET_KEY", "for-benchmarks-only-and-long-enough-for-django-to-accept-it")
os.environ.setdefault("ENCRYPTION_KEYS", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFE=")
# A measured rate must not be our own limit.
os.environ.setdefault("INTAKE_RATE_LIMIT", "1000000/second")
os.environ.setdefault("LOG_LEVEL", "ERROR")

from config.settings import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
OUTGOING_PRIVATE_HOSTS = ["127.0.0.1:*", "localhost:*"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
