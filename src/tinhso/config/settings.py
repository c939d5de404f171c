"""Django settings: wiring only. What an operator may choose is in `config.Config`."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from tinhso.core.ui.storage import immutable

from .config import Mode, load
from .database import database_settings
from .discovery import installed
from .logs import configure as configure_logs

TINHSO = load()
PACKAGE = Path(__file__).resolve().parent.parent

DEBUG = TINHSO.debug
SECRET_KEY = TINHSO.secret_key or TINHSO.key("session").hex()
ALLOWED_HOSTS = TINHSO.allowed_hosts or ["localhost", "127.0.0.1", "[::1]", TINHSO.host]
ROOT_URLCONF = "tinhso.config.urls"
WSGI_APPLICATION = "tinhso.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "procrastinate.contrib.django",
    *installed(),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "tinhso.core.ui.proxies.ClientAddress",
    "tinhso.core.ui.middleware.RequestId",
    "tinhso.core.ui.metrics.Measure",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tinhso.core.ui.middleware.Language",
    "tinhso.core.ui.pages.files.limit.UploadLimit",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tinhso.core.ui.middleware.Guard",
    "tinhso.core.ui.pages.accounts.middleware.Session",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tinhso.core.ui.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database_settings(TINHSO)}

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["tinhso.core.accounts.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 14}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/dang-nhap/"
LOGIN_REDIRECT_URL = "/"

# Sign-in: the library leads, our adapters decide and record. Its own rate limits need a cache
# that all processes share; tries are counted in PostgreSQL instead (core/accounts/actions/sign_in.py).
_SIGN_IN = "tinhso.core.ui.pages.accounts.sign_in"
ACCOUNT_ADAPTER = f"{_SIGN_IN}.AccountAdapter"
ACCOUNT_FORMS = {"login": f"{_SIGN_IN}.SignInForm", "reset_password": f"{_SIGN_IN}.ForgottenForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USER_DISPLAY = str
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
MFA_ADAPTER = f"{_SIGN_IN}.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": f"{_SIGN_IN}.SecondFactorForm",
    "reauthenticate": f"{_SIGN_IN}.SecondFactorAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not TINHSO.base_url.startswith("https://")  # http://localhost, as browsers do
MFA_TOTP_ISSUER = "Tỉnh Số"
MFA_TOTP_TOLERANCE = 1  # half a minute of clock drift
MFA_ALLOW_UNVERIFIED_EMAIL = True
SOCIALACCOUNT_ADAPTER = f"{_SIGN_IN}.IdentityAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
VNEID = TINHSO.vneid
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "SCOPE": ["openid", "profile"],
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "vneid",
                "name": "VNeID",
                "client_id": VNEID[1],
                "secret": VNEID[2],
                "settings": {"server_url": VNEID[0]},
            }
        ]
        if VNEID[0]
        else [],
    }
}

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [PACKAGE / "static"]  # built with hashed names and compressed: nothing is collected
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = immutable
FORM_RENDERER = "tinhso.core.ui.rendering.Renderer"
CSRF_FAILURE_VIEW = "tinhso.core.ui.errors.csrf_failure"
STORAGES = {
    "staticfiles": {"BACKEND": "tinhso.core.ui.storage.BuiltFiles"},
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
}

SECURE = TINHSO.base_url.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600  # a working day; idle sessions end much sooner
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CSRF_TRUSTED_ORIGINS = [TINHSO.base_url]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [
            SELF,
            TINHSO.agent_url,
            *([TINHSO.live_url] if TINHSO.live_url else [f"http://{TINHSO.host}:{TINHSO.port + 1}"]),
        ],
        "object-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
        "form-action": [SELF, *([VNEID[0]] if VNEID[0] else [])],
    }
}
FILE_UPLOAD_HANDLERS = ["tinhso.core.files.uploads.StoreHandler"]  # straight to the store's disk, hashed on the way
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
LOGGING_CONFIG = None
configure_logs(TINHSO)

NINJA_PAGINATION_PER_PAGE = 50

if TINHSO.mode is Mode.TEST:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
