"""The certificates of a C2PA claim: one for the node's public key, issued by a root that this installation derives.

C2PA takes no self-signed certificate, so there have to be two (C2PA 2.4, section 14.5; RFC 5280). The root vouches for
nothing: its key comes from the node's by HKDF (RFC 5869). What a reader goes by is that the leaf's public key is the
package's ``key.pub``, whose fingerprint stands on the handover record.

The same key gives the same certificates, to the byte, whenever and however often they are made: Ed25519 signs without
chance (RFC 8032), and nothing else in here is drawn by lot. So a job that was killed goes on with the same ones.
Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cameras.evidence.verify import fingerprint

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
ENDS = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""“No well-defined expiration date” (RFC 5280, section 4.1.2.5). Without a time stamp readers compare with their own
clock, and evidence is looked at years later; what ends this key is its loss, which nobody knows beforehand."""
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""RFC 9336."""
SERIAL_BYTES = 16


@dataclass(frozen=True, slots=True)
class Chain:
    leaf: x509.Certificate
    root: x509.Certificate

    def pem(self) -> str:
        """Leaf first, as the library wants it."""
        return "".join(one.public_bytes(Encoding.PEM).decode() for one in (self.leaf, self.root))

    def anchor(self) -> bytes:
        """The root in PEM: what a reader is told to trust."""
        return self.root.public_bytes(Encoding.PEM)


def chain_of(key: bytes) -> Chain:
    """Of a private ``key`` (32 bytes)."""
    node = Ed25519PrivateKey.from_private_bytes(key).public_key()
    above = Ed25519PrivateKey.from_private_bytes(HKDF(SHA256(), 32, salt=None, info=b"matpho c2pa root").derive(key))
    name, issuer = _name("node", node), _name("root", above.public_key())
    root = (
        _begun(issuer, issuer, above.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    leaf = (
        _begun(name, issuer, node)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION, DOCUMENT_SIGNING]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
    )
    return Chain(leaf.sign(above, None), root.sign(above, None))


def _begun(subject: x509.Name, issuer: x509.Name, public: Ed25519PublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(_serial(public))
        .not_valid_before(BEGINS)
        .not_valid_after(ENDS)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _serial(public: Ed25519PublicKey) -> int:
    """A certificate per key, so the key names it: 127 bits of its hash, positive and never nought (RFC 5280, section
    4.1.2.2)."""
    digest = sha256(b"matpho c2pa serial" + _raw(public)).digest()[:SERIAL_BYTES]
    return int.from_bytes(digest) >> 1 | 1


def _name(role: str, public: Ed25519PublicKey) -> x509.Name:
    """Which key, and nobody's name."""
    return x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Mắt Phố"),
        x509.NameAttribute(NameOID.COMMON_NAME, f"{role} {fingerprint(_raw(public))}"),
    ])  # fmt: skip


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _raw(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)
