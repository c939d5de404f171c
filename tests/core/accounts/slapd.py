"""A real staff directory on loopback: slapd with its own configuration, certificates and people."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.house.browser import needs

BASE, PASSWORD = "ou=people,dc=tinhso,dc=test", "mật khẩu trong thư mục"
CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {home}/slapd.pid
TLSCertificateFile {home}/server.pem
TLSCertificateKeyFile {home}/server.key
TLSCACertificateFile {home}/ca.pem
security simple_bind=64
database mdb
suffix "dc=tinhso,dc=test"
rootdn "cn=admin,dc=tinhso,dc=test"
rootpw quan-tri
directory {home}/db
maxsize 10485760
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,dc=tinhso,dc=test" read by * none
"""
PEOPLE = """
dn: dc=tinhso,dc=test
objectClass: dcObject
objectClass: organization
o: Tinh So
dc: tinhso

dn: cn=reader,dc=tinhso,dc=test
objectClass: person
cn: reader
sn: reader
userPassword: doc-thoi

dn: ou=people,dc=tinhso,dc=test
objectClass: organizationalUnit
ou: people
"""


class Slapd:
    """The server; `people` may be added, changed and disabled while it runs."""

    def __init__(self, home: Path, program: str) -> None:
        self.home, self.program = home, program
        (home / "db").mkdir()
        certificates(home)
        (home / "slapd.conf").write_text(CONF.format(home=home))
        ldif = PEOPLE + "".join(person(name) for name in ("tuphap", "motcua"))
        subprocess.run(["slapadd", "-f", home / "slapd.conf"], input=ldif.encode(), check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program, "-f", self.home / "slapd.conf", "-h", f"ldap://127.0.0.1:{self.port}/", "-d", "0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _try in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        pytest.fail("slapd did not start")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def change(self, username: str, changes: str) -> None:
        """LDIF lines such as `replace: employeeType`."""
        ldif = f"dn: uid={username},{BASE}\nchangetype: modify\n{changes}\n"
        self._tool("ldapmodify", ldif)

    def disable(self, username: str) -> None:
        self.change(username, "replace: employeeType\nemployeeType: disabled")

    def add(self, *usernames: str) -> None:
        self._tool("ldapadd", "".join(person(name) for name in usernames))

    def _tool(self, tool: str, ldif: str) -> None:
        bind = [
            "-x",
            "-ZZ",
            "-H",
            f"ldap://127.0.0.1:{self.port}/",
            "-D",
            "cn=admin,dc=tinhso,dc=test",
            "-w",
            "quan-tri",
        ]
        environment = {"LDAPTLS_CACERT": str(self.home / "ca.pem"), "PATH": "/usr/bin:/bin"}
        subprocess.run([tool, *bind], input=ldif.encode(), check=True, capture_output=True, env=environment)

    def options(self, **more: str) -> dict[str, str]:
        """What an operator would configure."""
        return {
            "ldap_url": f"ldap://127.0.0.1:{self.port}",
            "ldap_ca": str(self.home / "ca.pem"),
            "ldap_bind_dn": "cn=reader,dc=tinhso,dc=test",
            "ldap_bind_password": "doc-thoi",
            "ldap_base": BASE,
            "ldap_filter": "(&(objectClass=inetOrgPerson)(!(employeeType=disabled)))",
            **more,
        }


def person(username: str) -> str:
    return (
        f"\ndn: uid={username},{BASE}\nobjectClass: inetOrgPerson\nuid: {username}\ncn: {username}\nsn: {username}\n"
        f"userPassword: {PASSWORD}\n"
    )


def certificates(home: Path) -> None:
    """A CA of the directory's own and a certificate for 127.0.0.1."""
    now = datetime.now(UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def name(common: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])

    def made(common: str, own: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder().subject_name(name(common)).issuer_name(name("CA")).public_key(own.public_key())
        )
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        if not ca:
            here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
            builder = builder.add_extension(x509.SubjectAlternativeName([here]), critical=False)
        return builder.sign(ca_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    (home / "ca.pem").write_bytes(made("CA", ca_key, ca=True).public_bytes(pem))
    (home / "server.pem").write_bytes(made("127.0.0.1", key, ca=False).public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (home / "server.key").write_bytes(private)


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    program = needs("slapd", "slapd")
    needs("ldapmodify", "ldap-utils")
    server = Slapd(tmp_path_factory.mktemp("slapd"), program)
    yield server
    server.stop()
