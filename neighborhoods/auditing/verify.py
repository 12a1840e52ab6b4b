"""Kiểm tra bản xuất nhật ký. / Checks an export of the audit. No network, no installation of anything of ours.

    python verify.py TỆP [--key DẤU-VÂN-KHÓA] [--head SỐ:MÃ] [--heads TỆP-MÃ-HẰNG-NGÀY]

TỆP is the export (.jsonl). The key's fingerprint and the heads stand on the paper that was signed by hand, in the mail
of that day, or in the second store's file: without a fingerprint the export can be shown to fit together, not whose it
is; without a head that left the machine, not that nothing was written anew before it was exported. --head, --heads and
--key may be given several times. Needs Python 3.9 and the package ``cryptography``.

Exit status: 0 valid; 1 not valid, with what and where; 2 it fits together, and nobody has said whose key it is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EXPORT, ENTRY, HEAD, SEAL = "matpho-audit/1", "entry", "matpho-audit-head/1", "matpho-audit-seal/1"
GENESIS = "0" * 64
HASHED = ("id", "chain", "seq", "at", "ward_id", "neighborhood_id", "actor", "action", "subject", "data")
LEAST_HASH = 32
"""Hex digits of a hash that somebody must have typed from paper: 128 bits, which nobody can meet by trying."""
Said = dict[str, Any]
Mark = tuple[str, str]
"""A hash, or how it begins, and who says so."""


def canonical(value: object) -> bytes:
    """One spelling per value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def fingerprint(public: bytes) -> str:
    """SHA-256 of the raw public key, in groups of four, as it is printed."""
    text = hashlib.sha256(public).hexdigest()[:40].upper()
    return "-".join(text[at : at + 4] for at in range(0, 40, 4))


def entry_hash(entry: Said) -> str:
    """SHA-256 over the previous hash and the canonical JSON of every other field."""
    fields = {name: entry[name] for name in HASHED}
    return hashlib.sha256(entry["previous_hash"].encode() + canonical(fields)).hexdigest()


def is_signed(line: Said) -> bool:
    """Whether ``line`` (a head or a seal) bears the signature of the key it names, over all its other members."""
    body = {name: value for name, value in line.items() if name != "signature"}
    try:
        signature = bytes.fromhex(line["signature"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(line["key"])).verify(signature, canonical(body))
    except (InvalidSignature, ValueError):
        return False
    return bool(signature.hex() == line["signature"])  # one spelling, so that no digit can be changed unseen


class Check:
    """What was found. ``faults`` are sentences that name a chain and an entry, or a line of the file."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.keys: set[str] = set()
        self.marks: dict[str, dict[int, list[Mark]]] = {}
        self.asked: set[str] = set()
        """Who was named at the command line: of these nothing may stay uncompared."""
        self.starts: dict[str, tuple[int, str]] = {}
        self.ends: dict[str, tuple[int, str]] = {}
        self.header: Said | None = None
        self.seal: Said | None = None
        self.whole = hashlib.sha256()
        self.entries = 0
        self.last = "the first line"

    def mark(self, chain: str, seq: int, hash_: str, who: str) -> None:
        """What somebody says of one entry: that it is number ``seq`` and that its hash begins so."""
        self.marks.setdefault(chain, {}).setdefault(seq, []).append((hash_, who))

    def head(self, line: Said, where: str) -> None:
        """A signed head, of the export or of a daily file that left the machine."""
        if line["kind"] != HEAD:
            raise ValueError(f"kind {line['kind']}")
        if not is_signed(line):
            self.faults.append(f"{where}: the head of {line['chain']}, {line['day']}, does not bear its signature")
            return
        self.keys.add(fingerprint(bytes.fromhex(line["key"])))
        self.mark(line["chain"], line["seq"], line["hash"], f"{where}, the head of {line['day']}")

    def heads(self, path: str) -> None:
        """A daily file of the second store. Heads of other chains than the export's are not asked."""
        for number, raw in enumerate(Path(path).read_bytes().splitlines(), 1):
            where = f"{Path(path).name}, line {number}"
            try:
                self.head(json.loads(raw), where)
            except (KeyError, TypeError, ValueError, AttributeError):
                self.faults.append(f"{where}: is no head")

    def run(self, lines: Iterable[bytes]) -> Check:
        for number, raw in enumerate(lines, 1):
            where = f"line {number} (after {self.last})"
            try:
                line = json.loads(raw)
                if not raw.endswith(b"\n") or canonical(line) + b"\n" != raw:
                    raise ValueError("not in the one spelling")
                self.line(line, where)
            except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
                self.faults.append(f"{where}: is not a line of an export ({type(error).__name__}: {error})")
            if self.seal is None:
                self.whole.update(raw)
        self.end()
        return self

    def line(self, line: Said, where: str) -> None:
        kind = line["kind"]
        if self.seal is not None:
            self.faults.append(f"{where}: stands behind the seal")
        elif kind == EXPORT and self.header is None:
            self.header = line
            self.starts = dict.fromkeys(line["chains"], (0, GENESIS))
        elif self.header is None:
            raise ValueError(f"the first line should say {EXPORT}")
        elif kind == HEAD:
            self.head(line, where)
            if line["day"] == self.header["since"] and line["chain"] in self.starts:
                self.starts[line["chain"]] = (line["seq"], line["hash"])
        elif kind == ENTRY:
            self.entry(line)
        elif kind == SEAL:
            self.seal = line
        else:
            raise ValueError(f"kind {kind}")

    def entry(self, entry: Said) -> None:
        chain, seq = entry["chain"], entry["seq"]
        name = f"{chain} #{seq}"
        before, previous = self.ends.get(chain) or self.starts[chain]
        if seq <= before:
            self.faults.append(f"{name}: stands after #{before}")
        elif seq != before + 1:
            missing = f"{before + 1}" if seq == before + 2 else f"{before + 1} to {seq - 1}"
            self.faults.append(f"{name}: missing before it: {missing}")
        elif entry["previous_hash"] != previous:
            self.faults.append(f"{name}: does not follow the entry before it")
        if entry_hash(entry) != entry["hash"]:
            self.faults.append(f"{name}: was changed")
        for hash_, who in self.marks.get(chain, {}).get(seq, []):
            if not entry["hash"].startswith(hash_):
                self.faults.append(f"{name}: is not the entry named by {who}")
        self.ends[chain] = (seq, entry["hash"])
        self.entries += 1
        self.last = name

    def end(self) -> None:
        """What shows only when all is read: a tail that is missing, a seal that is not of these lines."""
        ends = {**self.starts, **self.ends}
        for chain, named in self.marks.items():
            if chain in ends:
                self.edges(chain, named, self.starts[chain], ends[chain][0])
            elif self.asked & {who for marks in named.values() for _hash, who in marks}:
                self.faults.append(f"{chain or 'the chain of the head given'}: is not in this export")
        if self.seal is None:
            self.faults.append(f"the seal is missing: the file ends after {self.last}")
            return
        try:
            self.sealed(self.seal, ends)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.faults.append(f"the seal does not say what it should ({type(error).__name__}: {error})")

    def edges(self, chain: str, named: dict[int, list[Mark]], start: tuple[int, str], last: int) -> None:
        """What is said of entries outside the file: of the one before its first, and of those behind its last."""
        first, before = start
        for seq, marks in sorted(named.items()):
            for hash_, who in marks:
                if seq < first:
                    self.faults.append(f"{chain}: begins after #{first}: there is nothing to compare with {who}")
                elif seq == first and not before.startswith(hash_):
                    self.faults.append(f"{chain} #{seq}: is not the entry named by {who}")
                elif seq > last:
                    self.faults.append(f"{chain}: entries {last + 1} to {seq} are missing at the end, says {who}")

    def sealed(self, seal: Said, ends: dict[str, tuple[int, str]]) -> None:
        if not is_signed(seal):
            self.faults.append("the seal does not bear its signature")
            return
        self.keys.add(fingerprint(bytes.fromhex(seal["key"])))
        for chain, (seq, hash_) in sorted(seal["heads"].items()):
            last, found = ends.get(chain, (0, GENESIS))
            if last < seq:
                self.faults.append(f"{chain}: entries {last + 1} to {seq} are missing at the end, says the seal")
            elif (last, found) != (seq, hash_):
                self.faults.append(f"{chain} #{last}: is not the last entry that was sealed, #{seq}")
        if seal["sha256"] != self.whole.hexdigest() and not self.faults:
            self.faults.append("the lines before the seal are not those that were sealed")

    def expect(self, keys: Sequence[str]) -> None:
        """Every signature is by a key whose fingerprint somebody has given."""
        plain = {"".join(key.upper().split()).replace("-", "") for key in keys}
        for found in sorted(self.keys):
            if found.replace("-", "") not in plain:
                self.faults.insert(0, f"signed by key {found}, not by {' or '.join(keys)}")


def given_head(text: str) -> tuple[str, int, str]:
    """``[CHAIN:]NUMBER:HASH`` as somebody typed it from paper; dashes and spaces in the hash mean nothing."""
    chain, _colon, rest = re.sub(r"\s", "", text).rpartition(":")
    hash_ = rest.replace("-", "").lower()
    chain, _colon, seq = chain.rpartition(":")
    if not seq.isdecimal() or not re.fullmatch(f"[0-9a-f]{{{LEAST_HASH},64}}", hash_):
        raise argparse.ArgumentTypeError(f"{text!r} is not NUMBER:HASH with {LEAST_HASH} to 64 digits of the hash")
    return chain, int(seq), hash_


def first_chain(path: str) -> str:
    """The chain of an export that has one, for heads given without."""
    with Path(path).open("rb") as file:
        chains = json.loads(file.readline())["chains"]
    return str(chains[0]) if len(chains) == 1 else ""


def checked(options: argparse.Namespace) -> Check:
    check = Check()
    for path in options.heads:
        check.heads(path)
    for chain, seq, hash_ in options.head:
        check.asked.add(who := f"the head given, #{seq}")
        check.mark(chain or first_chain(options.export), seq, hash_, who)
    with Path(options.export).open("rb") as file:
        return check.run(file)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--key", action="append", default=[], help="the fingerprint that stands on the signed paper")
    parser.add_argument("--head", action="append", default=[], type=given_head, help="[CHAIN:]NUMBER:HASH, from paper")
    parser.add_argument("--heads", action="append", default=[], help="a daily file of the second store")
    options = parser.parse_args(arguments)
    try:
        check = checked(options)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"KHÔNG ĐỌC ĐƯỢC / CANNOT BE READ: {error}")
        return 1
    if options.key:
        check.expect(options.key)
    for fault in check.faults:
        print(f"sai / wrong: {fault}")
    if check.faults:
        print("KHÔNG HỢP LỆ / NOT VALID")
        return 1
    for chain, (seq, hash_) in sorted({**check.starts, **check.ends}.items()):
        print(f"{chain} #{seq} {hash_}")
    keys = ", ".join(sorted(check.keys))
    if not options.key:
        print(f"KHỚP NHAU ({check.entries} mục), nhưng chưa biết khóa của ai: so {keys} với bản đã ký tay")
        print(f"IT FITS TOGETHER ({check.entries} entries), but whose key it is nobody has said: compare {keys}")
        return 2
    print(f"HỢP LỆ: {check.entries} mục, khóa {keys} / VALID: {check.entries} entries, key {keys}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
