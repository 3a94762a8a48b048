"""Every setting, from the environment, with a default that is safe everywhere."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from environs import Env, EnvError

from registry_site.secrets import secret
from registry_site.variables import VARIABLES

env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "data"))).expanduser().resolve()

try:
    DEBUG = env.bool("DEBUG", False)
    BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000").rstrip("/")
    SERVER_THREADS = env.int("SERVER_THREADS", 64)
    TRUST_PROXY = env.bool("TRUST_PROXY", False)
    HSTS_SECONDS = env.int("HSTS_SECONDS", 0)
    # What uploads leave free where the blobs are: for the database, and for deleting.
    FREE_SPACE_RESERVE = env.int("FREE_SPACE_RESERVE", 1_000_000_000)
    LOG_LEVEL = env.str("LOG_LEVEL", "INFO", validate=lambda level: level.isupper())
except EnvError as error:
    raise ImproperlyConfigured(str(error)) from error

_base = urlsplit(BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname or _base.path:
    raise ImproperlyConfigured(
        "BASE_URL is scheme, host and port: https://registry.example.org"
    )
SECURE = _base.scheme == "https"

# Keys: for sessions, for the keyed hash of API keys, for addresses of the wire's files,
# for what others trusted us with.
SECRET_KEY = secret("session-key", DATA_DIR / "secrets", env.str("SECRET_KEY", ""))
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
API_KEY_PEPPER = secret(
    "api-key-pepper", DATA_DIR / "secrets", env.str("API_KEY_PEPPER", "")
)

TRANSFER_KEY = secret("transfer-key", DATA_DIR / "secrets", env.str("TRANSFER_KEY", ""))
SEALING_KEY = secret("sealing-key", DATA_DIR / "secrets", env.str("SEALING_KEY", ""))

# Hosts and transport. A trusted proxy sets X-Forwarded-For and X-Forwarded-Proto, and drops
# header names with underscores, as nginx does: to the server, X_Forwarded_For is the same.
ALLOWED_HOSTS = sorted({_base.hostname, "localhost", "127.0.0.1", "[::1]"})
CSRF_TRUSTED_ORIGINS = [BASE_URL]
USE_X_FORWARDED_HOST = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUST_PROXY else None
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^ready$"]
SECURE_HSTS_SECONDS = HSTS_SECONDS if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
# They ask for subdomains and preloading: not a registry's to decide for its whole domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
}

# Cookies: browsers refuse the __Host- prefix without Secure, so plain names on plain http.
_prefix = "__Host-" if SECURE else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "registry_site.errors.csrf_failure"

INSTALLED_APPS = [
    "registries",
    "accounts",
    "registry_site",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "registry_site.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "registry_site.middleware.ActorMiddleware",
    "registry_site.middleware.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "registry_site.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "registry_site.urls"
WSGI_APPLICATION = "registry_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "registries.views.shell.context",
            ],
            "builtins": [
                "registries.templatetags.display",
                "registries.templatetags.permissions",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database: SQLite in the data folder, or whatever DATABASE_URL names.
DATABASES = {
    "default": dj_database_url.parse(
        env.str("DATABASE_URL", f"sqlite:///{DATA_DIR / 'accession.sqlite3'}"),
        # Opening one costs as much as several queries, on SQLite too.
        conn_max_age=300,
    )
}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {
        "options": "-c lock_timeout=20s -c statement_timeout=120s",
        **_database.get("OPTIONS", {}),  # what DATABASE_URL asks for, as ?sslmode=require
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        # It counts attempts to sign in: whoever makes many entries must not push those out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Content
BLOB_DIR = Path(env.str("BLOB_DIR", str(DATA_DIR / "blobs")))
STORAGE_REGIONS: list[str] = env.list("STORAGE_REGIONS", ["default", "minio-local"])
"""What programs may ask for; all bytes are kept in the one store."""
FILE_UPLOAD_HANDLERS = ["registries.storage.uploads.NoFiles"]

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.EmailBackend",
    "accounts.backends.OrganizationBackend",
    "registries.backends.RegistryBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "full_name", "username"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reset_password": "accounts.forms.ForgottenPasswordForm",
    "user_token": "accounts.forms.ResetLinkForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
    "change_password": "accounts.forms.AnotherPasswordForm",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = int(TRUST_PROXY)
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    # By address only: a limit by account lets anybody keep its owner out.
    "login_failed": "10/5m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
}

# Mail: to the console until a server is named.
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", f"Accession <accession@{_base.hostname}>")
_mail_url = urlsplit(env.str("MAIL_URL", "console:"))
MAILERS: dict[str, dict[str, Any]]
if _mail_url.scheme == "console":
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
elif _mail_url.scheme == "file":
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": _mail_url.path},
        }
    }
else:
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": _mail_url.hostname,
                "port": _mail_url.port or 587,
                "username": _mail_url.username or "",
                "password": _mail_url.password or "",
                "use_tls": _mail_url.scheme == "smtp+tls",
                "use_ssl": _mail_url.scheme == "smtps",
                "timeout": 20,
            },
        }
    }

# Static files
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "registry_site.static.HashedStorage"},
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

LOGGING_CONFIG = "registry_site.logs.configure"
LOGGING = {"level": LOG_LEVEL}

# What the help says about all this.
CONFIGURATION = VARIABLES
MANAGE = "uv run manage.py"
"""What commands begin with wherever people copy them."""
