"""Kiểm tra một gói hình trích xuất. / Checks a package of footage. No network, no installation of anything of ours.

    python verify.py GÓI [--key DẤU-VÂN-KHOÁ]

GÓI is the folder or the .zip. The fingerprint of the key stands on the signed handover record (biên bản giao nhận):
without it the package can be shown to fit together, not whose it is. Needs Python 3.9 and the package ``cryptography``.

Exit status: 0 valid; 1 not valid, with what and where; 2 it fits together, and nobody has said whose key it is.
One file, and so a long one: it goes along with every package.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from cameras.evidence.timestamp import TIMESTAMP, Unfit, token_of

FORMAT = "matpho-evidence/1"
MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "key.pub"
BLOCK = 1 << 20
UNREADABLE = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What a folder or a ZIP can throw: ``RuntimeError`` is an encrypted file, or one packed in a way nobody here knows."""
Said = dict[str, Any]
Records = list[Said]
Known = set[tuple[str, Any]]
"""Faults that the manifest itself states: slice, and fragment or None."""
HEADER_BYTES, RECORD_BYTES, CLOSE = 192, 80, 2
NO_TOKEN = {
    "no_answer": "did not answer", "refused": "refused", "wrong_answer": "answered something else",
    "not_set_up": "was not set up",
}  # fmt: skip
"""Why a package has no time stamp though one was wanted."""


def fingerprint(public: bytes) -> str:
    """SHA-256 of the raw public key, in groups of four, as it is printed."""
    text = hashlib.sha256(public).hexdigest()[:40].upper()
    return "-".join(text[at : at + 4] for at in range(0, 40, 4))


def stamp_of(manifest: Said) -> Said | None:
    """What a manifest says of a time stamp, None where it says nothing. Raises ``ValueError``, ``TypeError``,
    ``LookupError`` where it is no such word."""
    stamp: Said | None = manifest.get("timestamp")
    if stamp is not None and stamp["file"] not in (None, TIMESTAMP):
        raise ValueError(stamp["file"])
    return stamp


def unlisted(manifest: Said) -> list[str]:
    """What belongs to a package and cannot stand in its list of files."""
    stamp = stamp_of(manifest)
    return [MANIFEST, SIGNATURE, *([TIMESTAMP] if stamp and stamp["file"] else [])]


class Package:
    """A folder or a ZIP, read file by file; names are POSIX paths inside it."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.zip = None if self.path.is_dir() else zipfile.ZipFile(self.path)

    def names(self) -> list[str]:
        if self.zip:
            return sorted(info.filename for info in self.zip.infolist() if not info.is_dir())
        files = (one for one in self.path.rglob("*") if one.is_symlink() or not one.is_dir())
        return sorted(one.relative_to(self.path).as_posix() for one in files)

    def open(self, name: str) -> IO[bytes]:
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts:
            raise FileNotFoundError(name)
        if self.zip:
            try:
                return self.zip.open(name)
            except KeyError:
                raise FileNotFoundError(name) from None
        path = self.path / name
        if path.is_symlink():
            raise FileNotFoundError(name)
        return path.open("rb")

    def read(self, name: str, offset: int = 0, size: int = -1) -> bytes:
        with self.open(name) as file:
            file.seek(offset)
            return file.read(size)


class Check:
    """What was found. ``faults`` are sentences that name a file, its bytes or a step."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.faults: list[str] = []
        self.notes: list[str] = []
        self.public = b""
        self.signature = b""
        self.journals: dict[tuple[str, int], Records | None] = {}
        self.entries: dict[str, Said] = {}
        """Audit entries that the package shows whole, by their hash."""

    def run(self) -> Check:
        try:
            manifest = self.signed()
            if manifest is None:
                return self
            self.files(manifest)
            self.timestamp(stamp_of(manifest))
            self.audit(manifest["audit"])
            for camera in manifest["cameras"]:
                self.camera(camera)
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
            self.faults.append(f"{MANIFEST}: does not say what it should ({type(error).__name__}: {error})")
        return self

    def signed(self) -> Said | None:
        """The manifest, where its signature is that of the key beside it."""
        parts = {}
        for name in (MANIFEST, SIGNATURE, KEY):
            try:
                parts[name] = self.package.read(name)
            except UNREADABLE:
                self.faults.append(f"{name} is missing or cannot be read")
        if len(parts) < 3:
            return None
        try:
            key = load_pem_public_key(parts[KEY])
            if not isinstance(key, Ed25519PublicKey):
                raise ValueError
        except (ValueError, TypeError, UnsupportedAlgorithm):
            self.faults.append(f"{KEY}: is no Ed25519 public key")
            return None
        self.public, self.signature = key.public_bytes(Encoding.Raw, PublicFormat.Raw), parts[SIGNATURE]
        try:
            key.verify(self.signature, parts[MANIFEST])
        except InvalidSignature:
            self.faults.append(
                f"{SIGNATURE}: is not the signature of this {MANIFEST} by this {KEY}: one of the three was changed"
            )
            return None
        manifest: Said = json.loads(parts[MANIFEST])
        if manifest["format"] != FORMAT:
            self.faults.append(f"{MANIFEST}: format {manifest['format']}, this program knows {FORMAT}")
            return None
        return manifest

    def files(self, manifest: Said) -> None:
        """Every file that is named is there and as it was, and no other."""
        named = {one["path"]: one for one in manifest["files"]}
        there = self.package.names()
        doubled = {name for name in there if there.count(name) > 1}
        for name in sorted(doubled):
            self.faults.append(f"{name}: stands twice in the package")
        for name in sorted(set(there) - named.keys() - set(unlisted(manifest))):
            self.faults.append(f"{name}: does not belong to this package")
        footage = {one["path"] for camera in manifest["cameras"] for one in camera["footage"]}
        for name, one in sorted(named.items()):
            if name not in there:
                self.faults.append(f"{name} is missing ({one['bytes']} bytes)")
            elif name not in footage:
                self.whole(name, one)
        for camera in manifest["cameras"]:
            for one in camera["footage"]:
                listed = named[one["path"]]
                if (listed["bytes"], listed["sha256"]) != (one["bytes"], one["sha256"]):
                    self.faults.append(f"{MANIFEST}: says two things of {one['path']}")
                for span in one["slices"]:  # a journal that is not named here is not missed there
                    if span["journal"]["file"] not in named:
                        self.faults.append(f"{MANIFEST}: does not name {span['journal']['file']}")

    def whole(self, name: str, one: Said) -> None:
        digest, size = hashlib.sha256(), 0
        try:
            with self.package.open(name) as file:
                for block in iter(lambda: file.read(BLOCK), b""):
                    digest.update(block)
                    size += len(block)
        except UNREADABLE as error:
            self.faults.append(f"{name}: cannot be read whole ({error})")
            return
        if size != one["bytes"]:
            self.faults.append(f"{name}: has {size} bytes instead of {one['bytes']}")
        elif digest.hexdigest() != one["sha256"]:
            self.faults.append(f"{name}: was changed (all that is known is the whole file's hash)")

    def timestamp(self, said: Said | None) -> None:
        """The token over the signature, where the manifest says that there is one."""
        if said is None:
            return
        if said["file"] is None:
            why = NO_TOKEN.get(said["reason"], said["reason"])
            self.notes.append(f"time stamp: none, {said['authority']} {why}")
            return
        try:
            token = token_of(self.package.read(TIMESTAMP, 0, BLOCK), self.signature)
        except UNREADABLE:
            self.faults.append(f"{TIMESTAMP} is missing or cannot be read")
        except Unfit as unfit:
            self.faults.append(f"{TIMESTAMP}: {unfit}")
        else:
            self.notes.append(
                f"time stamp: {token.at} by {token.subject}, certificate SHA-256 {token.certificate}; "
                "whether that authority is to be trusted is for you to say"
            )

    def audit(self, said: Said) -> None:
        """That each audit entry which is shown is the one its hash names."""
        for one in said["entries"]:
            shown = {name: value for name, value in one.items() if name not in ("previous_hash", "hash")}
            text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            if hashlib.sha256((one["previous_hash"] + text).encode()).hexdigest() == one["hash"]:
                self.entries[one["hash"]] = one
            else:
                self.faults.append(f"{MANIFEST}: audit entry {one['seq']} is not the one its hash names")

    def camera(self, camera: Said) -> None:
        """A camera's footage against the journals it was recorded with."""
        known = {(one["slice"], one["fragment"]) for one in camera["faults"]}
        for one in camera["faults"]:
            where = f"fragment {one['fragment']}" if one["fragment"] is not None else "slice"
            self.notes.append(f"{camera['name']}: {where} of {one['slice']}: {one['what']} (found when it was packed)")
        for one in camera["late"]:
            late = f"{len(one['fragments'])} fragments were hashed late, after a stop"
            self.notes.append(f"{camera['name']}: slice {one['slice']}: {late}")
        spans = {span["id"]: span for file in camera["footage"] for span in file["slices"]}
        for span in spans.values():
            self.proof(camera["name"], span)
        there = set(self.package.names())  # what is missing was told with the other files
        for file in camera["footage"]:
            if {file["path"], *(span["journal"]["file"] for span in file["slices"])} - there:
                continue
            try:
                self.footage(file, known)
            except UNREADABLE as error:
                self.faults.append(f"{file['path']}: cannot be read whole ({error})")

    def proof(self, name: str, span: Said) -> None:
        """That the slice's root is among those which an audit entry fixed on the day (RFC 6962, section 2.1)."""
        if span["proof"] is None:
            self.notes.append(f"{name}: slice {span['id']} stands in no audit entry")
            return
        entry = self.entries.get(span["proof"]["entry"])
        found = hashlib.sha256(b"\0" + bytes.fromhex(span["id"].replace("-", "") + span["root"])).digest()
        for side, sibling in span["proof"]["path"]:
            other = bytes.fromhex(sibling)
            found = hashlib.sha256(b"\1" + (other + found if side == "left" else found + other)).digest()
        if entry is None or entry["action"] != "slices.rooted" or entry["data"]["root"] != found.hex():
            self.faults.append(f"{name}: slice {span['id']} is not among those that the audit entry fixed")

    def footage(self, file: Said, known: Known) -> None:
        """One file: init segment, index, then each fragment against the journal's hash of it."""
        name, whole, at = file["path"], hashlib.sha256(), 0
        before = len(self.faults)
        with self.package.open(name) as opened:

            def take(size: int, digest: str | None, what: str) -> bool:
                nonlocal at
                raw = opened.read(size)
                whole.update(raw)
                if len(raw) < size:
                    self.faults.append(f"{name}: ends at byte {at + len(raw)}, in {what}: the rest is missing")
                    return False
                if digest is not None and hashlib.sha256(raw).hexdigest() != digest:
                    self.faults.append(f"{name}, bytes {at}-{at + size - 1} ({what}): not what was packed")
                at += size
                return True

            for part in ("head", "init"):
                if not take(file[part]["bytes"], file[part]["sha256"], part):
                    return
            for span in file["slices"]:
                journal = self.journal(span, known)
                if at != span["offset"]:
                    self.faults.append(f"{name}: slice {span['id']} begins at {at} and not at {span['offset']}")
                for number in range(span["first"], span["first"] + span["count"]):
                    record = journal[number] if journal and number < len(journal) else None
                    what = f"slice {span['id']}, fragment {number}"
                    if record is None:
                        self.faults.append(f"{what}: stands in no journal")
                        return
                    digest = None if (span["id"], number) in known else record["sha256"]
                    if not take(record["length"], digest, what):
                        return
            if not take(file["tail"]["bytes"], file["tail"]["sha256"], "tail"):
                return
            rest = opened.read(BLOCK)
            while rest:
                whole.update(rest)
                at += len(rest)
                rest = opened.read(BLOCK)
        if at != file["bytes"]:
            self.faults.append(f"{name}: has {at} bytes instead of {file['bytes']}")
        elif whole.hexdigest() != file["sha256"] and len(self.faults) == before:
            self.faults.append(f"{name}: was changed where it was faulty already")
        self.init(file, known)
        self.times(file, known)

    def init(self, file: Said, known: Known) -> None:
        """That the init segment is the one which the journal's header names."""
        first = file["slices"][0]
        span = first["journal"]
        header = self.package.read(span["file"], span["offset"], HEADER_BYTES)
        if header[89:121].hex() != file["init"]["sha256"] and (first["id"], None) not in known:
            self.faults.append(f"{file['path']}: its init segment is not the recorder's")

    def times(self, file: Said, known: Known) -> None:
        """That the file begins and ends when its journals say."""
        first, last = file["slices"][0], file["slices"][-1]
        opening, closing = self.journal(first, known), self.journal(last, known)
        if not opening or not closing:
            return
        begins, ends = opening[first["first"]], closing[last["first"] + last["count"] - 1]
        for said, us in ((file["from"], begins["wall_us"]), (file["to"], ends["end_us"])):
            if said["utc"] != utc(us):
                self.faults.append(f"{MANIFEST}: says {said['utc']} of {file['path']}, its journal {utc(us)}")

    def journal(self, span: Said, known: Known) -> Records | None:
        """The records of a slice's journal, whose root is the one in the manifest; None where they cannot be read."""
        key = (span["journal"]["file"], span["journal"]["offset"])
        if key not in self.journals:
            self.journals[key] = self.parsed(span, known, *key)
        return self.journals[key]

    def parsed(self, span: Said, known: Known, name: str, offset: int) -> Records | None:
        try:
            raw = self.package.read(name, offset, span["journal"]["bytes"])
        except UNREADABLE:
            return None
        header, where = raw[:HEADER_BYTES], f"{name}, slice {span['id']}"
        if len(header) < HEADER_BYTES or header[:4] != b"MPIX" or crc(header) != zlib.crc32(header[:-4]):
            self.faults.append(f"{where}: the journal's header is damaged")
            return None
        if header[24:40].hex() != span["id"].replace("-", ""):
            self.faults.append(f"{where}: is the journal of another slice")
            return None
        timescale, root = struct.unpack(">I", header[73:77])[0], hashlib.sha256(header)
        records: Records = []
        for at in range(HEADER_BYTES, len(raw), RECORD_BYTES):
            record = raw[at : at + RECORD_BYTES]
            if len(record) < RECORD_BYTES or crc(record) != zlib.crc32(record[:-4]):
                self.faults.append(f"{where}, record {len(records)} (byte {offset + at}): is damaged")
                return None
            if record[0] == CLOSE:
                break
            root.update(record)
            length, _tfdt, duration, wall = struct.unpack(">IQIq", record[12:36])
            records.append({
                "length": length, "sha256": record[36:68].hex(), "wall_us": wall,
                "end_us": wall + duration * 1_000_000 // timescale,
            })  # fmt: skip
        if root.hexdigest() != span["root"] and (span["id"], None) not in known:
            self.faults.append(f"{where}: its root is not the recorder's")
        return records


def crc(raw: bytes) -> int:
    return int(struct.unpack(">I", raw[-4:])[0])


def utc(us: int) -> str:
    """µs since 1970 as ISO 8601, without a float on the way."""
    days, rest = divmod(us, 86_400_000_000)
    seconds, micro = divmod(rest, 1_000_000)
    shifted = days + 719_468  # civil_from_days (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms")
    era, day = divmod(shifted, 146_097)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    date = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    year += era * 400 + (month <= 2)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{micro:06}"
    return f"{year:04}-{month:02}-{date:02}T{clock}Z"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package")
    parser.add_argument("--key", default="", help="the fingerprint that stands on the signed record")
    options = parser.parse_args(arguments)
    try:
        check = Check(Package(options.package)).run()
    except UNREADABLE as error:
        print(f"KHÔNG ĐỌC ĐƯỢC / CANNOT BE READ: {error}")
        return 1
    found = fingerprint(check.public) if check.public else ""
    expected = "".join(options.key.upper().split()).replace("-", "")
    if expected and found and expected != found.replace("-", ""):
        check.faults.insert(0, f"{KEY}: the package is signed by key {found}, not by {options.key}")
    for note in check.notes:
        print(f"ghi chú / note: {note}")
    for fault in check.faults:
        print(f"sai / wrong: {fault}")
    if check.faults:
        print("KHÔNG HỢP LỆ / NOT VALID")
        return 1
    if not expected:
        print(f"KHỚP NHAU, nhưng chưa biết khoá của ai: so {found} với biên bản giao nhận")
        print(f"IT FITS TOGETHER, but whose key it is nobody has said: compare {found} with the handover record")
        return 2
    print(f"HỢP LỆ, khoá {found} / VALID, key {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
