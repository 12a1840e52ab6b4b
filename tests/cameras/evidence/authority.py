"""A time stamp authority of the tests' own: ``openssl ts -reply`` with a root, and a certificate made for it."""

import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from cameras.evidence.sealing import Authority

DAY = timedelta(days=1)
PURPOSE = (ExtendedKeyUsageOID.TIME_STAMPING,)
CONFIG = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
{certs}
signer_digest = {digest}
ess_cert_id_alg = {ess}
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = {named}
"""
KEYS: dict[str, Callable[[], Any]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
}


def certificate(name: str, key: Any, issuer: x509.Certificate | None = None, issuer_key: Any = None, *,
                purpose: tuple[Any, ...] = PURPOSE, critical: bool = True, begins: datetime | None = None,
                ends: datetime | None = None) -> x509.Certificate:  # fmt: skip
    """Of an authority, or without ``issuer`` of a root."""
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(issuer.subject if issuer else subject, subject, key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(begins or now - DAY).not_valid_after(ends or now + DAY)
    made = made.add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
    if issuer and purpose:
        made = made.add_extension(x509.ExtendedKeyUsage(purpose), critical=critical)
    return made.sign(issuer_key or key, hashes.SHA256())


class LocalAuthority:
    """``reply`` answers a ``TimeStampReq``. ``chain``: its root's certificate goes along in each token."""

    def __init__(
        self, kind: str = "p256", *, digest: str = "sha256", ess: str = "sha256", chain: bool = False,
        named: bool = True,
    ) -> None:  # fmt: skip
        self._kept = TemporaryDirectory(prefix="mp-tsa-")
        self.folder = Path(self._kept.name)
        self.root_key, self.key = ec.generate_private_key(ec.SECP256R1()), KEYS[kind]()
        self.root = certificate("Gốc của bài thử", self.root_key)
        self.own = certificate("Cơ quan cấp dấu thời gian", self.key, self.root, self.root_key)
        for name, one in (("root.pem", self.root), ("tsa.pem", self.own)):
            (self.folder / name).write_bytes(one.public_bytes(Encoding.PEM))
        private = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "tsa.key").write_bytes(private)
        (self.folder / "serial").write_text("01")
        settings = {"folder": self.folder, "digest": digest, "ess": ess, "named": "yes" if named else "no"}
        certs = f"certs = {self.root_file}" if chain else ""
        (self.folder / "tsa.cnf").write_text(CONFIG.format(certs=certs, **settings))
        self._one_at_a_time = threading.Lock()

    @property
    def root_file(self) -> Path:
        return self.folder / "root.pem"

    def reply(self, request: bytes) -> bytes:
        with self._one_at_a_time:
            (self.folder / "query").write_bytes(request)
            config, query = self.folder / "tsa.cnf", self.folder / "query"
            command = ["openssl", "ts", "-reply", "-config", config, "-queryfile", query]
            done = subprocess.run(command, capture_output=True, timeout=20)
            assert done.returncode == 0, done.stderr
            return done.stdout

    def stamped(self, data: bytes) -> bytes:
        """A token over ``data``, as if it had been asked for over HTTP."""
        asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256)
        return self.reply(asked.nonce(nonce=True).cert_request(cert_request=True).build().as_bytes())

    def verify(self, package: Path) -> str:
        """What ``openssl ts -verify`` says of a package's token over its signature."""
        command = ["openssl", "ts", "-verify", "-data", package / "manifest.sig", "-in", package / "manifest.tsr",
                   "-CAfile", self.root_file]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        return (done.stdout + done.stderr).strip()

    def authority(self) -> Authority:
        return Authority("tsa.example.vn", self.stamped)


@cache
def local_authority(**how: Any) -> LocalAuthority:
    """One for each kind, for all tests."""
    return LocalAuthority(**how)


class AuthorityServer:
    """It on loopback. ``answers`` is asked instead where one is set: gives status and body, or writes by itself."""

    def __init__(self, local: LocalAuthority, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Any] = []
        """Each POST's path, headers and body."""
        self.answers: Callable[[bytes, Any], tuple[int, bytes] | None] | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.asked.append((self.path, dict(self.headers), body))
                answer = server.answers(body, self) if server.answers else (200, local.reply(body))
                if answer is None:
                    return
                status, data = answer
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_args: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}/tsr"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)
