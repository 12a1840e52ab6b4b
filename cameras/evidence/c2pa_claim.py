"""What a native MP4 says of itself in the words of C2PA: recorded fragments, opened and repackaged, by whom, when.

The library only signs. Its own way of embedding a manifest reads a file twice, writes it anew and takes 600 MB of
memory for 290 MB of footage, so ``copying`` leaves room for the box, hashes on its way what the claim is bound to, and
the box is written where it belongs (``c2pa_builder_sign_embeddable`` in its “direct mode”, which ``c2pa.h`` has and the
Python package leaves out). Nothing here goes to a network: no time stamp, no OCSP, no remote manifest, no host allowed.

Importing this loads a library of 23 MB: whoever may do without imports it late.
"""

import ctypes
import json
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import c2pa
from c2pa import c2pa as binding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cameras.evidence.c2pa_certificates import chain_of
from cameras.evidence.takes import Run, Take

ANCHOR = "c2pa-root.pem"
"""The root's name in a package."""
FORMAT = "video/mp4"
BOX = UUID("d8fec3d6-1b0e-483c-9297-5828877ec481")
"""Of the box that holds a manifest (C2PA 2.4, section A.5.1)."""
CAPTURED = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
OFFLINE: dict[str, Any] = {
    "core": {"allowed_network_hosts": []},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
"""The library's settings, for whoever reads, too."""


class Claim:
    """One file's. Raises ``C2paError`` where the library refuses."""

    def __init__(self, said: Mapping[str, Any], signs: Callable[[bytes], bytes], chain: str) -> None:
        self._said, self._signs, self._chain = said, signs, chain
        self.room = len(self.box(bytes(32)))

    def box(self, bound: bytes) -> bytes:
        """The whole ``uuid`` box. ``bound``: SHA-256 of every box of the file but ``ftyp`` and this one, before each
        the 8 bytes of where it begins (C2PA 2.4, section 18.6: BMFF hash). Always ``room`` bytes long."""
        signer = c2pa.Signer.from_callback(self._signs, c2pa.C2paSigningAlg.ED25519, self._chain)
        assertions = [*self._said["assertions"], _binding(bound)]
        with (
            c2pa.Context.from_dict(OFFLINE, signer) as context,
            c2pa.Builder(json.dumps({**self._said, "assertions": assertions}), context) as builder,
        ):
            return _embeddable(builder)


def claims_of(facts: Mapping[str, Any], *, key: bytes, product: tuple[str, str]) -> Callable[[Run, Take], Claim]:
    """What makes each file's claim. ``facts``: the manifest's, of which only package, ward and time are told;
    ``key``: the node's, which stays here; ``product``: name and version of what makes the package."""
    signs, chain = Ed25519PrivateKey.from_private_bytes(key).sign, chain_of(key).pem()
    package, ward = facts["package"], facts["ward"]["code"]
    generator = dict(zip(("name", "version"), product, strict=True))

    def claim(run: Run, take: Take) -> Claim:
        masks: Any = take.facts["masks"]
        return Claim(
            {
                "claim_generator_info": [generator], "title": PurePosixPath(run.path).name, "format": FORMAT,
                "ingredients": [_recorded(take.name)],
                "assertions": [
                    _actions(package["made_at"], painted_over=bool(masks["areas"])),
                    _about(package["id"], ward, take.name),
                ],
            },
            signs, chain,
        )  # fmt: skip

    return claim


def anchor_of(key: bytes) -> bytes:
    """The root that claims by this ``key`` lead to, PEM."""
    return chain_of(key).anchor()


def _actions(at: str, *, painted_over: bool) -> dict[str, Any]:
    """Opened and repackaged, and nothing else (C2PA 2.4, section 18.15). Where the recorder fills masks, its pictures
    are not only what a camera captured, so that is not said."""
    opened = {"action": "c2pa.opened", "when": at, "parameters": {"ingredientIds": ["recorded"]}}
    repackaged = {
        "action": "c2pa.repackaged", "when": at, "parameters": {"ingredientIds": ["recorded"]},
        "description": "Nothing is transcoded: init segment and fragments lie in mdat as recorded, moov lists frames.",
    }  # fmt: skip
    if not painted_over:
        repackaged["digitalSourceType"] = CAPTURED
    data = {"actions": [opened, repackaged], "allActionsIncluded": True}
    return {"label": "c2pa.actions.v2", "created": True, "data": data}


def _recorded(camera: str) -> dict[str, Any]:
    return {"label": "recorded", "relationship": "parentOf", "title": camera, "format": FORMAT}


def _about(package: str, ward: str, camera: str) -> dict[str, Any]:
    """In Dublin Core's terms, for C2PA has none of its own for these (CAWG metadata assertion)."""
    data = {
        "@context": {"dc": "http://purl.org/dc/elements/1.1/"},
        "dc:identifier": f"urn:uuid:{package}", "dc:coverage": ward, "dc:source": camera,
    }  # fmt: skip
    return {"label": "cawg.metadata", "created": True, "data": data}


def _binding(bound: bytes) -> dict[str, Any]:
    excluded = [{"xpath": "/uuid", "data": [{"offset": 8, "value": list(BOX.bytes)}]}, {"xpath": "/ftyp"},
                {"xpath": "/mfra"}]  # fmt: skip
    data = {"exclusions": excluded, "alg": "sha256", "hash": list(bound), "name": "jumbf manifest"}
    return {"label": "c2pa.hash.bmff.v3", "created": True, "data": data}


def _embeddable(builder: c2pa.Builder) -> bytes:
    """A signed manifest of a builder whose hash is known, in the box that an MP4 has it in."""
    library = binding._lib
    library.c2pa_builder_sign_embeddable.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.POINTER(ctypes.c_ubyte)),
    ]  # fmt: skip
    library.c2pa_builder_sign_embeddable.restype = ctypes.c_int64
    found = ctypes.POINTER(ctypes.c_ubyte)()
    size = library.c2pa_builder_sign_embeddable(builder._handle, FORMAT.encode(), ctypes.byref(found))
    if size < 0:
        raise c2pa.C2paError(binding._read_native_error() or "the library gives no reason")
    try:
        return ctypes.string_at(found, size)
    finally:
        library.c2pa_free(found)
