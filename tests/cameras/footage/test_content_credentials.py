"""``C2PA=1``: packages of the street's footage carry content credentials, which name nobody who supplied it."""

from dataclasses import replace
from pathlib import Path

import pytest

from cameras.evidence import c2pa_claim
from tests.cameras.evidence.claims import read
from tests.cameras.footage.parcels import fetched, folder_of, manifest_of, packed, verdict
from tests.cameras.footage.street import Street

pytestmark = pytest.mark.django_db


@pytest.fixture
def on(settings) -> None:
    settings.CONFIG = replace(settings.CONFIG, C2PA="1")


def heads(folder: Path, manifest: dict) -> list[bytes]:
    files = [file for camera in manifest["cameras"] for file in camera["footage"]]
    return [(folder / file["path"]).read_bytes()[: file["head"]["bytes"]] for file in files]


def test_a_package_has_them_and_is_fetched_as_any_other(filmed: Street, on: None, tmp_path: Path) -> None:
    package = packed(filmed, filmed.gate, filmed.corner)
    folder, manifest = folder_of(package), manifest_of(package)
    anchor = (folder / c2pa_claim.ANCHOR).read_bytes()
    for camera in manifest["cameras"]:
        found = read(folder / camera["footage"][0]["path"], anchor)
        assert found.state == "Trusted"
        about = found.assertion("cawg.metadata")
        assert about["dc:identifier"] == f"urn:uuid:{package.id}" and about["dc:source"] == camera["name"]
        assert about["dc:coverage"] == filmed.cast.ward.code
        assert found.assertion("c2pa.actions.v2")["actions"][0]["when"] == manifest["package"]["made_at"]
        (generator,) = found.manifest["claim_generator_info"]
        assert manifest["package"]["software"] == f"{generator['name']} {generator['version']}"
    archive = tmp_path / "goi.zip"
    archive.write_bytes(fetched(filmed, package))
    assert verdict(folder) == verdict(archive) == 0


def test_they_name_nobody_who_supplied_it(filmed: Street, on: None) -> None:
    filmed.gate.make, filmed.gate.model, filmed.gate.certificate = "Hikvision", "DS-2CD1", "QC-4711"
    filmed.gate.save()
    package = packed(filmed, filmed.gate, filmed.corner)
    household = filmed.cast.an.household
    secret = [household.name, household.address, str(household.id), filmed.cast.place.name, "Hikvision", "DS-2CD1",
              "QC-4711", "22.82", "104.98"]  # fmt: skip
    secret += [word for camera in (filmed.gate, filmed.corner) for word in (camera.name, str(camera.id))]
    found = heads(folder_of(package), manifest_of(package))
    assert len(found) >= 2 and all(len(head) > 10_000 for head in found)
    assert [word for word in secret for head in found if word.encode() in head] == []
    ids = [camera.id.bytes for camera in (filmed.gate, filmed.corner)]
    assert not [one for one in ids for head in found if one in head]


def test_nothing_of_them_is_in_a_package_unless_somebody_wants_it(filmed: Street) -> None:
    package = packed(filmed, filmed.gate)
    assert not (folder_of(package) / c2pa_claim.ANCHOR).exists()
    assert all(b"uuid" not in head and len(head) < 100 for head in heads(folder_of(package), manifest_of(package)))
