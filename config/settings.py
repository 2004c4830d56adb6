"""Every setting, read from the environment in one place (``docs/settings.md`` lists them)."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE

from config.console import UNFOLD, UNFOLD_CONSOLE  # noqa: F401 - read by our two sites

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

# ---- What this process is -------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("PATCHBAY_DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
#: Fernet keys, newest first; what they seal names its key, so old ones may stay behind.
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEYS", default=[])
#: Where people and vendors reach this installation; callback addresses are built from it only.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000").rstrip("/")
#: Where browsers reach the live stream of softphone panels.
LIVE_URL = env.str("LIVE_URL", default=f"{PUBLIC_URL}/live/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])

# ---- Apps -----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the plain config would replace our default site
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "integrations.apps.PatchbayAdminConfig",
    "integrations.apps.IntegrationsConfig",
    "calls.apps.CallsConfig",
    "sms.apps.SmsConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_rq",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "integrations.hooks.HooksMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "integrations.middleware.WorkspaceAddressMiddleware",
    "integrations.content_security.ContentSecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "integrations.middleware.WorkspaceMiddleware",
]

ROOT_URLCONF = "config.urls"
#: What lies behind /w/<slug>/: the console site alone (RULES F1).
CONSOLE_URLCONF = "config.urls_console"
WSGI_APPLICATION = "config.wsgi.application"
#: Streams softphone panels, and nothing else (RULES F9).
ASGI_APPLICATION = "config.asgi.application"
TEST_RUNNER = "config.testing.PytestTestRunner"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

# ---- Data -----------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR}/.data/patchbay.sqlite3")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Web and workers share the file: readers never block, writers queue instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "integrations.User"

REDIS_URL = env.str("REDIS_URL", default="redis://localhost:6379/0")
#: Redis only carries wake-ups (RULES F5): give up fast, never retry.
REDIS_CLIENT_OPTIONS = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25}
QUEUES = (
    "calls",
    "lookups",
    "sms-inbound",
    "sms-reports",
    "sms-send",
    "crm",
    "background",
)
RQ_QUEUES = {
    name: {
        "URL": REDIS_URL,
        "SERIALIZER": "rq.serializers.JSONSerializer",
        "DEFAULT_TIMEOUT": 300,
    }
    for name in QUEUES
}
RQ_SHOW_ADMIN_LINK = False

CACHES = {
    "default": {
        "BACKEND": "integrations.caching.FallbackCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"fallback": "database"},
    },
    "database": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        # Rate limits must not be thrown out to make room while somebody is trying passwords.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# ---- People ---------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "integrations.account_forms.InvitedSignupForm"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# By code: mail scanners follow links, and a code proves that the same person is reading.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# One address an account; a new one takes its place once it is verified.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Nobody can make us write to addresses that have no account.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_ADAPTER = "integrations.accounts.PatchbayAccountAdapter"
MFA_ADAPTER = "integrations.accounts.PatchbayMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Browsers offer passkeys over https and on http://localhost; the library takes no other origin.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"add_webauthn": "integrations.account_forms.AddPasskeyForm"}
MFA_TOTP_ISSUER = "Patchbay"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
USERSESSIONS_TRACK_ACTIVITY = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workspace_choose"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Patchbay <patchbay@localhost>")

# ---- Web ------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS: list[Path] = []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.static_files.HashedFiles"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

_https = PUBLIC_URL.startswith("https://")
_port = PUBLIC_URL.rsplit(":", 1)[-1] if PUBLIC_URL.count(":") > 1 else ""
# Ports do not separate cookies, so the names do (RULES F10).
SESSION_COOKIE_NAME = f"patchbay_session{_port}"
CSRF_COOKIE_NAME = f"patchbay_csrf{_port}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_SSL_REDIRECT = _https and env.bool("SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
X_FRAME_OPTIONS = "DENY"

# Strict unless a page has a reason (RULES F8); the nonce appears where a template asks for it.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'", NONCE],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
#: For the console and /ops/: Unfold's Alpine evaluates expressions, and its colours are inline.
THEMED_PAGES_SECURITY_DIRECTIVES = {
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}


# ---- Salesforce and other outside systems ---------------------------------------------------
#: host:port pairs in private address space that may be called (RULES F7), also by plain http.
OUTGOING_PRIVATE_HOSTS = env.list("OUTGOING_PRIVATE_HOSTS", default=[])
#: Where the gateways' interfaces are; Mitto has regional hosts too.
MITTO_URL = env.str("MITTO_URL", default="https://rest.mittoapi.net").rstrip("/")
TWILIO_URL = env.str("TWILIO_URL", default="https://api.twilio.com").rstrip("/")
SALESFORCE_LOGIN_URL = env.str("SALESFORCE_LOGIN_URL", default="https://login.salesforce.com")
SALESFORCE_CLIENT_ID = env.str("SALESFORCE_CLIENT_ID", default="")
SALESFORCE_CLIENT_SECRET = env.str("SALESFORCE_CLIENT_SECRET", default="")
#: Deadline for one whole request, seconds; always shorter than the lease of what it works for.
SALESFORCE_DEADLINE_SECONDS = env.float("SALESFORCE_DEADLINE_SECONDS", default=60.0)
#: Lease of a claimed write: longer than a refused try, a token refresh and the second try.
OUTBOX_LEASE_SECONDS = env.float("OUTBOX_LEASE_SECONDS", default=240.0)
#: How long a lost answer may still be carried out at Salesforce (RULES C2), seconds.
UNKNOWN_OUTCOME_WAIT_SECONDS = env.float("UNKNOWN_OUTCOME_WAIT_SECONDS", default=660.0)
#: A call of which nothing was heard for so long is closed as unknown, hours.
CALL_OPEN_HOURS = env.float("CALL_OPEN_HOURS", default=12.0)
#: When a gateway is asked what became of a text of which it reports nothing final, hours. Twilio
#: tries for ten.
SMS_ASK_AFTER_HOURS = env.float("SMS_ASK_AFTER_HOURS", default=12.0)
#: How long to wait after a lost refresh answer before the one retry (RULES C10), seconds.
REFRESH_UNKNOWN_WAIT_SECONDS = env.float("REFRESH_UNKNOWN_WAIT_SECONDS", default=60.0)

#: Where people compare subscriptions; without it pages only name them.
PLANS_URL = env.str("PLANS_URL", default="")

# ---- Intake ---------------------------------------------------------------------------------
INTAKE_MAX_BODY_BYTES = 256 * 1024
#: Bearer token of /metrics; empty closes it.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
API_KEY_RATE_LIMIT = env.str("API_KEY_RATE_LIMIT", default="600/minute")
#: Counted before the key is looked at, so that nobody can try many.
API_ADDRESS_RATE_LIMIT = env.str("API_ADDRESS_RATE_LIMIT", default="1200/minute")
INTAKE_RATE_LIMIT = env.str("INTAKE_RATE_LIMIT", default="600/second")

# ---- Public API -----------------------------------------------------------------------------
REST_FRAMEWORK = {
    # integrations.api.views.ApiView names its own: neither sessions nor CSRF, no open endpoint.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "integrations.api.problems.answer_problem",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Patchbay",
    "DESCRIPTION": "Calls, activities, and what Patchbay writes to Salesforce for them.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.0.3",  # Salesforce External Services takes no later one
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

LOGGING_CONFIG = None  # integrations.logging sets structlog up
LOG_FORMAT = env.str("LOG_FORMAT", default="json")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
