"""All settings, read from the environment (`.env.example` lists them). Two ways to run: docs/adr/0003."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured

from Management import schedule, schema
from Management.calendars import calendar
from Management.databases import database
from Management.esp import anymail
from Management.logging import logging_config
from Management.numbers import number
from Management.secrets import load_or_make
from Management.sla import targets

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
DATA_DIR = BASE_DIR / (env.str("DATA_DIR", default="") or "var")


def _list(name: str) -> list[str]:
    """What stands between the commas, which may have spaces around it."""
    return [part.strip() for part in env.str(name, default="").split(",") if part.strip()]


def _number(name: str, default: int, most: int, what: str = "a number of days") -> int:
    return number(name, env.str(name, default=""), default, most=most, what=what)


# --- Secrets -----------------------------------------------------------------------------------
DEFAULT_SECRETS = {"", "change-me"}
SECRET_NAMES = ("SECRET_KEY", "JWT_SIGNING_KEY")


def _secrets() -> dict[str, str]:
    given = {name: env.str(name, default="") for name in SECRET_NAMES}
    missing = [name for name in SECRET_NAMES if given[name] in DEFAULT_SECRETS]
    if missing and not (DEBUG or DEMO):
        raise ImproperlyConfigured(f"Set {' and '.join(missing)} (or run with DEMO=1 on a laptop).")
    if missing:
        made = load_or_make(DATA_DIR / "secrets.json", SECRET_NAMES)
        given |= {name: made[name] for name in missing}
    short = [name for name in SECRET_NAMES if len(given[name]) < 32]
    if short:
        raise ImproperlyConfigured(f"{' and '.join(short)} must have at least 32 characters.")
    return given


_secret = _secrets()
SECRET_KEY = _secret["SECRET_KEY"]
JWT_SIGNING_KEY = _secret["JWT_SIGNING_KEY"]

# --- Where we are ------------------------------------------------------------------------------
PUBLIC_URL = (env.str("PUBLIC_URL", default="") or "http://127.0.0.1:8000").rstrip("/")
PASSWORD_RESET_URL = env.str("PASSWORD_RESET_URL", default="")
ALLOWED_HOSTS = _list("ALLOWED_HOSTS") or ["127.0.0.1", "localhost", "[::1]"]
CORS_ALLOWED_ORIGINS = _list("CORS_ALLOWED_ORIGINS")
# In demo mode the development server of a front end may call, whatever its port.
CORS_ALLOWED_ORIGIN_REGEXES = [r"^http://(localhost|127\.0\.0\.1)(:\d+)?$"] if DEMO else []
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "if-none-match", "if-match", "idempotency-key"]
CORS_ALLOW_HEADERS += ["last-event-id"]
CORS_EXPOSE_HEADERS = ["Content-Disposition", "ETag", "Idempotency-Replayed", "Retry-After"]
CORS_EXPOSE_HEADERS += ["X-Poll-Interval", "X-Request-ID"]
CORS_URLS_REGEX = r"^/api/"
# How many reverse proxies of ours add to X-Forwarded-For; 0: the header is not believed.
TRUSTED_PROXIES = int(env.str("TRUSTED_PROXIES", default="") or 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
# A day, so that a mistake is soon forgotten; proxies may say more.
SECURE_HSTS_SECONDS = 86_400 if PUBLIC_URL.startswith("https://") and not (DEBUG or DEMO) else 0
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "core.views.errors.csrf_failure"

# --- Application -------------------------------------------------------------------------------
ROOT_URLCONF = "Management.urls"
WSGI_APPLICATION = "Management.wsgi.application"
ASGI_APPLICATION = "Management.asgi.application"
AUTH_USER_MODEL = "core.User"
LOGIN_REDIRECT_URL = "/admin/"  # who signs in on a page is on the way there
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
EXTRA_APPS = _list("EXTRA_APPS")  # of others: core/extension.py
INSTALLED_APPS = [
    "core",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "anymail",
    "channels",
    "corsheaders",
    "django_filters",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "phonenumber_field",
    "rest_framework",
    *EXTRA_APPS,
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "Management.middleware.own_host",
    "Management.middleware.demo_stays_here",
    "Management.middleware.private",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "core.views.idempotency.once",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # no collectstatic step; the files are ours and few
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes of one JSON body

# --- Files on tickets --------------------------------------------------------------------------
# Any Django storage, such as those of django-storages. All processes need the same: one folder, or one bucket.
FILE_STORAGE = env.str("FILE_STORAGE", default="")
FILE_FOLDER = {
    "location": DATA_DIR / "attachments",
    "file_permissions_mode": 0o600,
    "directory_permissions_mode": 0o700,
}
STORAGES = {
    "default": {
        "BACKEND": FILE_STORAGE or "django.core.files.storage.FileSystemStorage",
        "OPTIONS": json.loads(env.str("FILE_STORAGE_OPTIONS", default="") or "{}") if FILE_STORAGE else FILE_FOLDER,
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Database ----------------------------------------------------------------------------------
DATABASES = {"default": database(env, DATA_DIR)}

# --- Redis: channel layer, broker, cache (none of them holds anything that may not be lost) ------
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # No socket_timeout: the layer listens on this connection (django/channels_redis#422).
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_connect_timeout": 2}]},
        }
    }
else:
    # It drops members after a day by default; sockets leave by themselves.
    IN_MEMORY = {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"group_expiry": 10**9}}
    CHANNEL_LAYERS = {"default": IN_MEMORY}

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or REDIS_URL or "memory://localhost/"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for as long as it is away; how often says Management/celery.py
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.05}
    if CELERY_BROKER_URL.startswith("memory")
    else {"socket_timeout": 2, "socket_connect_timeout": 2}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_POOL = "threads"  # sending is waiting: threads, and lanes for each channel (notifications/lane.py)
CELERY_WORKER_CONCURRENCY = 10  # three for each of two channels, should both hang; two jobs; two for what is short
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = schedule.BEAT
SWEEP_SECONDS = schedule.SWEEP_SECONDS

# --- Retention: after so many days what was read, and what attempts have left, is deleted; 0: never ------
NOTIFICATIONS_KEPT_DAYS = _number("NOTIFICATIONS_KEPT_DAYS", 0, most=36_500)
ATTEMPTS_KEPT_DAYS = _number("ATTEMPTS_KEPT_DAYS", 0, most=36_500)

# --- E-mail and WhatsApp -----------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", default="")
EMAIL_ESP = env.str("EMAIL_ESP", default="")
ANYMAIL = anymail(EMAIL_ESP, env.str("ANYMAIL", default=""))
EMAIL_TIMEOUT = 5  # seconds for each reply; how late a mail may begin is said in channels/email.py
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Incident Management <incidents@localhost>")
if EMAIL_URL:
    _email = env.email_url("EMAIL_URL")
    EMAIL_BACKEND = _email["EMAIL_BACKEND"].replace("django.core.mail.backends.smtp", "core.notifications.smtp")
    EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"] or "", _email["EMAIL_HOST_PASSWORD"] or ""
    EMAIL_USE_TLS, EMAIL_USE_SSL = _email.get("EMAIL_USE_TLS", False), _email.get("EMAIL_USE_SSL", False)
else:
    EMAIL_BACKEND = (
        f"anymail.backends.{EMAIL_ESP}.EmailBackend" if EMAIL_ESP else "core.notifications.outbox.EmailBackend"
    )

TWILIO_ACCOUNT_SID = env.str("TWILIO_ACCOUNT_SID", default="")
TWILIO_AUTH_TOKEN = env.str("TWILIO_AUTH_TOKEN", default="")
TWILIO_WHATSAPP_FROM = env.str("TWILIO_WHATSAPP_FROM", default="")
TWILIO_API_URL = env.str("TWILIO_API_URL", default="")
TWILIO_CONTENT_SIDS: dict[str, str] = json.loads(env.str("TWILIO_CONTENT_SIDS", default="") or "{}")

# What to do when nobody can tell whether a message has arrived (core/notifications/doubt.py).
IN_DOUBT = {
    "EMAIL": env.str("EMAIL_IN_DOUBT", default="") or "rather_twice",
    "WHATSAPP": env.str("WHATSAPP_IN_DOUBT", default="") or "rather_not",
}
if not set(IN_DOUBT.values()) <= {"rather_twice", "rather_not"}:
    raise ImproperlyConfigured("EMAIL_IN_DOUBT and WHATSAPP_IN_DOUBT must be rather_twice or rather_not.")
# How long a WhatsApp message may take before the e-mail goes that its recipient had switched off; 0: it never does.
WHATSAPP_FALLBACK_MINUTES = _number("WHATSAPP_FALLBACK_MINUTES", 15, most=10_000, what="a number of minutes")

# --- Fairness: how many messages a minute may leave (0: any number) -------------------------------
RATE_PER_RECIPIENT = _number("RATE_PER_RECIPIENT", 200, 1_000_000, "messages a minute")
RATE_PER_CHANNEL = {
    "EMAIL": _number("RATE_EMAIL", 0, 1_000_000, "messages a minute"),
    # 80 a second: what Twilio takes for one sender by default.
    "WHATSAPP": _number("RATE_WHATSAPP", 4_800, 1_000_000, "messages a minute"),
}

# --- SLA: what a ticket is promised, by priority -------------------------------------------------
SLA_RESPONSE = targets("SLA_RESPONSE", env.str("SLA_RESPONSE", default=""), "CRITICAL=15m,HIGH=1h,MEDIUM=4h,LOW=8h")
SLA_RESOLUTION = targets(
    "SLA_RESOLUTION", env.str("SLA_RESOLUTION", default=""), "CRITICAL=4h,HIGH=24h,MEDIUM=72h,LOW=168h"
)
_longest = max(*SLA_RESPONSE.values(), *SLA_RESOLUTION.values())
SLA_CALENDAR = calendar("SLA_CALENDAR", env.str("SLA_CALENDAR", default=""), _longest)

# --- Metrics: the port on which a Celery worker serves what it has counted; 0: none --------------
METRICS_PORT = _number("METRICS_PORT", 0, most=65_535, what="a port")

# --- What is resolved is closed by itself after so many days, its creator reminded before; 0: never ---
AUTO_CLOSE_DAYS = _number("AUTO_CLOSE_DAYS", 7, most=3_650)
AUTO_CLOSE_REMINDER_DAYS = _number("AUTO_CLOSE_REMINDER_DAYS", max(AUTO_CLOSE_DAYS - 2, 0), most=3_650)
if 0 < AUTO_CLOSE_DAYS <= AUTO_CLOSE_REMINDER_DAYS:
    raise ImproperlyConfigured("AUTO_CLOSE_REMINDER_DAYS must be less than AUTO_CLOSE_DAYS, or 0.")

# --- REST --------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "core.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "core.openapi.Schema",
    "EXCEPTION_HANDLER": "core.exceptions.handle",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SIGNING_KEY,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=7),
}
SPECTACULAR_SETTINGS = schema.SETTINGS

# --- Logs --------------------------------------------------------------------------------------
LOGGING = logging_config(readable=sys.stderr.isatty())
