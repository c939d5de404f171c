"""The one place where configuration is read, typed and documented.

Every value comes from the environment (or `DATA_DIR/tinhso.env`). Nothing else in
the product reads `os.environ`. `docs/guide/configuration.md` is generated from here.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Mode(StrEnum):
    """How strictly the install guards itself."""

    DEMO = "demo"  # demo accounts and data, embedded database allowed
    TEST = "test"  # like demo, for the test suite
    PRODUCTION = "production"  # refuses every unsafe setting


class LogFormat(StrEnum):
    """How a line of the log looks."""

    JSON = "json"  # for machines
    CONSOLE = "console"  # for reading


def default_data_dir() -> Path:
    """`var` of the checkout the program runs from, else of the current folder."""
    checkout = Path(__file__).resolve().parents[3]
    return (checkout if (checkout / "pyproject.toml").exists() else Path.cwd()) / "var"


LOOPBACK = ("127.0.0.0/8", "::1/128")
SMS_PORT, ZALO_PORT, NATIONAL_PORTAL_PORT = 21, 22, 23  # of the simulators, above PORT
# Chrome and Edge, Firefox, Safari, Edge on Windows. An address comes from a browser: no other host is called.
PUSH_SERVICES = ("fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com")


class SmsService(NamedTuple):
    """Where SMS go, and as whom."""

    url: str
    key: str
    secret: str
    brandname: str


class ZaloService(NamedTuple):
    """Where notices of Zalo go, and as whom."""

    url: str
    oauth_url: str
    app_id: str
    app_secret: str
    refresh_token: str


class NationalPortal(NamedTuple):
    """Where the national portal is reached, and as whom."""

    url: str
    login_path: str
    call_path: str
    unit: str
    user: str
    password: str
    destination: str


class Hsm(BaseModel, frozen=True):
    """A PKCS#11 module on this server and the file with the PIN that opens a key in it."""

    module: Path
    pin_file: Path


class Config(BaseSettings):
    """Settings of one install. Field names are the environment variables."""

    model_config = SettingsConfigDict(case_sensitive=False, extra="ignore", frozen=True)

    mode: Mode = Field(Mode.DEMO, alias="TINHSO_MODE", description="demo, test or production")
    data_dir: Path = Field(
        default_factory=default_data_dir,
        alias="DATA_DIR",
        description="Folder of everything the install keeps: files, keys, database; default ./var of the checkout",
    )
    database_url: str = Field(
        "", alias="DATABASE_URL", description="PostgreSQL of the application role; empty: embedded PostgreSQL"
    )
    database_owner_url: str = Field(
        "", alias="DATABASE_OWNER_URL", description="PostgreSQL role that owns the tables, for migrations"
    )
    database_backup_url: str = Field(
        "", alias="DATABASE_BACKUP_URL", description="PostgreSQL role with REPLICATION, for tinhso backup"
    )
    host: str = Field("127.0.0.1", alias="HOST", description="Address the web server listens on")
    port: int = Field(8000, alias="PORT", description="Port of the web server; live pages use the next one")
    province: str = Field("66", alias="PROVINCE", description="Administrative unit code of the province")
    public_url: str = Field("", alias="PUBLIC_URL", description="Address people type; default http://HOST:PORT")
    live_url: str = Field("", alias="LIVE_URL", description="Address of the live process as browsers see it")
    allowed_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list, alias="ALLOWED_HOSTS", description="Comma-separated host names served"
    )
    trusted_proxies: Annotated[list[IPv4Network | IPv6Network], NoDecode] = Field(
        default_factory=lambda: list(map(ip_network, LOOPBACK)),
        alias="TRUSTED_PROXIES",
        description="Comma-separated addresses or networks of reverse proxies whose X-Forwarded-For is believed; "
        "default: this machine",
    )
    state_cas: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        alias="STATE_CAS",
        description="Comma-separated common names of trusted issuers that serve only agencies of the state: what they "
        "certify counts as an authority's signature when a citizen adds a paper; empty: only certificates registered",
    )
    secret_key: str = Field(
        "", alias="SECRET_KEY", description="Signs sessions; empty: made at first start in DATA_DIR/keys"
    )
    debug: bool = Field(False, alias="DEBUG", description="Tracebacks in pages and the component catalogue at /ui")
    email_url: str = Field(
        "", alias="EMAIL_URL", description="smtp://user:password@host:port; empty: mail is not configured"
    )
    email_from: str = Field("khong-tra-loi@example.invalid", alias="EMAIL_FROM", description="Sender of mail")
    sms_url: str = Field("", alias="SMS_URL", description="SMS provider (eSMS protocol); empty: not configured")
    sms_key: str = Field("", alias="SMS_KEY", description="ApiKey given by the SMS provider")
    sms_secret: str = Field("", alias="SMS_SECRET", description="SecretKey given by the SMS provider")
    sms_brandname: str = Field("", alias="SMS_BRANDNAME", description="Registered sender's name of SMS")
    zalo_url: str = Field(
        "", alias="ZALO_URL", description="Zalo ZNS, https://business.openapi.zalo.me; empty: not configured"
    )
    zalo_oauth_url: str = Field(
        "https://oauth.zaloapp.com", alias="ZALO_OAUTH_URL", description="Where Zalo's tokens are renewed"
    )
    zalo_app_id: str = Field("", alias="ZALO_APP_ID", description="App id given by Zalo")
    zalo_app_secret: str = Field("", alias="ZALO_APP_SECRET", description="App secret given by Zalo")
    zalo_refresh_token: str = Field(
        "",
        alias="ZALO_REFRESH_TOKEN",
        description="First refresh token; later ones are kept in DATA_DIR/keys/zalo.json",
    )
    national_portal_url: str = Field(
        "", alias="NATIONAL_PORTAL_URL", description="Adapter to the national portal (NDXP); empty: not configured"
    )
    national_portal_login: str = Field(
        "/mapi/login", alias="NATIONAL_PORTAL_LOGIN", description="Path at that adapter where a session is opened"
    )
    national_portal_call: str = Field(
        "/mapi/g", alias="NATIONAL_PORTAL_CALL", description="Path at that adapter where services are called"
    )
    national_portal_unit: str = Field(
        "", alias="NATIONAL_PORTAL_UNIT", description="Code of the province's agency there (madonvi), such as H15"
    )
    national_portal_user: str = Field("", alias="NATIONAL_PORTAL_USER", description="Account given by the portal")
    national_portal_password: str = Field("", alias="NATIONAL_PORTAL_PASSWORD", description="Its password")
    national_portal_destination: str = Field(
        "", alias="NATIONAL_PORTAL_DESTINATION", description="Header dstcode, where the NDXP asks for one"
    )
    push_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: list(PUSH_SERVICES),
        alias="PUSH_HOSTS",
        description="Comma-separated hosts of push services that may be called; default those of the browsers",
    )
    vneid_url: str = Field("", alias="VNEID_URL", description="OpenID Connect issuer of VNeID; empty: not configured")
    vneid_client_id: str = Field("", alias="VNEID_CLIENT_ID", description="Client id given by VNeID")
    vneid_client_secret: str = Field("", alias="VNEID_CLIENT_SECRET", description="Client secret given by VNeID")
    tsa_url: str = Field("", alias="TSA_URL", description="Time-stamping authority (RFC 3161); empty: not configured")
    tsa_grace_hours: int = Field(
        24,
        alias="TSA_GRACE_HOURS",
        description="How long signing goes on while time-stamps or the certificates' issuers cannot be reached",
    )
    csc_url: str = Field(
        "", alias="CSC_URL", description="Remote signing service (CSC API), without /csc/v1; empty: not configured"
    )
    csc_version: str = Field("v1", alias="CSC_VERSION", description="Version of its API: v1 or v2")
    csc_client_id: str = Field("", alias="CSC_CLIENT_ID", description="Client id given by the signing service")
    csc_client_secret: str = Field("", alias="CSC_CLIENT_SECRET", description="Client secret given by it")
    seal_hsm: dict[str, Hsm] = Field(
        default_factory=dict,
        alias="SEAL_HSM",
        description="Seals whose keys are in an HSM, as JSON: agency code, or * for all → "
        '{"module": PKCS#11 library, "pin_file": file with the PIN}; empty: seals are key files',
    )
    agent_url: str = Field(
        "http://127.0.0.1:9478", alias="AGENT_URL", description="Where pages look for `tinhso agent` on officials' PCs"
    )
    ldap_url: str = Field(
        "", alias="LDAP_URL", description="Staff directory, ldaps://host or ldap://host with STARTTLS; empty: none"
    )
    ldap_ca: str = Field("", alias="LDAP_CA", description="File with the CA of the directory; empty: the system's")
    ldap_bind_dn: str = Field("", alias="LDAP_BIND_DN", description="Who looks names up in the directory")
    ldap_bind_password: str = Field("", alias="LDAP_BIND_PASSWORD", description="Password of LDAP_BIND_DN")
    ldap_base: str = Field("", alias="LDAP_BASE", description="Where staff stand, such as ou=people,dc=example,dc=vn")
    ldap_filter: str = Field(
        "(objectClass=person)",
        alias="LDAP_FILTER",
        description="Enabled staff; who does not match is disabled here too",
    )
    ldap_username: str = Field(
        "uid", alias="LDAP_USERNAME", description="Attribute with the username; sAMAccountName in Active Directory"
    )
    ldap_id: str = Field(
        "entryUUID", alias="LDAP_ID", description="Attribute that never changes; objectGUID in Active Directory"
    )
    report_first_day: int = Field(
        15,
        ge=1,
        le=28,
        alias="REPORT_FIRST_DAY",
        description="Day of the month on which a periodic report begins: 15 reports from the 15th before to the 14th "
        "(Decree 09/2019), 1 whole months of the calendar",
    )
    access_log_months: int = Field(
        0,
        alias="ACCESS_LOG_MONTHS",
        description="For how long it is kept who looked at whose record, at least 12 months; 0: for ever. "
        "The province decides by Luật 91/2025, NĐ 356/2025 [M]",
    )
    metrics_token: str = Field("", alias="METRICS_TOKEN", description="Bearer token for /metrics; empty: loopback only")
    log_format: LogFormat = Field(LogFormat.CONSOLE, alias="LOG_FORMAT", description="json or console")
    log_level: str = Field("info", alias="LOG_LEVEL", description="debug, info, warning or error")
    web_workers: int = Field(2, alias="WEB_WORKERS", description="Web processes")
    web_threads: int = Field(4, alias="WEB_THREADS", description="Threads of each web process")
    worker_threads: int = Field(4, alias="WORKER_THREADS", description="Jobs a worker runs at the same time")
    clamav_url: str = Field(
        "",
        alias="CLAMAV_URL",
        description="ClamAV's daemon: tcp://host:3310 or unix:/run/clamav/clamd.ctl; empty: none",
    )
    clamav_when_away: Literal["refuse", "accept"] = Field(
        "refuse", alias="CLAMAV_WHEN_AWAY", description="Uploads while ClamAV does not answer: refuse or accept"
    )
    s3_bucket: str = Field("", alias="S3_BUCKET", description="S3 bucket that keeps files; empty: DATA_DIR/files")
    s3_url: str = Field("", alias="S3_URL", description="Address of the S3 service; empty: Amazon's")
    s3_region: str = Field("us-east-1", alias="S3_REGION", description="Region of the bucket, as the service names it")
    s3_key: str = Field("", alias="S3_KEY", description="Access key of S3")
    s3_secret: str = Field("", alias="S3_SECRET", description="Secret key of S3")
    max_upload_mb: int = Field(50, alias="MAX_UPLOAD_MB", description="Largest file a person may upload, in MB")
    scan_folder: str = Field(
        "",
        alias="SCAN_FOLDER",
        description="Folder that the offices' scanners write into, with one folder for each official's username",
    )
    simulate: float = Field(
        0,
        alias="SIMULATE",
        description="Demo only: constructed people use the running install, 20 things a minute for 1",
    )

    @field_validator("allowed_hosts", "push_hosts", "state_cas", mode="before")
    @classmethod
    def _split(cls, names: str | list[str]) -> list[str]:
        return [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else names

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, names: object) -> object:
        return [ip_network(name.strip()) for name in names.split(",") if name.strip()] if type(names) is str else names

    @field_validator("access_log_months")
    @classmethod
    def _at_least_a_year(cls, months: int) -> int:
        if months and months < 12:
            raise ValueError("the access log is kept for at least 12 months; 0 keeps it for ever")
        return months

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, folder: Path) -> Path:
        return folder.resolve()

    @property
    def demo(self) -> bool:
        """True where demo accounts and constructed data may exist."""
        return self.mode is not Mode.PRODUCTION

    @cached_property
    def base_url(self) -> str:
        """The address people type."""
        here = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  # compared, not listened on
        return (self.public_url or f"http://{here}:{self.port}").rstrip("/")

    @property
    def vneid(self) -> tuple[str, str, str]:
        """Issuer, client id and secret of VNeID; in demo mode those of the simulator beside us; or all empty."""
        if self.vneid_url or not self.demo:
            return self.vneid_url.rstrip("/"), self.vneid_client_id, self.vneid_client_secret
        return f"http://{self.host}:{self.port + 2}", "tinhso-demo", self.key("vneid-simulator").hex()

    @property
    def sms(self) -> SmsService:
        """The SMS provider; in demo mode the simulator beside us, where none is named."""
        if self.sms_url or self.mode is not Mode.DEMO:
            return SmsService(self.sms_url, self.sms_key, self.sms_secret, self.sms_brandname)
        path = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
        return SmsService(f"http://{self.host}:{self.port + SMS_PORT}{path}", "demo-key", "demo-secret", "TINHSO")

    @property
    def zalo(self) -> ZaloService:
        """Zalo; in demo mode the simulator beside us, where no other is named."""
        if self.zalo_url or self.mode is not Mode.DEMO:
            return ZaloService(
                self.zalo_url.rstrip("/"),
                self.zalo_oauth_url.rstrip("/"),
                self.zalo_app_id,
                self.zalo_app_secret,
                self.zalo_refresh_token,
            )
        here = f"http://{self.host}:{self.port + ZALO_PORT}"
        return ZaloService(here, here, "demo-app", "demo-secret", "demo-refresh-token")

    @property
    def national_portal(self) -> NationalPortal:
        """The national portal; in demo mode the simulator beside us, where no other is named."""
        paths = self.national_portal_login, self.national_portal_call
        if self.national_portal_url or self.mode is not Mode.DEMO:
            who = self.national_portal_unit, self.national_portal_user, self.national_portal_password
            return NationalPortal(self.national_portal_url.rstrip("/"), *paths, *who, self.national_portal_destination)
        here = f"http://{self.host}:{self.port + NATIONAL_PORTAL_PORT}"
        secret = self.key("national-portal-simulator").hex()
        return NationalPortal(here, *paths, "H15", "tinhso-demo", secret, "")

    @property
    def tsa(self) -> str:
        """Address of the time-stamping authority; in a demo the simulator beside us; or empty."""
        return self.tsa_url or (f"http://{self.host}:{self.port + 6}" if self.mode is Mode.DEMO else "")

    @property
    def csc(self) -> tuple[str, str, str]:
        """Address, client id and secret of the remote signing service; in a demo the simulator's; or all empty."""
        if self.csc_url or self.mode is not Mode.DEMO:
            return self.csc_url.rstrip("/"), self.csc_client_id, self.csc_client_secret
        return f"http://{self.host}:{self.port + 7}", "tinhso-demo", self.key("csc-simulator").hex()

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    def key(self, name: str, size: int = 32) -> bytes:
        """A random secret kept in `DATA_DIR/keys/NAME`, made once, readable by the owner only."""
        path = self.keys_dir / name
        if not path.exists():
            self.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_name(f".{name}.{secrets.token_hex(4)}")
            fresh.touch(mode=0o600)
            fresh.write_bytes(secrets.token_bytes(size))
            try:
                path.hardlink_to(fresh)
            except FileExistsError:
                pass  # another process was first; its key is the key
            finally:
                fresh.unlink(missing_ok=True)
        return path.read_bytes()


def load() -> Config:
    """Read the configuration of this process: the environment first, then `DATA_DIR/tinhso.env`."""
    first = Config()
    return Config(_env_file=first.data_dir / "tinhso.env", DATA_DIR=first.data_dir)
