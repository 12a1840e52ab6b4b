"""The certificates behind a claim: the same for the same key, of that key, and as C2PA wants them."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509.oid import ExtensionOID

from cameras.evidence.c2pa_certificates import chain_of
from cameras.evidence.package import fingerprint
from tests.cameras.evidence.packing import KEY, OTHER_KEY, packed


def test_the_same_key_has_the_same_certificates_to_the_byte() -> None:
    assert chain_of(KEY).pem() == chain_of(KEY).pem()
    ours, theirs = chain_of(KEY), chain_of(OTHER_KEY)
    numbers = {one.serial_number for one in (ours.leaf, ours.root, theirs.leaf, theirs.root)}
    assert len(numbers) == 4 and all(0 < number < 1 << 127 for number in numbers)


def test_the_leaf_is_the_key_whose_fingerprint_stands_on_paper() -> None:
    leaf = chain_of(KEY).leaf
    assert leaf.public_key() == Ed25519PrivateKey.from_private_bytes(KEY).public_key()
    assert leaf.subject.rfc4514_string().startswith(f"CN=node {fingerprint(KEY)},")


def test_the_root_issued_it_and_is_another_key_than_the_nodes() -> None:
    chain = chain_of(KEY)
    chain.leaf.verify_directly_issued_by(chain.root)
    chain.root.verify_directly_issued_by(chain.root)
    assert chain.root.public_key() != chain.leaf.public_key()
    with pytest.raises((InvalidSignature, ValueError)):
        chain.leaf.verify_directly_issued_by(chain_of(OTHER_KEY).root)


def test_the_leaf_may_sign_documents_and_no_certificates() -> None:
    chain = chain_of(KEY)
    usage = chain.leaf.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical and usage.value.digital_signature and not usage.value.key_cert_sign
    purposes = chain.leaf.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE).value
    assert [one.dotted_string for one in purposes] == ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36"]
    assert not chain.leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    limits = chain.root.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert limits.ca and limits.path_length == 0


def test_a_packages_key_file_holds_the_leafs_key(tmp_path: Path) -> None:
    folder = packed(tmp_path / "store", tmp_path / "out")
    assert load_pem_public_key((folder / "key.pub").read_bytes()) == chain_of(KEY).leaf.public_key()
