"""With TLS_CERT and TLS_KEY the same server speaks TLS, and cuts it off as fast."""

import datetime
import ssl
import threading
import time
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cameras.models import Camera
from tests.cameras.playback.conftest import live_url, uris
from tests.cameras.playback.footage import Recorder, ago
from tests.cameras.playback.test_revoked import by_code
from tests.cast import Cast
from tests.servers import Valkey
from tests.webserver import WebServer


def self_made(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    at = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(at - datetime.timedelta(days=1)).not_valid_after(at + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    return cert, secret


@pytest.mark.slow
def test_a_download_over_tls_is_cut_too(live_cast: Cast, camera: Camera, valkey: Valkey, tmp_path: Path) -> None:
    cert, key = self_made(tmp_path)
    heavy = Recorder(camera, pad=100_000)
    heavy.past(ago(20), 20)
    heavy.close()
    server = WebServer(TLS_CERT=str(cert), TLS_KEY=str(key))
    context = ssl.create_default_context(cafile=str(cert))
    context.check_hostname = False
    try:
        url = live_url(server, live_cast.an, camera)
        with httpx.Client(verify=context) as client:
            listed = uris(client.get(url).text)
            ended = threading.Event()
            got: list[int] = []

            def slowly() -> None:
                try:
                    with client.stream("GET", f"{url.rpartition('/')[0]}/{listed[-1]}") as answer:
                        for chunk in answer.iter_raw(4096):
                            got.append(len(chunk))
                            time.sleep(0.04)
                except httpx.TransportError:
                    ended.set()

            threading.Thread(target=slowly, daemon=True).start()
            while sum(got) < 50_000:
                assert not ended.wait(0.02)
            by_code(live_cast, camera)
            assert ended.wait(2.0)
            with httpx.Client(verify=context) as another:
                assert another.get(url).json()["code"] == "revoked"
    finally:
        server.stop()
