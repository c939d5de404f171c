"""The simulator's own small Django: its settings, its client, its socket."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from types import FrameType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from tinhso.config.config import Config

CALLBACK = "/tai-khoan/oidc/vneid/login/callback/"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """One line a request would only bury the lines of the product."""


def serve(config: Config, port: int) -> None:
    """Answer on `port` until told to stop."""
    if not config.demo:
        sys.exit("The VNeID simulator does not run in production.")
    configure(config, config.data_dir / "simulators" / "vneid")
    from django.core.wsgi import get_wsgi_application

    signal.signal(signal.SIGTERM, _stop)
    try:
        with make_server(config.host, port, get_wsgi_application(), _Server, _Quiet) as server:
            server.serve_forever()
    except KeyboardInterrupt:
        pass


def _stop(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def configure(config: Config, folder: Path) -> None:
    """Set up Django, the tables and the one client in `folder`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.configure(
        SECRET_KEY=config.key("vneid-simulator-session").hex(),
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="tinhso.simulators.vneid.urls",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "vneid.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "allauth",
            "allauth.account",
            "allauth.idp.oidc",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [Path(__file__).parent / "templates"],
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        LOGIN_URL="/chon",
        ACCOUNT_EMAIL_VERIFICATION="none",
        LANGUAGE_CODE="vi",
        USE_TZ=True,
        # The client's secret is 256 random bits: a slow hash would only make sign-in slow.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        # Browsers share cookies between ports of a host: the product's own must not be overwritten.
        SESSION_COOKIE_NAME="vneid_session",
        CSRF_COOKIE_NAME="vneid_csrf",
        # Long enough to finish one sign-in, so that the next one asks again who one is.
        SESSION_COOKIE_AGE=10,
        IDP_OIDC_ADAPTER="tinhso.simulators.vneid.adapter.VNeIDAdapter",
        IDP_OIDC_PRIVATE_KEY=_signing_key(folder / "signing-key.pem"),
        IDP_OIDC_RATE_LIMITS=False,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _client(config)


def _client(config: Config) -> None:
    from allauth.idp.oidc.models import Client  # Django is not set up before

    _issuer, client_id, secret = config.vneid
    clients = Client._default_manager
    client = clients.filter(pk=client_id).first() or Client(pk=client_id)
    client.name, client.scopes, client.skip_consent = "Tỉnh Số", "openid\nprofile", True
    client.default_scopes = "openid"
    client.set_secret(secret)
    hosts = [config.base_url, *(f"http://{host}:{config.port}" for host in ("localhost", "127.0.0.1"))]
    client.set_redirect_uris(sorted({host + CALLBACK for host in hosts}))
    client.save()


def _signing_key(path: Path) -> str:
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(pem)
    return path.read_text()
