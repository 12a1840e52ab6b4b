"""Web Push against an endpoint of our own: it reads what was encrypted, checks who signed, and answers all it can."""

import json
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from backend.lib.clock import now
from notifications.carriers import endpoints
from notifications.carriers.base import Message, Outcome, Result
from notifications.carriers.encryption import MOST, encrypt
from notifications.carriers.endpoints import EndpointRefused, endpoint_of
from notifications.carriers.vapid import Vapid, subject_trouble
from notifications.carriers.webpush import WebPush, outcome_of, seconds_of
from tests.notifications.pushservice import Phone, PushService, b64, claims_of, unb64
from tests.pace import allowed

VAPID = Vapid(bytes(31) + b"\x07", "mailto:it@phuong.vn")
HOSTS = ["fcm.googleapis.com", ".push.services.mozilla.com"]


@pytest.fixture(scope="module")
def shared_service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.stop()


@pytest.fixture
def service(shared_service: PushService) -> PushService:
    shared_service.got.clear()
    shared_service.answers.clear()
    return shared_service


def message(service: PushService, phone: Phone, path: str = "/phone", **more: Any) -> Message:
    known = {
        "id": uuid4(), "address": {"endpoint": service.url(path), **phone.keys},
        "payload": {"title": "Cháy, nổ", "body": "Ngõ 12"}, "topic": "AZqWx-_1", "urgency": "high", "ttl_s": 3600,
    }  # fmt: skip
    return Message(**known | more)


def carrier(service: PushService, **more: Any) -> WebPush:
    return WebPush(vapid=VAPID, hosts=[*HOSTS, service.entry], **more)


class TestEncryption:
    def test_the_rfcs_own_example_comes_out_byte_for_byte(self) -> None:
        """RFC 8291, section 5 and appendix A."""
        sender = int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
        body = encrypt(
            b"When I grow up, I want to be a watermelon",
            p256dh="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            auth="BTBZMqHH6r4Tts7J_aSIgg",
            sender=ec.derive_private_key(sender, ec.SECP256R1()),
            salt=unb64("DGv6ra1nlYgDCS1FRnbzlw"),
        )
        assert b64(body) == (
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
            "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
            "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        )

    def test_the_receiver_here_reads_the_rfcs_example_too(self) -> None:
        phone = Phone(unb64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), unb64("BTBZMqHH6r4Tts7J_aSIgg"))
        body = unb64(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
            "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
            "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        )
        assert phone.read(body) == b"When I grow up, I want to be a watermelon"

    @given(plain=st.binary(max_size=400), auth=st.binary(min_size=16, max_size=16))
    def test_the_phone_reads_what_was_meant_and_nobody_else_does(self, plain: bytes, auth: bytes) -> None:
        phone = Phone(auth=auth)
        body = encrypt(plain + b"!", **phone.keys)
        assert phone.read(body) == plain + b"!"
        with pytest.raises(Exception, match=r"^$"):  # cryptography's InvalidTag says nothing
            Phone(auth=auth).read(body)

    def test_a_message_is_one_record_of_4096_bytes_at_the_most(self) -> None:
        phone = Phone()
        assert len(encrypt(b"x" * MOST, **phone.keys)) == 4096
        with pytest.raises(ValueError, match="3994 bytes"):
            encrypt(b"x" * (MOST + 1), **phone.keys)

    def test_no_two_messages_look_alike(self) -> None:
        phone = Phone()
        first, second = encrypt(b"same", **phone.keys), encrypt(b"same", **phone.keys)
        assert first[:16] != second[:16] and first[21:86] != second[21:86] and first[86:] != second[86:]


class TestSending:
    def test_the_phone_gets_it_and_the_service_only_headers(self, service: PushService) -> None:
        phone = Phone()
        assert carrier(service).send(message(service, phone)) == Outcome(Result.SENT)
        (got,) = service.got
        assert json.loads(phone.read(got.body)) == {"title": "Cháy, nổ", "body": "Ngõ 12"}
        assert "Cháy".encode() not in got.body
        assert {name: got.headers.get(name) for name in ("ttl", "urgency", "topic", "content-encoding")} == {
            "ttl": "3600", "urgency": "high", "topic": "AZqWx-_1", "content-encoding": "aes128gcm"
        }  # fmt: skip

    def test_the_service_knows_who_sends(self, service: PushService) -> None:
        moment = datetime(2026, 11, 25, 4, tzinfo=UTC)
        vapid = Vapid(bytes(31) + b"\x08", "mailto:it@phuong.vn")
        sender = WebPush(vapid=vapid, hosts=[service.entry], now=lambda: moment)
        for _ in range(2):
            sender.send(message(service, Phone()))
        first, second = (got.headers["authorization"] for got in service.got)
        assert first == second  # signed once and kept
        claims, public = claims_of(first)
        assert claims == {
            "aud": f"http://{service.entry}", "sub": "mailto:it@phuong.vn",
            "exp": int((moment + timedelta(hours=12)).timestamp()),
        }  # fmt: skip
        assert b64(public) == vapid.public_key

    def test_a_signature_is_renewed_before_it_ends_and_when_the_clock_is_set_back(self) -> None:
        start = datetime(2026, 11, 25, 4, tzinfo=UTC)
        vapid = Vapid(bytes(31) + b"\x09", "mailto:it@phuong.vn")
        ends = []
        for hours in (0, 5, 7, -48):
            moment = start + timedelta(hours=hours)
            claims, _key = claims_of(vapid.header("https://fcm.googleapis.com", now=moment))
            ends.append((claims["exp"] - moment.timestamp()) / 3600)
        assert ends == [12, 7, 12, 12]

    @pytest.mark.parametrize(
        ("status", "result"),
        [(200, "sent"), (201, "sent"), (204, "sent"), (404, "gone"), (410, "gone"), (400, "refused"), (401, "refused"),
         (403, "refused"), (413, "refused"), (302, "refused"), (307, "refused"), (408, "later"), (429, "later"),
         (500, "later"), (502, "later"), (503, "later")],
    )  # fmt: skip
    def test_each_status_means_what_rfc_8030_says(self, service: PushService, status: int, result: str) -> None:
        service.answers["/phone"] = (status, {"Location": service.url("/elsewhere")})
        outcome = carrier(service).send(message(service, Phone()))
        assert outcome == Outcome(Result(result), "" if result == "sent" else f"http_{status}")
        assert service.paths() == ["/phone"]  # a redirect is not followed

    def test_it_hears_when_to_come_again(self, service: PushService) -> None:
        service.answers["/phone"] = (429, {"Retry-After": "120"})
        assert carrier(service).send(message(service, Phone())) == Outcome(Result.LATER, "http_429", 120.0)

    @pytest.mark.parametrize(
        ("said", "seconds"),
        [("120", 120.0), (" 7 ", 7.0), ("0", 0.0), ("999999999999", 3600.0), ("Wed, 25 Nov 2026 04:01:30 GMT", 90.0),
         ("Wed, 25 Nov 2026 03:00:00 GMT", 0.0), ("-5", None), ("soon", None), ("", None), ("1e9", None),
         ("Wed, 25 Nov 2026 04:01:30", None), ("٣", 3.0)],
    )  # fmt: skip
    def test_retry_after_is_read_in_both_forms(self, said: str, seconds: float | None) -> None:
        assert seconds_of(said, now=datetime(2026, 11, 25, 4, tzinfo=UTC)) == seconds

    def test_every_status_has_a_meaning(self) -> None:
        meant = {status: outcome_of(status, "", now=now()).result for status in range(200, 600)}
        assert {status for status, result in meant.items() if result == Result.SENT} == set(range(200, 300))
        assert {status for status, result in meant.items() if result == Result.LATER and status < 500} == {
            408, 425, 429
        }  # fmt: skip

    def test_a_service_that_drips_is_left_in_time(self, service: PushService) -> None:
        def drip(out: Any) -> None:
            try:
                for _ in range(50):
                    out.write(b"H")
                    out.flush()
                    time.sleep(0.05)
            except OSError:
                return

        service.answers["/phone"] = drip
        began = time.monotonic()
        assert carrier(service, whole_s=0.3).send(message(service, Phone())) == Outcome(Result.LATER, "timeout")
        assert time.monotonic() - began < allowed(1.5)

    @pytest.mark.parametrize("said", [b"", b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 twohundred OK\r\n\r\n", b"x" * 40_000])
    def test_what_is_no_answer_is_tried_again_later(self, service: PushService, said: bytes) -> None:
        service.answers["/phone"] = lambda out: out.write(said)
        assert carrier(service).send(message(service, Phone())).result == Result.LATER

    def test_an_endless_body_is_not_read(self, service: PushService) -> None:
        def endless(out: Any) -> None:
            out.write(b"HTTP/1.1 201 Created\r\nContent-Length: 99999999999\r\n\r\n")
            try:
                for _ in range(200):
                    out.write(b"x" * 100_000)
            except OSError:
                return

        service.answers["/phone"] = endless
        assert carrier(service).send(message(service, Phone())) == Outcome(Result.SENT)

    def test_an_interim_answer_is_not_the_answer(self, service: PushService) -> None:
        service.answers["/phone"] = lambda out: out.write(
            b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
        )
        assert carrier(service).send(message(service, Phone())) == Outcome(Result.GONE, "http_410")

    def test_nobody_listens(self, service: PushService) -> None:
        gone = PushService()
        gone.stop()
        there = message(gone, Phone())
        assert WebPush(vapid=VAPID, hosts=[gone.entry]).send(there) == Outcome(Result.LATER, "network")

    def test_keys_that_are_none_are_permanent(self, service: PushService) -> None:
        bad = message(service, Phone())
        address = {**bad.address, "p256dh": "AAAA"}
        assert carrier(service).send(replace(bad, address=address)) == Outcome(Result.REFUSED, "keys")
        assert service.got == []


class TestTls:
    """A certificate that the system does not know stops a message; the one that is known lets it through."""

    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "push")])
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now() - timedelta(days=1)).not_valid_after(now() + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(key, SHA256())
        )  # fmt: skip
        path = tmp_path / "push.pem"
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(made.public_bytes(Encoding.PEM) + pem)
        return path

    def test_tls(self, certificate: Path) -> None:
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(certificate)
        service = PushService(own)
        try:
            phone = Phone()
            assert carrier(service).send(message(service, phone)) == Outcome(Result.LATER, "tls")
            assert service.got == []
            known = ssl.create_default_context(cafile=str(certificate))
            assert carrier(service, tls=known).send(message(service, phone)) == Outcome(Result.SENT)
            assert json.loads(phone.read(service.got[0].body))["body"] == "Ngõ 12"
        finally:
            service.stop()


class TestEndpoints:
    @pytest.mark.parametrize(
        "url", ["https://fcm.googleapis.com/fcm/send/abc:DEF-_", "https://FCM.googleapis.com:443/x?y=1",
                "https://updates.push.services.mozilla.com/wpush/v2/g"],
    )  # fmt: skip
    def test_the_browsers_own_services_pass(self, url: str) -> None:
        endpoint = endpoint_of(url, HOSTS)
        assert (endpoint.scheme, endpoint.port, endpoint.listed) == ("https", 443, False)
        assert endpoint.origin == f"https://{endpoint.host}"

    @pytest.mark.parametrize(
        "url",
        ["http://fcm.googleapis.com/x", "https://fcm.googleapis.com:8443/x", "https://user@fcm.googleapis.com/x",
         "https://fcm.googleapis.com@127.0.0.1/x", "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x",
         "https://fcm.googleapis.com.evil.vn/x", "https://evilfcm.googleapis.com/x",
         "https://push.services.mozilla.com/x", "ftp://fcm.googleapis.com/",
         "https://169.254.169.254/latest", "https://2130706433/x", "https://fcm.googleapis.com/x#y",
         "https://fcm.googleapis.com\\@evil.vn/x", "https://fcm.googleapis.com/x y",
         "https://fcm.googleapis.com/\r\nX: 1",
         "https://fcm.googleapis.com/ắ", "https://fcm.googleapis.com", "", "x" * 2000, "javascript:alert(1)",
         "https://fcm.googleapis.com./x", "https://fcm。googleapis。com/x"],
    )  # fmt: skip
    def test_what_else_a_browser_could_name_does_not(self, url: str) -> None:
        with pytest.raises(EndpointRefused):
            endpoint_of(url, HOSTS)

    def test_an_exact_entry_passes_only_itself_and_plain_only_on_loopback(self) -> None:
        hosts = [*HOSTS, "127.0.0.1:8123", "push.phuong.vn:8443", "10.0.0.5:80"]
        assert endpoint_of("http://127.0.0.1:8123/x", hosts).listed
        assert endpoint_of("https://push.phuong.vn:8443/x", hosts).authority == "push.phuong.vn:8443"
        for url in ("http://127.0.0.1:8124/x", "http://push.phuong.vn:8443/x", "https://push.phuong.vn/x",
                    "http://10.0.0.5:80/x", "http://127.0.0.2:8123/x"):  # fmt: skip
            with pytest.raises(EndpointRefused):
                endpoint_of(url, hosts)

    @pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "::1", "fd00::1",
                                         "100.64.0.1", "::ffff:10.0.0.1", "0.0.0.1"])  # fmt: skip
    def test_a_name_that_points_inside_is_not_dialled(self, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        """A name is looked up anew for every message: it may have been moved since the phone subscribed."""
        monkeypatch.setattr(endpoints, "look_up", lambda host, port: ["8.8.8.8", address])
        moved = Message(
            id=uuid4(), address={"endpoint": "https://fcm.googleapis.com/x", **Phone().keys}, payload={}, ttl_s=1
        )
        assert WebPush(vapid=VAPID, hosts=HOSTS).send(moved) == Outcome(Result.REFUSED, "address")


@pytest.mark.parametrize(
    ("subject", "good"),
    [("mailto:it@phuong.gov.vn", True), ("https://phuong.gov.vn/lien-he", True), ("", False), ("it@phuong.vn", False),
     ("mailto:", False), ("mailto:root@localhost", False), ("https://localhost/x", False), ("https://127.0.0.1", False),
     ("https://192.168.1.5/", False), ("mailto:a@may-chu.local", False), ("http://phuong.vn", False),
     ("https://[::1]/", False), ("https://[/", False), ("mailto:a@b.vn, c@d.vn", False)],
)  # fmt: skip
def test_a_subject_is_an_address_the_service_could_write_to(subject: str, good: bool) -> None:
    assert (subject_trouble(subject) == "") is good
