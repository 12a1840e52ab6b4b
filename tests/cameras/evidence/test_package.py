"""A package of footage: bit-exact, playable, one and only one, whatever stops it on the way."""

import hashlib
import json
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest

from backend.lib.config import ROOT
from cameras.evidence import verify
from cameras.evidence.package import fingerprint, package_write
from cameras.evidence.takes import Take
from cameras.store.journal import HASHED_LATE, Journal
from tests.cameras.evidence.packing import FACTS, KEY, pack, packed, street, take
from tests.cameras.store.footage import WALL_US

SECOND = 1_000_000
NAMES = [
    "footage/K1-002.mp4",
    "footage/K1.mp4",
    "journal/K1.idx",
    "key.pub",
    "manifest.json",
    "manifest.sig",
    "verify.html",
    "verify.py",
]


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_bytes())


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def valid(folder: Path) -> bool:
    return verify.main([str(folder), "--key", fingerprint(KEY)]) == 0


@pytest.fixture
def one(tmp_path: Path) -> Take:
    return take(street(tmp_path / "store", 1)[0])


def test_fragments_are_the_recorders_byte_for_byte(one: Take, tmp_path: Path) -> None:
    folder = pack(tmp_path / "out", [one])
    assert names(folder) == NAMES and valid(folder)
    exported = b"".join((folder / name).read_bytes() for name in ("footage/K1.mp4", "footage/K1-002.mp4"))
    for piece in one.pieces:
        raw = piece.media.read_bytes()[piece.fragment.offset :][: piece.fragment.length]
        assert hashlib.sha256(raw).digest() == piece.fragment.sha256 and raw in exported


def test_every_player_knows_how_long_a_file_is_and_finds_its_middle(one: Take, tmp_path: Path) -> None:
    folder = pack(tmp_path / "out", [one])
    for name in ("footage/K1.mp4", "footage/K1-002.mp4"):
        asked = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames:format=duration",
                 "-of", "json", str(folder / name)]  # fmt: skip
        told = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
        assert told["streams"][0]["nb_read_frames"] == "150"
        assert float(told["format"]["duration"]) == pytest.approx(10, abs=0.2)
        middle = ["ffmpeg", "-v", "error", "-ss", "5", "-i", str(folder / name), "-frames:v", "1", "-f", "md5", "-"]
        whole = ["ffmpeg", "-v", "error", "-i", str(folder / name), "-vf", "select=gte(n\\,75)", "-frames:v", "1", "-f",
                 "md5", "-"]  # fmt: skip
        found, wanted = (subprocess.run(how, check=True, capture_output=True).stdout for how in (middle, whole))
        assert found == wanted


def test_a_range_is_rounded_outward_to_key_frame_and_fragment(tmp_path: Path) -> None:
    asked = (WALL_US + 3_300_000, WALL_US + 5_300_000)
    folder = pack(tmp_path / "out", [take(street(tmp_path / "store", 1)[0], window=asked)])
    covers = manifest_of(folder)["cameras"][0]["covers"]
    assert covers["from"]["utc"] == "2026-11-18T11:06:42.000000Z"  # the key frame before
    assert covers["from"]["local"] == "2026-11-18T18:06:42.000000+07:00"
    assert covers["to"]["utc"] == "2026-11-18T11:06:46.000000Z"
    assert valid(folder)


def test_a_manifest_is_as_its_published_schema_says(one: Take, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "docs" / "evidence" / "manifest.schema.json").read_bytes())
    good = jsonschema_rs.validator_for(schema)
    manifest = manifest_of(pack(tmp_path / "out", [one]))
    good.validate(manifest)
    for spoilt in ("format", "people", "decisions", "operations", "server", "audit", "cameras", "files"):
        assert not good.is_valid({name: value for name, value in manifest.items() if name != spoilt})
    manifest["cameras"][0]["footage"][0]["slices"][0]["root"] = "no hash"
    assert not good.is_valid(manifest)


def test_each_slice_is_shown_to_stand_in_an_audit_entry(one: Take, tmp_path: Path) -> None:
    folder = pack(tmp_path / "out", [one])
    manifest = manifest_of(folder)
    (entry,) = manifest["audit"]["entries"]
    spans = [span for file in manifest["cameras"][0]["footage"] for span in file["slices"]]
    assert {span["proof"]["entry"] for span in spans} == {entry["hash"]}
    bare = [replace(one, sources=tuple(replace(source, proof=None) for source in one.sources))]
    package_write(tmp_path / "bare", bare, FACTS | {"audit": {"head": None, "entries": []}}, key=KEY)
    check = verify.Check(verify.Package(str(tmp_path / "bare"))).run()
    assert check.faults == [] and sum("stands in no audit entry" in note for note in check.notes) == len(one.sources)


def test_the_time_that_is_missing_is_named_with_its_reason(tmp_path: Path) -> None:
    """Ten seconds, ten of silence, ten more; of the last a camera's private hours take five."""
    folder = street(tmp_path / "store", 1)[0]
    private = (WALL_US + 25 * SECOND, WALL_US + 60 * SECOND)
    whole = take(folder, window=(WALL_US, WALL_US + 40 * SECOND))
    shown = tuple(piece for piece in whole.pieces if piece.end_us <= private[0])
    one = replace(whole, pieces=shown, away=((*private, "private_hours"),))
    gaps = manifest_of(pack(tmp_path / "out", [one]))["cameras"][0]["gaps"]
    assert [(gap["from"]["utc"][17:19], gap["to"]["utc"][17:19], gap["reason"]) for gap in gaps] == [
        ("50", "00", "not_recorded"), ("05", "20", "private_hours"),
    ]  # fmt: skip


def test_what_changed_on_the_disk_since_is_found_and_named(one: Take, tmp_path: Path) -> None:
    piece = one.pieces[3]
    raw = bytearray(piece.media.read_bytes())
    raw[piece.fragment.offset + 100] ^= 1
    piece.media.write_bytes(raw)
    folder = pack(tmp_path / "out", [one])
    (fault,) = manifest_of(folder)["cameras"][0]["faults"]
    assert fault["slice"] == str(piece.header.slice_id) and fault["what"] == "changed since it was recorded"
    packed_bytes = (folder / fault["file"]).read_bytes()[fault["from_byte"] : fault["to_byte"]]
    assert packed_bytes == bytes(raw[piece.fragment.offset :][: piece.fragment.length])
    assert valid(folder)  # it is the package that was sealed, and it says itself what is wrong with it


def test_what_is_gone_from_the_disk_is_named_and_the_rest_is_packed(one: Take, tmp_path: Path) -> None:
    last = one.sources[-1].media
    last.write_bytes(last.read_bytes()[:-10])
    folder = pack(tmp_path / "out", [one])
    (fault,) = manifest_of(folder)["cameras"][0]["faults"]
    assert (fault["what"], fault["slice"]) == ("no longer on the disk", str(one.sources[-1].id))
    assert "no_longer_there" in [gap["reason"] for gap in manifest_of(folder)["cameras"][0]["gaps"]]
    assert valid(folder)


def test_another_journal_than_the_database_knows_is_named(one: Take, tmp_path: Path) -> None:
    source = one.sources[0]
    forged = replace(one, sources=(replace(source, root="0" * 64), *one.sources[1:]))
    folder = pack(tmp_path / "out", [forged])
    (fault,) = manifest_of(folder)["cameras"][0]["faults"]
    assert fault["what"] == "its journal is not the one the database knows"
    assert valid(folder)


def test_fragments_hashed_late_are_flagged(one: Take, tmp_path: Path) -> None:
    source = one.sources[0]
    raw = bytearray(source.journal.path.read_bytes())
    journal = Journal.open(source.journal.path)
    late = [type(f)(f.offset, f.length, f.tfdt, f.duration, f.wall_us, f.frames, f.flags | HASHED_LATE, f.sha256)
            for f in journal.fragments[2:4]]  # fmt: skip
    raw[192 + 160 : 192 + 320] = b"".join(fragment.pack() for fragment in late)
    source.journal.path.write_bytes(raw)
    again = take(source.media.parents[2])
    folder = pack(tmp_path / "out", [again])
    assert manifest_of(folder)["cameras"][0]["late"] == [{"slice": str(source.id), "fragments": [2, 3]}]


def test_an_open_slice_is_no_evidence(one: Take, tmp_path: Path) -> None:
    path = one.sources[-1].journal.path
    path.write_bytes(path.read_bytes()[:-80])
    journal = Journal.open(path)
    opened = type(one.sources[-1])(one.sources[-1].media, journal, "")
    with pytest.raises(ValueError, match="not closed"):
        package_write(tmp_path / "out", [replace(one, sources=(*one.sources[:-1], opened))], FACTS, key=KEY)


def test_once_signed_nothing_is_written_any_more(one: Take, tmp_path: Path) -> None:
    folder = pack(tmp_path / "out", [one])
    before = {name: (folder / name).read_bytes() for name in names(folder)}
    package_write(folder, [], {"request": "another"}, key=b"\x07" * 32)
    assert {name: (folder / name).read_bytes() for name in names(folder)} == before


def test_two_processes_are_never_at_one_package(one: Take, tmp_path: Path) -> None:
    folder = tmp_path / "out"

    def another(done: int, total: int) -> None:
        with pytest.raises(BlockingIOError):
            pack(folder, [one])

    pack(folder, [one], progress=another)
    assert valid(folder)


def test_a_manifest_without_its_signature_is_signed_as_it_stands(one: Take, tmp_path: Path) -> None:
    folder = pack(tmp_path / "out", [one])
    signature = (folder / "manifest.sig").read_bytes()
    (folder / "manifest.sig").unlink()
    package_write(folder, [], {}, key=KEY)
    assert (folder / "manifest.sig").read_bytes() == signature and valid(folder)


CHILD = """
import os, signal, sys
from pathlib import Path
from tests.cameras.evidence.packing import pack, take
store, out, kill_at = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
def tell(done, total):
    if done >= kill_at:
        os.kill(os.getpid(), signal.SIGKILL)
folders = sorted(path for path in store.iterdir() if path.name not in ("init", "store.json"))
pack(out, [take(one, f"K{n}") for n, one in enumerate(folders, 1)], progress=tell)
"""


def in_a_child(store: Path, out: Path, *, kill_at: int, **how) -> int:
    command = [sys.executable, "-c", CHILD, str(store), str(out), str(kill_at)]
    return subprocess.run(command, cwd=Path.cwd(), capture_output=True, **how).returncode


def test_killed_anywhere_it_goes_on_to_the_same_package(tmp_path: Path) -> None:
    store = tmp_path / "store"
    folders = sorted(street(store, 3))
    wanted = pack(tmp_path / "wanted", [take(one, f"K{n}") for n, one in enumerate(folders, 1)])
    total = sum(piece.fragment.length for one in folders for piece in take(one).pieces)
    out = tmp_path / "out"
    for part in (0.0, 0.3, 0.5, 0.99):
        assert in_a_child(store, out, kill_at=int(total * part)) == -signal.SIGKILL
        assert not (out / "manifest.json").exists()
    assert in_a_child(store, out, kill_at=total + 1) == 0
    assert names(out) == names(wanted)
    assert [(out / name).read_bytes() for name in names(out)] == [(wanted / name).read_bytes() for name in names(out)]


def test_a_full_disk_half_way_leaves_what_is_done_and_the_next_attempt_completes_it(tmp_path: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    folders = sorted(street(store, 2))
    largest = max(path.stat().st_size for path in store.rglob("*.mp4"))

    def no_large_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest // 3, largest // 3))

    assert in_a_child(store, out, kill_at=1 << 60, preexec_fn=no_large_files) == 1
    assert not (out / "manifest.json").exists()
    assert in_a_child(store, out, kill_at=1 << 60) == 0
    assert valid(out) and len(manifest_of(out)["cameras"]) == len(folders)


def test_it_says_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    packed(tmp_path / "store", tmp_path / "out", progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 0 and told == sorted(told)


def test_the_package_is_made_for_its_maker_alone(tmp_path: Path) -> None:
    folder = packed(tmp_path / "store", tmp_path / "out")
    assert FACTS["package"]["id"] == manifest_of(folder)["package"]["id"]
    assert [name for name in names(folder) if (folder / name).stat().st_mode & 0o077] == []
