"""What hostile hands do to a package: for the verifier of one file and for the page, which must find the same."""

import base64
import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cameras.store.journal import Journal
from tests.cameras.evidence.authority import local_authority
from tests.cameras.evidence.packing import KEY, OTHER_KEY

Hands = Callable[[Path], Any]
NONSENSE = ["{}", "[]", "null", '{"format": "matpho-evidence/2"}', "{", '{"format": 7}', "[" * 100_000]


def manifest_of(package: Path) -> dict[str, Any]:
    return json.loads((package / "manifest.json").read_bytes())


def say(package: Path, manifest: Any, key: bytes = KEY) -> None:
    """Another manifest, signed."""
    (package / "manifest.json").write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    sign(package, key)


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1 << random.Random(at).randrange(8)
    path.write_bytes(raw)


def sign(package: Path, key: bytes) -> None:
    """Sign whatever the manifest says now, with everything that has to fit."""
    private = Ed25519PrivateKey.from_private_bytes(key)
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    old = hashlib.sha256((package / "key.pub").read_bytes()).hexdigest()
    said = (package / "manifest.json").read_text().replace(old, hashlib.sha256(public).hexdigest())
    (package / "manifest.json").write_text(said)
    (package / "key.pub").write_bytes(public)
    (package / "manifest.sig").write_bytes(private.sign(said.encode()))


def relist(package: Path, *names: str) -> None:
    """The manifest says of these files what they are now."""
    manifest = manifest_of(package)
    for one in manifest["files"]:
        if one["path"] in names:
            raw = (package / one["path"]).read_bytes()
            one.update(bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest())
    say(package, manifest)


def drop(name: str) -> Hands:
    return lambda package: (package / name).unlink()


def rename(name: str) -> Hands:
    return lambda package: (package / name).rename((package / name).with_name(f"x-{Path(name).name}"))


def flipped(name: str, part: float) -> Hands:
    return lambda package: flip(package / name, int(((package / name).stat().st_size - 1) * part))


def exchange_files(package: Path) -> None:
    first, second = package / "footage/K1.mp4", package / "footage/K2.mp4"
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)


def exchange_fragments(package: Path) -> str:
    """Two slices of a file; gives the first one's id."""
    path = package / "footage/K1.mp4"
    span = manifest_of(package)["cameras"][0]["footage"][0]["slices"]
    raw, (a, b) = path.read_bytes(), (span[0], span[1])
    middle = raw[a["offset"] : b["offset"]], raw[b["offset"] : b["offset"] + b["bytes"]]
    path.write_bytes(raw[: a["offset"]] + middle[1] + middle[0] + raw[b["offset"] + b["bytes"] :])
    return str(a["id"])


def cut(package: Path) -> int:
    """The last third of a file; gives how much is left."""
    path = package / "footage/K1-002.mp4"
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) * 2 // 3])
    return len(raw) * 2 // 3


def lengthen(package: Path) -> None:
    with (package / "footage/K1.mp4").open("ab") as file:
        file.write(bytes(100))


def cut_and_say_otherwise(package: Path) -> None:
    """The last file of a camera is gone, and nobody says that it ever was; the signature is the old one."""
    manifest = manifest_of(package)
    dropped = manifest["cameras"][0]["footage"].pop()["path"]
    manifest["files"] = [one for one in manifest["files"] if one["path"] != dropped]
    (package / dropped).unlink()
    (package / "manifest.json").write_text(json.dumps(manifest))


def cut_and_sign(package: Path) -> None:
    cut_and_say_otherwise(package)
    sign(package, OTHER_KEY)


def another_key(package: Path) -> None:
    sign(package, OTHER_KEY)


def no_keys() -> list[bytes]:
    """One that signs as well, one whose curve nobody here has heard of (RFC 8410 knows no 1.3.101.200), and none."""
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    unheard = base64.b64encode(bytes.fromhex("302b3006") + bytes.fromhex("06042b658148") + b"\x03\x21\x00" + bytes(32))
    return [other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            b"-----BEGIN PUBLIC KEY-----\n" + unheard + b"\n-----END PUBLIC KEY-----\n", b"no key"]  # fmt: skip


def key_of_another_kind(which: int) -> Hands:
    return lambda package: (package / "key.pub").write_bytes(no_keys()[which])


def other_time(package: Path) -> None:
    """Signed by the right key, even."""
    manifest = manifest_of(package)
    manifest["cameras"][1]["footage"][0]["from"]["utc"] = "2026-11-18T03:00:00.000000Z"
    say(package, manifest)


def lead_out(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["files"].append({"path": "../secret", "bytes": 1, "sha256": "0" * 64})
    say(package, manifest)


def unname_journal(package: Path) -> None:
    """Journal and footage that nobody could look into, if nothing had to name the journal."""
    manifest = manifest_of(package)
    manifest["files"] = [one for one in manifest["files"] if one["path"] != "journal/K1.idx"]
    (package / "journal/K1.idx").unlink()
    say(package, manifest)


def say_two_things(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["cameras"][0]["footage"][0]["sha256"] = "0" * 64
    say(package, manifest)


def say_another_hash(package: Path) -> None:
    """Of a whole file, whose parts are all as they were."""
    manifest = manifest_of(package)
    for one in (*manifest["cameras"][0]["footage"], *manifest["files"]):
        if one["path"] == "footage/K1.mp4":
            one["sha256"] = "0" * 64
    say(package, manifest)


def other_offset(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["cameras"][0]["footage"][0]["slices"][1]["offset"] += 1
    say(package, manifest)


def other_root(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["cameras"][0]["footage"][0]["slices"][0]["root"] = "0" * 64
    say(package, manifest)


def other_proof(package: Path) -> str:
    """A slice's way to the audit entry leads elsewhere; gives its id."""
    manifest = manifest_of(package)
    span = manifest["cameras"][0]["footage"][0]["slices"][0]
    span["proof"]["path"][0][1] = "0" * 64
    say(package, manifest)
    return str(span["id"])


def other_entry(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["audit"]["entries"][0]["data"]["count"] += 1
    say(package, manifest)


def hide_entry(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["audit"]["entries"] = []
    say(package, manifest)


def unprove(package: Path) -> None:
    """As of a slice that was packed before it stood in the audit: a note, no fault."""
    manifest = manifest_of(package)
    manifest["cameras"][0]["footage"][0]["slices"][0]["proof"] = None
    say(package, manifest)


def no_hex(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["cameras"][0]["footage"][0]["slices"][0]["proof"]["path"][0][1] = "xy" * 32
    say(package, manifest)


def other_slice(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["cameras"][0]["footage"][0]["slices"][0]["id"] = "0192d3a4-0000-7000-8000-000000000001"
    say(package, manifest)


def other_init(package: Path) -> None:
    """Packed with another init segment than the recorder's, and said so."""
    path, manifest = package / "footage/K1.mp4", manifest_of(package)
    init = manifest["cameras"][0]["footage"][0]["init"]
    raw = bytearray(path.read_bytes())
    raw[init["offset"] + init["bytes"] - 1] ^= 1
    path.write_bytes(raw)
    begin = init["offset"]
    init["sha256"] = hashlib.sha256(raw[begin : begin + init["bytes"]]).hexdigest()
    whole = hashlib.sha256(raw).hexdigest()
    manifest["cameras"][0]["footage"][0]["sha256"] = whole
    next(one for one in manifest["files"] if one["path"] == "footage/K1.mp4")["sha256"] = whole
    say(package, manifest)


def no_such_fragment(package: Path) -> None:
    manifest = manifest_of(package)
    manifest["cameras"][0]["footage"][0]["slices"][0]["count"] += 1000
    say(package, manifest)


def damage_record(package: Path) -> None:
    """Of a journal, and the manifest says what it is now."""
    flip(package / "journal/K1.idx", 192 + 80 + 20)
    relist(package, "journal/K1.idx")


def damage_header(package: Path) -> None:
    flip(package / "journal/K1.idx", 100)
    relist(package, "journal/K1.idx")


def admit_fault(package: Path) -> None:
    """As if fragment 1 had changed before it was packed, and fragment 2 had been hashed late: notes, no faults."""
    manifest = manifest_of(package)
    camera = manifest["cameras"][0]
    where = {"file": "footage/K1.mp4", "slice": camera["footage"][0]["slices"][0]["id"], "fragment": 1}
    camera["faults"] = [{**where, "what": "changed since it was recorded", "from_byte": 0, "to_byte": 0}]
    camera["late"] = [{"slice": where["slice"], "fragments": [2]}]
    say(package, manifest)


def change_what_was_faulty(package: Path) -> None:
    """Nothing but the whole file's hash says what such a fragment was."""
    admit_fault(package)
    span = manifest_of(package)["cameras"][0]["footage"][0]["slices"][0]
    journal = Journal.open(package / "journal/K1.idx").fragments
    flip(package / "footage/K1.mp4", span["offset"] + journal[0].length + 10)


def leave_out(*path: str | int) -> Hands:
    """A member that the manifest must have."""

    def hands(package: Path) -> None:
        manifest: Any = manifest_of(package)
        inner = manifest
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]
        say(package, manifest)

    return hands


TOKEN = "manifest.tsr"


def say_stamp(said: Any) -> Hands:
    """Another word about a time stamp, signed."""
    return lambda package: say(package, manifest_of(package) | {"timestamp": said})


def stamp(package: Path, **how: Any) -> None:
    """As if it had been made with a time stamp: what is done to one begins with this."""
    say_stamp({"authority": "tsa.example.vn", "file": TOKEN})(package)
    (package / TOKEN).write_bytes(local_authority(**how).stamped((package / "manifest.sig").read_bytes()))


def stamped(hands: Hands, **how: Any) -> Hands:
    def both(package: Path) -> None:
        stamp(package, **how)
        hands(package)

    return both


def swap_stamp(package: Path) -> None:
    """The token of another package."""
    (package / TOKEN).write_bytes(local_authority().stamped(b"another package's signature"))


def cut_stamp(part: float) -> Hands:
    def hands(package: Path) -> None:
        raw = (package / TOKEN).read_bytes()
        (package / TOKEN).write_bytes(raw[: int(len(raw) * part)])

    return hands


def lengthen_stamp(package: Path) -> None:
    (package / TOKEN).write_bytes((package / TOKEN).read_bytes() + b"\0")


def refuse_stamp(package: Path) -> None:
    """An answer, and no token in it (RFC 3161, 2.4.2: rejection)."""
    (package / TOKEN).write_bytes(bytes.fromhex("30053003020102"))


def sign_once_more(package: Path) -> None:
    """The manifest written and signed anew by the right key, and the token left as it was."""
    say(package, manifest_of(package) | {"people": []})


LOCKED = {"encrypted": (8, 1), "strongly encrypted": (8, 64), "packed in an unknown way": (10, 99)}


def relist_in_zip(archive: Path, at: int, value: int) -> None:
    """Byte ``at`` of what the ZIP's list says of a file (APPNOTE 4.3.12)."""
    raw = bytearray(archive.read_bytes())
    raw[raw.rindex(b"bien-ban.pdf") - 46 + at] = value
    archive.write_bytes(raw)


def lock(archive: Path, how: str) -> None:
    relist_in_zip(archive, *LOCKED[how])


def make_of_tomorrow(archive: Path) -> None:
    """Needs version 9.9 of the format."""
    relist_in_zip(archive, 6, 99)


FOOTAGE = ("cameras", 0, "footage", 0)
NAMES = ("footage/K2.mp4", "journal/K1.idx", "bien-ban.pdf", "verify.py", "verify.html")
EVERY = (
    "bien-ban.pdf",
    "footage/K1.mp4",
    "journal/K1.idx",
    "manifest.json",
    "manifest.sig",
    "verify.html",
    "verify.py",
)

STAMPS: dict[str, Hands] = {
    "nothing": lambda package: None,
    "drop": drop(TOKEN),
    "rename": rename(TOKEN),
    **{f"flip at {part}": flipped(TOKEN, part) for part in (0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1)},
    **{f"cut at {part}": cut_stamp(part) for part in (0, 0.5, 0.99)},
    "lengthen": lengthen_stamp,
    "swap": swap_stamp,
    "refuse": refuse_stamp,
    "sign once more": sign_once_more,
    "another key": another_key,
    "deny": say_stamp(None),
    "name another file": say_stamp({"authority": "tsa.example.vn", "file": "bien-ban.pdf"}),
    "say no file": say_stamp({"authority": "tsa.example.vn"}),
    "say a word": say_stamp("tsa.example.vn"),
}
"""What is done to a package that has a time stamp."""

TAMPERINGS: dict[str, Hands] = {
    "nothing": lambda package: None,
    **{f"drop {name}": drop(name) for name in (*NAMES, "manifest.json", "manifest.sig", "key.pub")},
    **{f"rename {name}": rename(name) for name in NAMES},
    **{f"flip {name} at {part}": flipped(name, part) for name in EVERY for part in (0.37, 1)},
    "flip key.pub": flipped("key.pub", 0.6),
    "exchange files": exchange_files,
    "exchange fragments": exchange_fragments,
    "cut": cut,
    "lengthen": lengthen,
    "cut and say otherwise": cut_and_say_otherwise,
    "cut and sign": cut_and_sign,
    "another key": another_key,
    **{f"key of another kind {which}": key_of_another_kind(which) for which in range(3)},
    "other time": other_time,
    "lead out": lead_out,
    "unname journal": unname_journal,
    "say two things": say_two_things,
    "say another hash": say_another_hash,
    "other offset": other_offset,
    "other root": other_root,
    "other proof": other_proof,
    "other entry": other_entry,
    "hide entry": hide_entry,
    "unprove": unprove,
    "no hex": no_hex,
    "other slice": other_slice,
    "other init": other_init,
    "no such fragment": no_such_fragment,
    "damage record": damage_record,
    "damage header": damage_header,
    "admit fault": admit_fault,
    "change what was faulty": change_what_was_faulty,
    **{f"leave out {path[-1]}": leave_out(*path) for path in (
        ("request",), ("files",), ("cameras",), ("audit",), ("audit", "entries", 0, "previous_hash"),
        ("audit", "entries", 0, "action"), ("cameras", 0, "faults"), ("cameras", 0, "late"), ("files", 0, "bytes"),
        ("files", 0, "sha256"), (*FOOTAGE, "tail"), (*FOOTAGE, "bytes"), (*FOOTAGE, "slices", 0, "root"),
        (*FOOTAGE, "slices", 0, "count"), (*FOOTAGE, "slices", 0, "proof"), (*FOOTAGE, "slices", 0, "proof", "path"),
        (*FOOTAGE, "from", "utc"),
    )},
    **{f"time stamp: {name}": stamped(hands) for name, hands in STAMPS.items()},
    "time stamp by RSA": stamped(lambda package: None, kind="rsa", digest="sha512", ess="sha1"),
    **{f"no time stamp: {why}": say_stamp({"authority": "tsa.example.vn", "file": None, "reason": why}) for why in (
        "no_answer", "refused", "wrong_answer", "not_set_up", "toString",
    )},
    **{f"nonsense {number}": lambda package, said=said: say(package, said) for number, said in enumerate(NONSENSE)},
}  # fmt: skip
"""By what is done. Some leave a package that fits together; of none may the two verifiers say different things."""
