"""A Django project as ``startproject`` makes it, on the database of the benchmark: the baseline."""

import os

import environ

env = environ.Env()

SECRET_KEY = "for-benchmarks-only-and-long-enough-for-django-to-accept-it"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "tests.bench.plain",
]
#: Without any, where the benchmark asks how much of its cost that is.
MIDDLEWARE = (
    []
    if "PLAIN_WITHOUT_MIDDLEWARE" in os.environ
    else [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
)
ROOT_URLCONF = "tests.bench.plain.urls"
DATABASES = {"default": env.db_url("DATABASE_URL")}
# What the product does for its own connections, so that the baseline is not handicapped.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
