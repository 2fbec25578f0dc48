"""All settings, from the environment. `.env.example` lists every variable; README explains them."""

import os
from datetime import timedelta
from email.utils import formataddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config.environment import (
    Reading,
    Timeouts,
    broker,
    cache,
    database,
    duration,
    flag,
    host,
    hosts,
    keys,
    link,
    mail_server,
    one_of,
    ports,
    public_keys,
    reports,
    retention,
    secret,
    sender,
    site,
    time_zone,
    timeouts,
    whole_number,
    words,
)
from sellers.targets import TargetRules

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")
setting = Reading()  # finished at the end, where all that is wrong is told at once

DEBUG = setting(flag, "DEBUG", default=False)
DEMO = setting(flag, "DEMO", default=False)  # installs config.demo: its banner, mailbox and shops
SECRET_KEY = setting(
    secret,
    "SECRET_KEY",
    why="a long random text; it signs sessions and survey links.",
    default="wrong",
)
SECRET_KEY_FALLBACKS = setting(keys, "SECRET_KEY_FALLBACKS", default=[])  # read with alone
SITE_URL = setting(site, "SITE_URL", default="http://localhost:8000")  # the URL in mails
SITE_HOST = urlsplit(SITE_URL).hostname or ""
LAPTOP = ["localhost", "127.0.0.1"] if DEBUG or DEMO else []
ALLOWED_HOSTS = setting(hosts, "ALLOWED_HOSTS", default=[SITE_HOST, *LAPTOP])
HTTPS = SITE_URL.startswith("https://")
if HTTPS and (DEBUG or DEMO):
    setting.refuse(
        "DEBUG and DEMO are for a laptop, and SITE_URL is https://: tracebacks or the mailbox of "
        "all customers would be there for everybody. Take DEBUG and DEMO away."
    )

# The marketplace: its days and months decide, its name is in the survey's question.
MARKETPLACE_NAME = setting(words, "MARKETPLACE_NAME", default="Nazorg")
MARKETPLACE_ZONE = setting(time_zone, "MARKETPLACE_TIME_ZONE", default=ZoneInfo("Europe/Amsterdam"))
TIME_ZONE = str(MARKETPLACE_ZONE)
USE_TZ = True
LEARNING_URL = setting(link, "LEARNING_URL")  # where sellers learn to improve; no link when empty
PEER_BENCHMARK = setting(flag, "PEER_BENCHMARK", default=True)  # sellers see their place

# Whoever asks by the marketplace's own button: what it says is signed (docs/ask.md). No key, no
# page. A new key beside the old one, each with a "kid", lets the marketplace change it.
ASK_KEYS = setting(public_keys, "ASK_KEY")

# The survey engine.
# Staff set its rules in the admin (surveys.SurveyPolicy). For a demo or a test the time from
# closing to deciding can be set here instead, and then the clock ticks faster too.
SURVEY_DELAY = setting(duration, "SURVEY_DELAY", default=None)
SURVEY_POLL_EVERY = timedelta(minutes=1)
if SURVEY_DELAY is not None:
    SURVEY_POLL_EVERY = min(SURVEY_POLL_EVERY, max(SURVEY_DELAY / 10, timedelta(seconds=2)))

# Files that come with messages: never below a folder that a web server shows, and no other's.
ATTACHMENTS_ROOT = BASE_DIR / setting(words, "ATTACHMENTS_ROOT", default=".local/attachments")
FILE_UPLOAD_HANDLERS = ["config.uploads.WholeUpload", "config.uploads.BoundedUpload"]

# What the inbox is narrowed by: of a closed query the app above knows what became of the survey.
INBOX_FILTER = "surveys.filters.SurveyedQueryFilter"
# What a query begins with when its customer was unhappy before: the app above knows that too.
RECALL = "surveys.followups.recalling.latest_low_score"

# What each app knows about a person, in the order in which it is locked and erased.
PRIVACY_MODULES = ["queries.privacy", "surveys.privacy", "insights.privacy"]
# How long what is kept (docs/decisions/0005-erasing-a-person.md); empty is for ever.
RETENTION_CUSTOMERS = setting(retention, "RETENTION_CUSTOMERS")
RETENTION_MESSAGES = setting(retention, "RETENTION_MESSAGES")
RETENTION_ANSWERS = setting(retention, "RETENTION_ANSWERS")

INSTALLED_APPS = [
    *(["config.demo"] if DEMO else []),
    "config",
    "insights",
    "surveys",
    "queries",
    "sellers",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "django_filters",
    "django_htmx",
    "lucide",
    "pgtrigger",
    "config.apps.StaffAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.health.health",  # asked by machines, with any host name and without TLS
    "config.logs.request_id",
    "config.metrics.metrics_page",
    "config.metrics.timed",
    "config.middleware.retry_later",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sellers.middleware.reader_language",  # knows who it is, so a session of before is ended
    "sellers.middleware.staff_second_factor",
    "config.middleware.read_only_get",
    "config.middleware.complete_body",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "config.context.site",
                *(["config.demo.context.demo"] if DEMO else []),
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "sellers.templatetags.icons",
            ],
        },
    }
]

# Each thread of the web server has a connection at hand, and no more are ever opened: config/web.py
# starts as many threads. Django's own CONN_MAX_AGE would open one for each thread that ever ran.
WEB_WORKERS = setting(whole_number, "GRANIAN_WORKERS", default=2, least=1)
WEB_THREADS = setting(whole_number, "GRANIAN_BLOCKING_THREADS", default=4, least=1)
DATABASE = setting(
    database,
    "DATABASE_URL",
    why="PostgreSQL 15 or newer, postgresql://user:password@host/name.",
    default={},
)
# Whoever migrates is another: config/roles.py.
DATABASE_OWNER = setting(database, "DATABASE_OWNER_URL", default={})
POOL = {"min_size": 1, "max_size": WEB_THREADS, "timeout": 10}
# What takes longer is ended by PostgreSQL, so that nothing that hangs keeps all others waiting. A
# page gives up before its proxy does; what the worker gives up, the next tick finds again. Which
# it is, config/wsgi.py, config/celery.py and manage.py say.
TIMEOUTS = {
    "web": setting(
        timeouts,
        "WEB_TIMEOUTS",
        default=Timeouts(timedelta(seconds=20), timedelta(seconds=2), timedelta(minutes=1)),
    ),
    "worker": setting(
        timeouts,
        "WORKER_TIMEOUTS",
        default=Timeouts(timedelta(minutes=30), timedelta(minutes=1), timedelta(minutes=5)),
    ),
    "command": setting(
        timeouts,
        "COMMAND_TIMEOUTS",
        default=Timeouts(timedelta(0), timedelta(minutes=1), timedelta(minutes=10)),
    ),
}
PROCESS = os.environ.get("NAZORG_PROCESS", "command")  # said by each entry point
OPTIONS = DATABASE.get("OPTIONS", {})
DATABASES = {
    "default": {
        **DATABASE,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": f"nazorg {PROCESS}",  # in pg_stat_activity
            **OPTIONS,
            "options": f"{TIMEOUTS[PROCESS].as_options()} {OPTIONS.get('options', '')}".strip(),
            "pool": POOL,
        },
    }
}
# A streaming replica of it, for what only reads and costs much: config/replica.py. Nobody waits
# long for one that is away, and one that was promoted is not written to.
DATABASE_REPLICA = setting(database, "DATABASE_REPLICA_URL", default={})
if DATABASE_REPLICA:
    theirs = DATABASE_REPLICA["OPTIONS"]
    limits = f"{TIMEOUTS[PROCESS].as_options()} -c default_transaction_read_only=on"
    DATABASES["replica"] = DATABASES["default"] | {
        **DATABASE_REPLICA,
        "OPTIONS": {
            "application_name": f"nazorg {PROCESS}",
            "connect_timeout": 2,  # seconds; as are these, after which a host counts as gone
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 2,
            **theirs,
            "options": f"{limits} {theirs.get('options', '')}".strip(),
            "pool": {"min_size": 0, "max_size": WEB_THREADS, "timeout": 1, "reconnect_timeout": 2},
        },
    }
    MIDDLEWARE.append("config.replica.ReadFromReplica")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE = setting(
    cache,
    "CACHE_URL",
    why="rediscache://host:6379/1, shared by all processes; it counts who asks too often.",
    default={"BACKEND": ""},
)
if CACHE["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
    CACHE["BACKEND"] = "config.cache.ForgetfulRedis"
CACHES = {"default": CACHE}

# Mail. Survey links must reach the customer, so there is no silent default in production.
EMAIL_AT_HOME = {"EMAIL_BACKEND": "sellers.smtp.EmailBackend"}  # port 25
vars().update(setting(mail_server, "EMAIL_URL", default=EMAIL_AT_HOME))
EMAIL_TIMEOUT = 30
MAIL_POLL_EVERY = min(timedelta(seconds=5), SURVEY_POLL_EVERY)
# What the mail server bears of all workers together; 0 connections hold all mail back.
MAIL_CONNECTIONS = setting(whole_number, "MAIL_CONNECTIONS", default=8)
MAIL_PER_MINUTE = setting(whole_number, "MAIL_PER_MINUTE", default=0) or None
DEFAULT_FROM_EMAIL = setting(
    sender, "DEFAULT_FROM_EMAIL", default=formataddr((MARKETPLACE_NAME, f"survey@{SITE_HOST}"))
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Mail to this domain is given to `manage.py receive_mail`: answers to replies, and bounces. It is
# used for nothing else. Without it customers answer on the page that each reply links to.
MAIL_IN_DOMAIN = setting(host, "MAIL_IN_DOMAIN", default="")

# Webhooks: which ports they may call, and whether this machine, which is for a demo on a laptop.
WEBHOOK_TARGETS = TargetRules(
    ports=setting(ports, "WEBHOOK_PORTS", default=frozenset({443, 8443})),
    this_machine=setting(flag, "WEBHOOKS_TO_LOCALHOST", default=False),
)
if WEBHOOK_TARGETS.this_machine and not LAPTOP:
    setting.refuse("WEBHOOKS_TO_LOCALHOST is for DEMO or DEBUG only.")

# Celery is the clock and the hands; the database is the queue (docs/decisions).
CELERY_BROKER_URL = setting(broker, "CELERY_BROKER_URL", default="redis://localhost:6379/0")

# People.
AUTH_USER_MODEL = "sellers.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "sellers.passwords.LongEnough"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "sellers.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to who is no user; the page says the same
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# allauth's own stores a row when a link is looked at.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
# The adapter counts guesses, in the database; allauth would lock out whoever shares an IP.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
# Guesses are counted per IP. Of X-Forwarded-For only what our own proxies wrote is true.
ALLAUTH_TRUSTED_PROXY_COUNT = setting(whole_number, "TRUSTED_PROXY_COUNT", default=0)

# Whoever may open the admin gives a code in each session; others may choose to.
STAFF_SECOND_FACTOR = setting(flag, "STAFF_SECOND_FACTOR", default=not LAPTOP)
MFA_ADAPTER = "sellers.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "sellers.second_factor.CodeForm",
    "reauthenticate": "sellers.second_factor.CodeAgainForm",
    "activate_totp": "sellers.second_factor.FirstCodeForm",
}
MFA_TOTP_TOLERANCE = (
    1  # half a minute that a clock may be off, or that typing takes (RFC 6238 §5.2)
)

# Programs: OAuth2 with client credentials alone (docs/decisions/0025-api-clients.md).
OAUTH2_PROVIDER_APPLICATION_MODEL = "sellers.ApiClient"
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "OAUTH2_VALIDATOR_CLASS": "sellers.api.oauth.ClientValidator",
    "SCOPES_BACKEND_CLASS": "sellers.api.oauth.ClientScopes",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3_600,
    "OIDC_ISS_ENDPOINT": SITE_URL,  # also the issuer of the metadata; not taken from Host
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": [],
    "OAUTH2_GRANT_TYPES_SUPPORTED": ["client_credentials"],
    # Neither is used; its own check wants to hear so.
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    # What is stored of a token is a digest; none is taken from a URL (RFC 9700).
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
}
# How much one API client may ask in a minute, reading and writing counted together.
API_PER_MINUTE = setting(whole_number, "API_PER_MINUTE", default=600, least=1)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["sellers.api.access.ClientAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["sellers.api.access.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["sellers.api.limits.PerClient"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["sellers.api.parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "sellers.api.schema.Described",
    "EXCEPTION_HANDLER": "sellers.api.problems.problem",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # there is one format; ?format=xml is no page that is missing
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{MARKETPLACE_NAME}: API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,  # BlankEnum is a name for nothing
    "ENUM_NAME_OVERRIDES": {
        "ActorType": "queries.enums.ActorType",
        "AttachmentKind": "queries.enums.AttachmentKind",
        "Author": "queries.enums.Author",
        "Band": "surveys.enums.Band",
        "CallOutcome": "surveys.enums.CallOutcome",
        "Channel": "queries.enums.Channel",
        "FedKind": "queries.enums.FedKind",
        "FedEffect": "queries.feeding.results.Effect",
        "FedOutcome": "queries.feeding.results.Outcome",
        "FedWriter": "queries.feeding.items.WRITERS",
        "FollowUpState": "surveys.enums.FollowUpState",
        "Language": "sellers.enums.Language",
        "MailState": "sellers.enums.MailState",
        "MessageVia": "queries.enums.MessageVia",
        "NoteKind": "queries.enums.NoteKind",
        "QueryState": "queries.enums.QueryState",
        "Role": "sellers.enums.Role",
        "SegmentedBy": "insights.reports.segments.Dimension",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "sellers.api.schema.add_shared",
    ],
}

# Languages: source English, complete Dutch.
LANGUAGE_CODE = setting(one_of, "LANGUAGE_CODE", ("nl", "en"), default="nl")
LANGUAGES = [("nl", _("Dutch")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / setting(words, "STATIC_ROOT", default=".local/static")
STATICFILES_FINDERS = [
    "config.stylesheets.Finder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# Safety.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Other names below this domain, and browsers' own lists, only when asked for: hard to take back.
HSTS = setting(one_of, "HSTS", ("host", "subdomains", "preload"), default="host")
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS and HSTS != "host"
SECURE_HSTS_PRELOAD = HTTPS and HSTS == "preload"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# What Prometheus asks for at /health/metrics; without a token there is no such page. Each process
# counts in a folder that web server and worker of a host share.
METRICS_TOKEN = setting(secret, "METRICS_TOKEN", default="")
METRICS_ROOT = BASE_DIR / setting(words, "METRICS_ROOT", default=".local/metrics")
if METRICS_TOKEN and PROCESS != "command":
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_ROOT / PROCESS)

SENTRY_DSN = setting(reports, "SENTRY_DSN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "no_private_links": {"()": "config.logs.NoPrivateLinks"},
        "of_request_or_task": {"()": "config.logs.OfRequestOrTask"},
    },
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name} {request_id} {message}",
            "style": "{",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
        },
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime}{levelname}{name}{request_id}{message}",
            "style": "{",
            "datefmt": "%Y-%m-%dT%H:%M:%S%z",
            "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": setting(one_of, "LOG_FORMAT", ("line", "json"), default="line"),
            "filters": ["of_request_or_task", "no_private_links"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "fontTools": {"level": "WARNING"},  # names every table of the font of every PDF
    },
}

setting.finish()
