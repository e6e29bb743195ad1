"""Every setting of the site, read from the environment once and refused aloud when it cannot be right."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from footdrop.databases import database
from footdrop.environment import flag, names, number, secret

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("FOOTDROP_VAR") or BASE_DIR / "var")
VAR.mkdir(parents=True, exist_ok=True)

DEBUG = flag("FOOTDROP_DEBUG")
DEMO = flag("FOOTDROP_DEMO")  # invented patients, well-known passwords, and a banner that says so
TESTING = "PYTEST_VERSION" in os.environ
PRODUCTION = not (DEBUG or DEMO or TESTING)

SECRET_KEY = secret("FOOTDROP_SECRET_KEY", kept_in=None if PRODUCTION else VAR)
# A key of its own, so that renewing the one above neither breaks the trail nor hides its values.
AUDIT_KEY = secret("FOOTDROP_AUDIT_KEY", kept_in=None if PRODUCTION else VAR)

ALLOWED_HOSTS = names("FOOTDROP_ALLOWED_HOSTS")
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("FOOTDROP_ALLOWED_HOSTS must name the hosts that footdrop answers for.")
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("FOOTDROP_ALLOWED_HOSTS must name its hosts one by one, not with *.")
ALLOWED_HOSTS += [] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "template_partials",
    "clinics",
    "exams",
]
MIDDLEWARE = [
    "footdrop.middleware.response_headers",  # first, so that errors and redirects carry the headers as well
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # a step is 100 kB of words and 16 kB on the way
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinics.middleware.desk_middleware",
    "allauth.account.middleware.AccountMiddleware",
    "clinics.outages.OutageMiddleware",
    "exams.middleware.RefusalMiddleware",
]
ROOT_URLCONF = "footdrop.urls"
WSGI_APPLICATION = "footdrop.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,  # template_partials puts its own loader in front
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinics.context.desk",
                "exams.escalation.on_every_page",
            ]
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

DATABASES = {"default": database(VAR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# In the database, because the counts of wrong sign-ins must hold across workers.
CACHE = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
CACHES = {"default": {**CACHE, "OPTIONS": {"MAX_ENTRIES": 100_000}}}

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG or TESTING
PLAIN_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
HASHED_FILES = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # a logo goes into the database
    "staticfiles": {"BACKEND": PLAIN_FILES if DEBUG or TESTING else HASHED_FILES},
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True

# Sign-in. People are added by their clinic, never by signing up.
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "exams:home"
LOGOUT_REDIRECT_URL = "account_login"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{'MD5' if TESTING else 'Argon2'}PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "clinics.signin.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
# Per person and address first: a colleague behind the same address is never locked out by another's mistakes.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/15m/key,60/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = number("FOOTDROP_TRUSTED_PROXIES", 0)

# Cookies. `__Host-` binds them to this host over HTTPS; a demo on plain HTTP cannot carry the prefix.
COOKIE_PREFIX = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}footdrop-session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}footdrop-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "clinics.views.refusals.csrf_failure"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no names in cookies

# Headers.
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]  # asked for inside the container, where nothing speaks HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # HSTS preloading is for the owner of the domain to ask for
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY: dict[str, list[str]] = {"camera": [], "geolocation": [], "microphone": [], "usb": []}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# Mail carries the links for a new password only; without a mail server the clinic hands out passwords.
EMAIL_HOST = os.environ.get("FOOTDROP_MAIL_HOST", "")
EMAIL_PORT = number("FOOTDROP_MAIL_PORT", 587)
EMAIL_HOST_USER = os.environ.get("FOOTDROP_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("FOOTDROP_MAIL_PASSWORD", "")
EMAIL_USE_TLS = True
DEFAULT_FROM_EMAIL = os.environ.get("FOOTDROP_MAIL_FROM", "footdrop@localhost")
PASSWORD_BY_MAIL = bool(EMAIL_HOST) or TESTING

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"without_values": {"()": "footdrop.logs.WithoutValues"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "without_values"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django": {"handlers": ["console"], "level": "INFO", "propagate": False}},
}
