"""Content credentials in a package's MP4s: C2PA's own reader takes them, and nothing else of the package suffers."""

import json
import shutil
import struct
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import c2pa
import jsonschema_rs
import pytest

from backend.lib.config import ROOT
from cameras.evidence import c2pa_claim, verify
from cameras.evidence.package import fingerprint
from cameras.evidence.takes import Take
from cameras.video.fmp4 import Frame
from tests.cameras.evidence.claims import CLAIMED, EXTRAS, read
from tests.cameras.evidence.packing import CAMERA, FACTS, KEY, pack, packed, street, take, zipped
from tests.cameras.evidence.tampering import flip, manifest_of
from tests.cameras.store.footage import Recording, encoded, muxed

FILES = ["K1-002.mp4", "K1.mp4", "K2-002.mp4", "K2.mp4"]


@pytest.fixture(scope="module")
def claimed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("claimed")
    return packed(root / "store", root / "out", claims=CLAIMED, extras=EXTRAS)


@pytest.fixture
def package(claimed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(claimed, tmp_path / "goi"))


@pytest.fixture
def one(tmp_path: Path) -> Take:
    return take(street(tmp_path / "store", 1)[0])


def verdict(path: Path) -> int:
    return verify.main([str(path), "--key", fingerprint(KEY)])


def faults(path: Path) -> list[str]:
    return verify.Check(verify.Package(str(path))).run().faults


def boxes(file: Path) -> dict[str, tuple[int, int]]:
    """Each box of the file: where it begins, and how long it is."""
    raw, at, found = file.read_bytes(), 0, {}
    while at < len(raw):
        size, kind = struct.unpack_from(">I4s", raw, at)
        if size == 1:
            (size,) = struct.unpack_from(">Q", raw, at + 8)
        found[kind.decode()] = (at, size)
        at += size
    return found


def test_each_file_is_trusted_by_its_own_reader(claimed: Path) -> None:
    assert sorted(path.name for path in (claimed / "footage").iterdir()) == FILES
    for path in (claimed / "footage").iterdir():
        found = read(path)
        assert (found.state, found.codes["failure"]) == ("Trusted", [])
        assert {"claimSignature.validated", "assertion.bmffHash.match"} <= set(found.codes["success"])
        assert found.manifest["title"] == path.name
        assert list(boxes(path)) == ["ftyp", "uuid", "mdat", "moov"]


def test_whoever_does_not_know_the_root_is_told_so(claimed: Path) -> None:
    found = read(claimed / "footage/K1.mp4", anchor=None)
    assert (found.state, found.codes["failure"]) == ("Valid", ["signingCredential.untrusted"])


def test_it_says_what_was_done_by_whom_and_when_and_nothing_else(claimed: Path) -> None:
    found = read(claimed / "footage/K1.mp4")
    opened, repackaged = found.assertion("c2pa.actions.v2").pop("actions")
    assert (opened["action"], opened["when"]) == ("c2pa.opened", FACTS["package"]["made_at"])
    assert (repackaged["action"], repackaged["when"]) == ("c2pa.repackaged", FACTS["package"]["made_at"])
    assert repackaged["digitalSourceType"].endswith("/digitalCapture") and "digitalSourceType" not in opened
    assert found.assertion("c2pa.actions.v2") == {"allActionsIncluded": True}
    assert found.assertion("cawg.metadata") == {
        "@context": {"dc": "http://purl.org/dc/elements/1.1/"},
        "dc:identifier": f"urn:uuid:{FACTS['package']['id']}", "dc:coverage": "00691", "dc:source": "K1",
    }  # fmt: skip
    (recorded,) = found.manifest["ingredients"]
    assert (recorded["title"], recorded["relationship"]) == ("K1", "parentOf")
    assert {one["label"] for one in found.manifest["assertions"]} == {
        "c2pa.actions.v2", "c2pa.hash.bmff.v3", "cawg.metadata",
    }  # fmt: skip
    (generator,) = found.manifest["claim_generator_info"]
    assert (generator["name"], generator["version"]) == ("Mắt Phố", "0.1.0")


def test_what_was_painted_over_is_not_called_captured(one: Take, tmp_path: Path) -> None:
    masked = replace(one, facts={**one.facts, "masks": {"version": 1, "areas": [[[0, 0], [1, 0], [1, 1]]]}})
    folder = pack(tmp_path / "out", [masked], claims=CLAIMED)
    found = read(folder / "footage/K1.mp4")
    assert [one.get("digitalSourceType") for one in found.assertion("c2pa.actions.v2")["actions"]] == [None, None]
    assert found.state == "Trusted"


def test_no_word_of_a_camera_but_its_number_is_in_the_box(claimed: Path) -> None:
    secret = [CAMERA["make"], "22.82", "104.98", FACTS["request"]["case_number"], FACTS["people"][0]["name"]]
    assert all(word in (claimed / "manifest.json").read_text() for word in secret), "it is where it belongs"
    for path in (claimed / "footage").iterdir():
        at, size = boxes(path)["uuid"]
        box = path.read_bytes()[at : at + size]
        assert b"K1" in box or b"K2" in box
        assert not [word for word in secret if word.encode() in box]


@pytest.mark.parametrize("kind", ["mdat", "moov"])
def test_one_byte_flipped_and_the_reader_says_so(package: Path, kind: str) -> None:
    file = package / "footage/K1.mp4"
    at, size = boxes(file)[kind]
    flip(file, at + size // 2)
    found = read(file)
    assert found.state == "Invalid" and "assertion.bmffHash.mismatch" in found.codes["failure"]


def test_the_recorded_fragments_are_in_it_byte_for_byte(one: Take, tmp_path: Path) -> None:
    """Cut out at the manifest's offsets, init segment and fragments are the recorder's file again."""
    folder = pack(tmp_path / "out", [one], claims=CLAIMED)
    recorded = {source.id: source.media.read_bytes() for source in one.sources}
    (camera,) = manifest_of(folder)["cameras"]
    for file in camera["footage"]:
        raw = (folder / file["path"]).read_bytes()
        spans = [raw[span["offset"] : span["offset"] + span["bytes"]] for span in file["slices"]]
        init = raw[file["init"]["offset"] :][: file["init"]["bytes"]]
        wanted = [recorded[key] for key in recorded if str(key) in [span["id"] for span in file["slices"]]]
        assert b"".join(init + span for span in spans) == b"".join(wanted)


def test_it_plays_as_without(one: Take, tmp_path: Path) -> None:
    with_it, without = pack(tmp_path / "with", [one], claims=CLAIMED), pack(tmp_path / "without", [one])

    def told(*command: str | Path) -> bytes:
        return subprocess.run([*map(str, command)], check=True, capture_output=True).stdout

    for name in ("footage/K1.mp4", "footage/K1-002.mp4"):
        found, wanted = with_it / name, without / name
        for asked in (["-i"], ["-ss", "5", "-i"]):
            frames = [told("ffmpeg", "-v", "error", *asked, path, "-f", "framemd5", "-") for path in (found, wanted)]
            assert frames[0] == frames[1] and frames[0].count(b"\n0,") >= 75
        lengths = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0"]
        assert told(*lengths, found) == told(*lengths, wanted) == b"10.000000\n"


def test_a_package_with_it_is_valid_as_a_folder_and_as_a_zip(claimed: Path, tmp_path: Path) -> None:
    archive = zipped(claimed, tmp_path / "goi.zip")
    assert verdict(claimed) == verdict(archive) == 0
    with zipfile.ZipFile(archive) as opened:
        opened.extract("footage/K2.mp4", tmp_path)
        anchor = opened.read(c2pa_claim.ANCHOR)
    assert read(tmp_path / "footage/K2.mp4", anchor).state == "Trusted"


def test_a_byte_of_the_claim_is_named_by_our_verifier(package: Path) -> None:
    file = package / "footage/K1.mp4"
    at, _size = boxes(file)["uuid"]
    flip(file, at + 700)
    (fault,) = faults(package)
    head = manifest_of(package)["cameras"][0]["footage"][0]["head"]["bytes"]
    assert fault == f"footage/K1.mp4, bytes 0-{head - 1} (head): not what was packed"


def test_that_it_was_taken_out_is_seen(package: Path) -> None:
    file = package / "footage/K1.mp4"
    at, size = boxes(file)["uuid"]
    raw = file.read_bytes()
    file.write_bytes(raw[:at] + raw[at + size :])
    with pytest.raises(c2pa.C2paError):
        read(file)
    assert any("footage/K1.mp4" in fault for fault in faults(package))
    assert manifest_of(package)["cameras"][0]["footage"][0]["c2pa"] is True


def test_the_manifest_says_which_files_have_one_and_older_ones_stay_as_they_were(claimed: Path, one: Take) -> None:
    good = jsonschema_rs.validator_for(json.loads((ROOT / "docs/evidence/manifest.schema.json").read_bytes()))
    manifest = manifest_of(claimed)
    good.validate(manifest)
    assert [file["c2pa"] for camera in manifest["cameras"] for file in camera["footage"]] == [True] * 4
    plain = manifest_of(pack(claimed.parent / "plain", [one]))
    good.validate(plain)
    assert [file for camera in plain["cameras"] for file in camera["footage"] if "c2pa" in file] == []


def test_a_file_of_several_blocks_is_hashed_as_the_reader_hashes_it(tmp_path: Path) -> None:
    """Ten seconds of 60 kB a frame, filled up with a filler unit (NAL type 12)."""
    stream = encoded()
    filler = (59_998).to_bytes(4, "big") + b"\x0c" + b"\xff" * 59_996 + b"\x80"
    heavy = replace(
        stream, frames=tuple(Frame(frame.data + filler, frame.pts, frame.dts, frame.key) for frame in stream.frames)
    )
    recorded = Recording(tmp_path / "store", slice_seconds=60.0).write(muxed(heavy), heavy.init).close()
    folder = pack(tmp_path / "out", [take(tmp_path / "store" / str(recorded.camera_id))], claims=CLAIMED)
    assert (folder / "footage/K1.mp4").stat().st_size > 8_500_000
    assert read(folder / "footage/K1.mp4").state == "Trusted" and verdict(folder) == 0
